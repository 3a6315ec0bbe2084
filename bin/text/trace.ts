/** What validate tells people of a trace. */

import type { NodeName, Part, TracePoint, TraceReport } from '../../lib/commands/trace-report.js';
import type { ValidateReport } from '../../lib/commands/validate-report.js';
import type { NodeDifference } from '../../lib/diff/node-differences.js';
import { largest } from '../../lib/runtime/compare.js';
import type { Page } from '../command.js';
import { setText } from './against.js';
import { bare, table, wrapped } from './table.js';
import { count, counted, digits, exactly } from './units.js';

/** `Conv conv1`, or `Conv x` after what it makes where it has no name. */
const nodeText = ({ operator, node, value }: NodeName): string =>
  `${bare(operator)} ${bare(node === '' ? value : node)}`;

const KINDS: Readonly<Record<NodeDifference['kind'], string>> = {
  operator: 'operator',
  attribute: 'attribute',
  weight: 'weight',
  input: 'input',
};

function differenceText({ kind, name, here, there, maxAbs }: NodeDifference): string {
  const what = name === '' ? KINDS[kind] : `${KINDS[kind]} ${bare(name)}`;
  if (kind === 'weight' && maxAbs !== null) return `${what}: elements differ by up to ${digits(maxAbs)}`;
  if (kind === 'weight' && here === there) return `${what}: its elements differ`;
  if (kind === 'input' && here !== '' && there !== '') return `reads ${bare(here)} here, ${bare(there)} there`;
  if (here === '' || there === '')
    return `${what}: only ${here === '' ? `there, ${bare(there)}` : `here, ${bare(here)}`}`;
  return `${what}: ${bare(here)} here, ${bare(there)} there`;
}

function insertedLines({ onlyHere, onlyThere }: Part): readonly string[] {
  const told = (nodes: readonly NodeName[]) => nodes.map(nodeText).join(', ');
  return [
    ...(onlyHere.length > 0 ? [`before it, only here: ${told(onlyHere)}`] : []),
    ...(onlyThere.length > 0 ? [`before it, only there: ${told(onlyThere)}`] : []),
  ];
}

/** Both nodes are the same: then it is not the model that differs. */
const SAME_NODE =
  'the node is the same in both, with the same attributes and weights: it is computed otherwise, or it makes a small error large';

/** How far off its value is, and where most. */
function offText({ maxAbs, worst, elements, mismatches, value, why }: Part): string {
  const off = why !== '' ? why : `off by up to ${digits(maxAbs)}, ${count(mismatches)} of ${count(elements)} elements`;
  const place = worst
    ? `, most at [${worst.index.join(',')}]: ${exactly(worst.actual)}, expected ${exactly(worst.expected)}`
    : '';
  return `${bare(value)}: ${off}${place}`;
}

function partLines(part: Part, { width }: Page): readonly string[] {
  const { inputs, differences } = part;
  const read = inputs.map((input) => {
    const error = input.maxAbs === 0 ? 'equal' : `${input.within ? 'agrees, ' : ''}off by ${digits(input.maxAbs)}`;
    return `made of ${bare(input.value)}: ${error}`;
  });
  const inserted = insertedLines(part);
  const reasons = [...differences.map(differenceText), ...inserted];
  return [offText(part), ...read, ...(reasons.length > 0 ? reasons : [SAME_NODE])].flatMap((line) =>
    wrapped(line, width, '  ', '    '),
  );
}

function absorbedLines(course: readonly TracePoint[], { width }: Page): readonly string[] {
  const some = course.filter(({ absorbed }) => absorbed).length;
  if (some === 0) return [];
  const [what, whose] = some === 1 ? ['differs', 'it'] : ['differ', 'them'];
  const text = `${counted(some, 'value')} ${what} though what is made of ${whose} agrees, as in front of a layer that was folded`;
  return wrapped(text, width, '', '  ');
}

function verdictLines(trace: TraceReport, page: Page): readonly string[] {
  const { verdict, part, before, course } = trace;
  const { style, width } = page;
  if (course.length === 0) return ['no inner value of both could be compared'];
  if (!part) {
    const most = largest(course.filter(({ absorbed }) => !absorbed).map(({ maxAbs }) => maxAbs));
    return [
      `${style.green('no node parts them')}: the values that were compared agree, off by ${digits(most)} at most`,
      ...absorbedLines(course, page),
    ];
  }
  if (verdict === 'breaks') {
    const earlier = before ? [`  (rounding has left the tolerance before, at ${nodeText(before)})`] : [];
    return [
      ...wrapped(`they part at ${style.bold(nodeText(part))}`, width, '', '  '),
      ...earlier,
      ...partLines(part, page),
    ];
  }
  const counting = course.filter(({ absorbed }) => !absorbed);
  const errors = counting.map(({ relative }) => relative).filter((relative) => relative > 0);
  const growth =
    `the error grows without a break: ${digits(errors[0] ?? 0)} of the values' size at first, ` +
    `${digits(largest(errors))} at most, over ${counted(errors.length, 'value')}; ` +
    `it leaves the tolerance at ${nodeText(part)}`;
  return [...wrapped(growth, width, '', '  '), ...wrapped(offText(part), width, '  ', '    ')];
}

/** Values that the table has room for; `--json` has all. */
const ROWS = 16;
/** Of them those around the break. */
const AROUND = 3;

/** Some values of the course: evenly spread, with the neighbours of the break. */
function told(course: readonly TracePoint[], part: Part | null): readonly TracePoint[] {
  if (course.length <= ROWS) return course;
  const at = course.findIndex(({ value }) => value === part?.value);
  const spread = Array.from({ length: ROWS - 2 * AROUND }, (_, i) =>
    Math.round((i * (course.length - 1)) / (ROWS - 2 * AROUND - 1)),
  );
  const near = at < 0 ? [] : Array.from({ length: 2 * AROUND }, (_, i) => at - AROUND + i);
  const kept = new Set([...spread, ...near]);
  return course.filter((_, i) => kept.has(i));
}

function courseLines({ course, part, paired }: TraceReport, { width, style }: Page): readonly string[] {
  if (course.length === 0) return [];
  const columns = [
    { head: 'value' },
    { head: 'operator' },
    ...['max abs', 'of its size', 'off'].map((head) => ({ head, right: true })),
    { head: '' },
  ];
  const rows = told(course, part).map((point) => [
    bare(point.value),
    bare(point.operator),
    digits(point.maxAbs),
    digits(point.relative),
    point.elements === 0 ? '' : `${digits((100 * point.mismatches) / point.elements)} %`,
    point.value === part?.value ? '<-' : point.absorbed ? 'absorbed' : '',
  ]);
  const some = course.length < paired ? ` of ${count(paired)} that have a counterpart` : '';
  const shown = rows.length < course.length ? `, ${count(rows.length)} of them shown` : '';
  return ['', `${counted(course.length, 'value')} compared${some}${shown}`, ...table(columns, rows, width, style.bold)];
}

/** The lines of a trace. */
export function traceLines(trace: TraceReport, { sets }: ValidateReport, page: Page): readonly string[] {
  const { unpaired, set } = trace;
  const name = sets[set];
  const missing =
    unpaired.here + unpaired.there === 0
      ? []
      : [`without a counterpart: ${counted(unpaired.here, 'value')} here, ${count(unpaired.there)} there`];
  const on = name && sets.length > 1 ? ` on ${setText(name)}` : '';
  return [
    '',
    `trace${on}, without optimisation of the graph`,
    ...verdictLines(trace, page),
    ...courseLines(trace, page),
    ...missing,
  ];
}
