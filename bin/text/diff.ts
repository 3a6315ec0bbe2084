/** What diff tells people. */
import type { DiffReport } from '../../lib/commands/diff.js';
import type { OutputsReport } from '../../lib/commands/diff-outputs.js';
import type { HeaderChange, ValueDiff } from '../../lib/diff/header.js';
import type { NodeDiff } from '../../lib/diff/nodes.js';
import type { Permuted } from '../../lib/diff/permutation.js';
import type { TensorDiff } from '../../lib/diff/tensors.js';
import type { Page } from '../command.js';
import { tensorLines } from './diff-tensors.js';
import { bare, shortened, table, wrapped } from './table.js';
import { bytes, count, counted, digits } from './units.js';

const HEADING = 13;

/** Most nodes that are listed unless all are asked for. */
const SHOWN = 24;

/** Changes in the order in which they are counted. */
const CHANGES = ['same', 'renamed', 'moved', 'changed', 'resized', 'added', 'removed'] as const;

const countsText = (changes: readonly string[]): string =>
  CHANGES.map((change) => [change, changes.filter((each) => each === change).length] as const)
    .filter(([, n]) => n > 0)
    .map(([change, n]) => `${count(n)} ${change === 'same' ? 'the same' : change}`)
    .join(', ') || 'none';

const arrow = (before: string | null, after: string | null): string =>
  `${before === null ? 'none' : bare(shortened(before, 100))} -> ${after === null ? 'none' : bare(shortened(after, 100))}`;

const headerLine = ({ what, before, after }: HeaderChange): readonly [string, string] =>
  what.length < HEADING ? [bare(what), arrow(before, after)] : ['', `${bare(what)}: ${arrow(before, after)}`];

function valueLine({ side, change, before, after, notes }: ValueDiff): readonly [string, string] {
  const text = (value: typeof before) => (value ? `${value.name} ${value.type}` : null);
  return [side, [`${change}: ${arrow(text(before), text(after))}`, ...notes.map(bare)].join('; ')];
}

function outputsLine({ within, outputs, tolerance, runs }: OutputsReport): string {
  const [worst] = [...outputs].sort((a, b) => b.maxAbs - a.maxAbs);
  const off = worst ? `${digits(worst.maxAbs)} where the largest value is ${digits(worst.largest)}` : '0';
  const apart = outputs.filter((output) => !output.within);
  const empty = outputs.find(({ finite }) => finite === 0);
  if (within && empty) return `not comparable: ${bare(empty.name)} has no finite element on ${runs} random inputs`;
  if (within)
    return worst?.maxAbs === 0
      ? `equal on ${runs} random inputs`
      : `agree on ${runs} random inputs, off by at most ${off}`;
  const shape = apart.find(({ why }) => why !== '');
  if (shape) return `cannot be compared: ${bare(shape.name)} has ${shape.why}`;
  const names = apart.slice(0, 3).map(({ name }) => bare(name));
  return `${names.join(', ')} off by up to ${off}, on ${runs} random inputs (atol ${digits(tolerance.atol)}, rtol ${digits(tolerance.rtol)})`;
}

function permutationLines({ same, groups, differs }: Permuted): readonly string[] {
  const [moved, found, all] = groups.reduce(
    ([m, f, n], group) => [m + group.moved, f + group.found, n + group.neurons],
    [0, 0, 0],
  );
  const answer = same
    ? `yes: ${count(moved)} of ${counted(all, 'neuron')} stand in another place`
    : `no: ${count(found)} of ${counted(all, 'neuron')} have a counterpart; ${bare(differs)} differs`;
  return [
    answer,
    ...(same
      ? groups
          .filter((group) => group.moved > 0)
          .map((group) => `${bare(group.name)}: ${count(group.moved)} of ${count(group.neurons)}`)
      : []),
  ];
}

/** Shapes, axes and indices are constants, but no weights. */
const isWeight = ({ before, after }: TensorDiff): boolean => /float/.test((before ?? after)?.dtype ?? '');

type Entry = readonly [heading: string, text: string];

