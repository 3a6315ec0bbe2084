/** Neuron groups, and what is no neuron, as inspect and prune tell people. */
import type { AxisReport, NeuronsReport, UncoveredNode } from '../../lib/report/neurons.js';
import type { Page } from '../command.js';
import { bare, shortened, table, wrapped } from './table.js';
import { count } from './units.js';

/** Most entries of one kind that the text shows; `--json` has all. */
const SHOWN = 8;

/** The first entries, and how many more there are. */
export const some = (lines: readonly string[]): readonly string[] =>
  lines.length <= SHOWN
    ? lines
    : [...lines.slice(0, SHOWN - 1), `and ${count(lines.length - SHOWN + 1)} more (--json)`];

/** `group conv1.weight, 8 neurons`: the name cut where it would not fit. */
export function groupTitle(name: string, rest: string, { width, style }: Page): string {
  const start = 'group ';
  return style.bold(`${start}${shortened(bare(name), width - start.length - rest.length)}${rest}`);
}

/** A line for each axis. */
export const axisLines = (axes: readonly AxisReport[], { width }: Page): readonly string[] =>
  table(
    [{}, {}, {}],
    axes.map(({ value, axis, initializer }) => [`  ${bare(value)}`, `axis ${axis}`, initializer ? 'initializer' : '']),
    width,
  );

/** Layers whose outputs are no neurons, and places where neurons influence each other. */
export function restLines(
  { fixed, mixes }: Pick<NeuronsReport, 'fixed' | 'mixes'>,
  { width, style }: Page,
): readonly string[] {
  const kept = fixed.flatMap(({ weight, axis, node, positions, of, why }) => {
    const share = positions === of ? `all ${count(of)}` : `${count(positions)} of ${count(of)}`;
    return wrapped(`${bare(weight)} axis ${axis} (${share}), ${node}: ${why}`, width, '  ', '    ');
  });
  const mixed = mixes.flatMap(({ value, axis, why }) =>
    wrapped(`${bare(value)} axis ${axis}: ${why}`, width, '  ', '    '),
  );
  return [
    ...(kept.length > 0 ? ['', style.bold('outputs of layers that are no neurons'), ...kept] : []),
    ...(mixed.length > 0 ? ['', style.bold('where neurons influence each other'), ...mixed] : []),
  ];
}

/** Nodes that no rule covers, by operator. */
export function uncoveredLines(nodes: readonly UncoveredNode[]): readonly string[] {
  const byOp = new Map<string, UncoveredNode[]>();
  for (const node of nodes) byOp.set(node.op, [...(byOp.get(node.op) ?? []), node]);
  return some(
    [...byOp.values()].map((same) => {
      const more = same.length > 1 ? `, and ${count(same.length - 1)} more` : '';
      return `${same[0]?.node}: ${same[0]?.why}${more}`;
    }),
  );
}
