/** What inspect tells people. */
import type { InspectReport } from '../../lib/commands/inspect.js';
import type { Contents, ValueReport } from '../../lib/report/contents.js';
import type { Health } from '../../lib/report/health.js';
import type { NeuronsReport } from '../../lib/report/neurons.js';
import type { Page } from '../command.js';
import { axisLines, groupTitle, restLines, some, uncoveredLines } from './neurons.js';
import { bare, shortened, wrapped } from './table.js';
import { bytes, count, counted } from './units.js';

/** A heading and the lines beside it. */
type Entry = readonly [heading: string, lines: readonly string[]];

const HEADING = 12;

const valueLines = (values: readonly ValueReport[]): readonly string[] =>
  values.map(({ name, dtype, shape }) => {
    const axes = shape ? `[${shape.map((dim) => bare(String(dim))).join(', ')}]` : '[?]';
    return `${bare(name)}  ${dtype ?? 'no tensor'} ${axes}`;
  });

function versionLine({ irVersion, opsets, producer }: Contents): string {
  const named = opsets.map(({ domain, version }) =>
    domain === '' ? `opset ${version}` : `${bare(domain)} ${version}`,
  );
  return [`IR ${irVersion}`, ...named, producer === '' ? 'producer unknown' : `made by ${bare(producer)}`].join(', ');
}

function operatorLine({ operators, functions }: Contents): string {
  const each = operators.map(
    ({ domain, op, count: n }) => `${domain === '' ? '' : `${bare(domain)}::`}${bare(op)} ${n}`,
  );
  const local = functions > 0 ? [counted(functions, 'local function')] : [];
  return [...each, ...local].join(', ') || 'none';
}

function weightLine({ weights: { tensors, parameters, bytes: size, types } }: Contents): string {
  const split = types.length > 1 ? `: ${types.map((type) => `${type.dtype} ${bytes(type.bytes)}`).join(', ')}` : '';
  const dtype = types.length === 1 ? ` of ${types[0]?.dtype}` : '';
  return `${counted(parameters, 'parameter')}; ${counted(tensors, 'tensor')}${dtype}, ${bytes(size)}${split}`;
}

function macLine({ macs }: InspectReport): string {
  if (!macs) return 'unknown: the shapes contradict each other';
  const missing = macs.unknown > 0 ? `, ${counted(macs.unknown, 'node')} of unknown shape left out` : '';
  return `${count(macs.total)}, symbolic dimensions counted as 1${missing}`;
}

function neuronLine({ neuronCount, neurons }: InspectReport): string {
  if (!neuronCount) return 'unknown';
  const { neurons: all, groups } = neuronCount;
  const more = neurons || groups === 0 ? '' : '; --neurons lists them';
  return `${count(all)} in ${counted(groups, 'group')}${more}`;
}

function healthLines({ nonfinite, dead }: Health, { style }: Page): readonly string[] {
  if (nonfinite.length + dead.length === 0) return [style.green('all weights are finite, no neuron is dead')];
  return some([
    ...nonfinite.map(({ tensor, nan, infinite }) => {
      return style.red(`${bare(tensor)} holds ${count(nan)} NaN and ${count(infinite)} infinite`);
    }),
    ...dead.map(({ weight, positions, of }) => {
      return style.red(
        `${bare(weight)}: ${count(positions.length)} of ${counted(of, 'neuron')} dead, all weights zero`,
      );
    }),
  ]);
}

function recipeLine(recipe: unknown): string {
  const text = typeof recipe === 'string' ? recipe : JSON.stringify(recipe);
  return bare(shortened(text, 400));
}

function summary(report: InspectReport, page: Page): readonly Entry[] {
  return [
    ['ONNX', [versionLine(report)]],
    ['inputs', some(valueLines(report.inputs))],
    ['outputs', some(valueLines(report.outputs))],
    ['operators', [operatorLine(report)]],
    ['weights', [weightLine(report)]],
    ['MACs', [macLine(report)]],
    ['neurons', [neuronLine(report)]],
    ...(report.uncovered.length > 0 ? [['not covered', uncoveredLines(report.uncovered)] as const] : []),
    ['health', healthLines(report.health, page)],
    ...(report.recipe === null ? [] : [['recipe', [recipeLine(report.recipe)]] as const]),
  ];
}

function entryLines([heading, lines]: Entry, { width, style }: Page): readonly string[] {
  const room = width - HEADING - 1;
  const all = lines.flatMap((line) => wrapped(line, room, '', '  '));
  return all.map((line, i) => `${i === 0 ? style.bold(heading.padEnd(HEADING)) : ' '.repeat(HEADING)} ${line}`);
}

function neuronLines(report: NeuronsReport, page: Page): readonly string[] {
  const listed = report.groups.flatMap(({ name, size, axes }) => [
    '',
    groupTitle(name, `, ${counted(size, 'neuron')}`, page),
    ...axisLines(axes, page),
  ]);
  return [...listed, ...restLines(report, page)];
}

/** The text of `inspect`. */
export function inspectText(report: InspectReport, page: Page): string {
  const lines = summary(report, page).flatMap((entry) => entryLines(entry, page));
  const neurons = report.neurons ? neuronLines(report.neurons, page) : [];
  return [page.style.bold(bare(report.path)), ...lines, ...neurons].join('\n');
}