function summary(report: DiffReport): readonly Entry[] {
  const { header, values, nodes, tensors, outputs, permutation } = report;
  const differing = values.filter(({ change }) => change !== 'same');
  const others = tensors.filter((tensor) => !isWeight(tensor));
  return [
    ...header.map(headerLine),
    ...differing.map(valueLine),
    ['nodes', countsText(nodes.map(({ change }) => change))],
    ['weights', countsText(tensors.filter(isWeight).map(({ change }) => change))],
    ...(others.some(({ change }) => change !== 'same')
      ? [['constants', countsText(others.map(({ change }) => change))] as const]
      : []),
    ...(outputs ? [['outputs', outputsLine(outputs)] as const] : []),
    ...(permutation ? permutationLines(permutation).map((line, i): Entry => [i === 0 ? 'permutation' : '', line]) : []),
  ];
}

function entryLines([heading, text]: Entry, { width, style }: Page): readonly string[] {
  const lines = wrapped(text, width - HEADING - 1, '', '  ');
  return lines.map((line, i) => `${i === 0 ? style.bold(heading.padEnd(HEADING)) : ' '.repeat(HEADING)} ${line}`);
}

/** A mark before each node: colour alone does not tell everyone. */
const MARKS: Readonly<Record<NodeDiff['change'], string>> = {
  same: ' ',
  renamed: '=',
  moved: '>',
  changed: '~',
  added: '+',
  removed: '-',
};

/** Operator and name; a node without a name is told by what it makes. */
const nameOf = (node: NodeDiff['before']): string =>
  node ? bare(node.name !== '' ? node.name : `(${node.outputs[0] ?? ''})`) : '';

const operatorOf = ({ change, before, after }: NodeDiff): string =>
  `${MARKS[change]} ${bare((after ?? before)?.op ?? '')}`;

/** Columns of the last cell and of the gaps between four, and the least and most for a name. */
const [EVIDENCE, GAPS, NARROW, WIDE] = ['same weight names'.length, 6, 12, 34];

/** Columns for each of both names. */
function nameRoom(nodes: readonly NodeDiff[], width: number): number {
  const operators = Math.max(...nodes.map((node) => operatorOf(node).length));
  return Math.max(NARROW, Math.min(WIDE, Math.floor((width - operators - EVIDENCE - GAPS) / 2)));
}

function nodeLines(nodes: readonly NodeDiff[], all: boolean, page: Page): readonly string[] {
  const { width, style } = page;
  const wanted = all ? nodes : nodes.filter(({ change }) => change !== 'same');
  if (wanted.length === 0) return [];
  const shown = all || wanted.length <= SHOWN + 1 ? wanted : wanted.slice(0, SHOWN);
  const room = nameRoom(shown, width);
  const rows = shown.map((node) => [
    operatorOf(node),
    shortened(nameOf(node.before), room),
    shortened(nameOf(node.after), room),
    node.by ?? node.change,
  ]);
  const heads = [{ head: '  node' }, { head: 'before' }, { head: 'after' }, { head: 'aligned by' }];
  const [head = '', ...body] = table(heads, rows, width, style.bold);
  const paint = { added: style.green, removed: style.red, changed: style.bold } as const;
  const lines = body.flatMap((line, i) => {
    const node = shown[i] as NodeDiff;
    const told = [
      ...node.settings.map(({ name, before, after }) => `${bare(name)}: ${arrow(before, after)}`),
      ...node.notes.map(bare),
    ];
    const colour = Object.hasOwn(paint, node.change)
      ? paint[node.change as keyof typeof paint]
      : (text: string) => text;
    return [colour(line), ...told.flatMap((text) => wrapped(text, width, '      ', '        '))];
  });
  const more = wanted.length - shown.length;
  return ['', head, ...lines, ...(more > 0 ? [`  and ${counted(more, 'more node')} (--all)`] : [])];
}

/** The text of `diff`; `all` lists every node and weight. */
export function diffText(report: DiffReport, all: boolean, page: Page): string {
  const { style } = page;
  const { sentence } = report;
  return [
    style.bold(`${bare(report.before)} -> ${bare(report.after)}`),
    ...wrapped(sentence, page.width, '', '').map(report.same ? style.green : style.red),
    '',
    ...summary(report).flatMap((entry) => entryLines(entry, page)),
    ...nodeLines(report.nodes, all, page),
    ...tensorLines(report.tensors, all, page),
    ...(report.page ? ['', `wrote ${bare(report.page.path)}: ${bytes(report.page.bytes)}`] : []),
  ].join('\n');
}
