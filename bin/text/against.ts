/** What validate tells people of outputs beside those that were expected. */
import type { AgainstReport, OutputReport, SetName, ValidateReport } from '../../lib/commands/validate-report.js';
import type { Page } from '../command.js';
import { bare, table, wrapped } from './table.js';
import { count, counted, digits, exactly } from './units.js';

/** `random inputs, seed 3`. */
export const setText = ({ path, seed }: SetName): string =>
  path === null ? `random inputs, seed ${seed}` : bare(path);

function expectedText({ members, weights, ep }: AgainstReport, report: ValidateReport): string {
  const where = ep === report.ep ? '' : ` on ${ep}`;
  const [member = ''] = members;
  if (members.length === 1 && member === report.model && where !== '') return `itself${where} (here on ${report.ep})`;
  const mean = weights ? `the mean, by ${weights.map((weight) => digits(weight)).join(' and ')},` : 'the mean';
  return `${members.length === 1 ? bare(member) : `${mean} of ${counted(members.length, 'model')}`}${where}`;
}

const COLUMNS = [
  { head: 'output' },
  ...['max abs', 'mean abs', 'max rel', 'cosine', 'mismatches', 'of'].map((head) => ({ head, right: true })),
];

const outputRow = ({ name, maxAbs, meanAbs, maxRel, cosine, mismatches, elements }: OutputReport) => [
  bare(name),
  digits(maxAbs),
  digits(meanAbs),
  digits(maxRel),
  cosine === null ? '' : cosine.toFixed(6),
  count(mismatches),
  count(elements),
];

/** What a table has no room for. */
function detailLines(output: OutputReport, sets: readonly SetName[], { width }: Page): readonly string[] {
  const { name, sameTop, worst, worstSet, why } = output;
  const set = worstSet === null || sets.length < 2 ? undefined : sets[worstSet];
  const lines = [
    ...(why === '' ? [] : [`${bare(name)} cannot be compared: ${why}`]),
    ...(worst
      ? [
          `${bare(name)} is furthest off at [${worst.index.join(',')}]: ${exactly(worst.actual)}, expected ` +
            `${exactly(worst.expected)}${set ? ` (${setText(set)})` : ''}`,
        ]
      : []),
    ...(sameTop === null
      ? []
      : [`${bare(name)} has its largest element at the same place in ${digits(100 * sameTop)} % of its rows`]),
  ];
  return lines.flatMap((line) => wrapped(line, width, '', '  '));
}

/** Sets that are told apart; `--json` has all. */
const TOLD = 10;

function setLines(
  { sets: compared }: AgainstReport,
  sets: readonly SetName[],
  { width, style }: Page,
): readonly string[] {
  if (sets.length < 2) return [];
  const heads = ['max abs', 'max rel', 'mismatches', 'would pass'].map((head) => ({ head, right: true }));
  const order = compared.map((each, at) => ({ ...each, at })).sort((a, b) => b.wouldPass - a.wouldPass);
  const told = sets.length > TOLD ? order.slice(0, TOLD) : [...order].sort((a, b) => a.at - b.at);
  const rows = told.map(({ at, maxAbs, maxRel, mismatches, wouldPass }) => [
    setText(sets[at] as SetName),
    digits(maxAbs),
    digits(maxRel),
    count(mismatches),
    digits(wouldPass, 'none'),
  ]);
  const failed = compared.filter(({ within }) => !within).length;
  const shown = sets.length > TOLD ? `, the ${TOLD} furthest apart` : '';
  return [
    '',
    `${counted(sets.length, 'set')} of inputs, ${failed === 0 ? 'all' : count(sets.length - failed)} within the tolerance${shown}`,
    ...table([{ head: 'inputs' }, ...heads], rows, width, style.bold),
  ];
}

/** The lines of a comparison. */
export function againstLines(against: AgainstReport, report: ValidateReport, page: Page): readonly string[] {
  const { tolerance, outputs, wouldPass } = against;
  const { width, style } = page;
  const { sets } = report;
  const passing = Number.isFinite(wouldPass) ? `--atol ${wouldPass} --rtol ${wouldPass}` : 'no tolerance';
  const head = `against ${expectedText(against, report)}, atol ${digits(tolerance.atol)} and rtol ${digits(tolerance.rtol)}`;
  return [
    '',
    ...wrapped(head, width, '', '  '),
    ...table(COLUMNS, outputs.map(outputRow), width, style.bold),
    ...outputs.flatMap((output) => detailLines(output, sets, page)),
    ...setLines(against, sets, page),
    '',
    `${passing} would pass${sets.length > 1 ? ' on all sets' : ''}`,
  ];
}
