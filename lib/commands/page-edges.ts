/** What flows where in one graph, or in two that a page shows as one. */
import type { FactsMap } from '../analysis/shapes.js';
import type { ValueDiff } from '../diff/header.js';
import type { Aligned } from '../diff/models.js';
import { type KnownSide, type NodeDiff, typeText } from '../diff/nodes.js';
import { usedNames } from '../ir/walk.js';
import type { PageEdge } from '../page/data.js';

/** The values that a node of a page makes and takes. */
export interface Ends {
  readonly makes: readonly string[];
  readonly takes: readonly string[];
}

type Wire = Omit<PageEdge, 'change'>;

/** The wires between nodes of a page, by both their ends; undefined where a node is not of this graph. */
function wiresOf(ends: readonly (Ends | undefined)[], facts: FactsMap | undefined): ReadonlyMap<string, Wire> {
  const maker = new Map(ends.flatMap((each, at) => (each?.makes ?? []).map((name) => [name, at] as const)));
  const wires = ends.flatMap((each, to) =>
    [...new Set(each?.takes ?? [])].flatMap((value): (readonly [string, Wire])[] => {
      const from = value === '' ? undefined : maker.get(value);
      const label = `${value}  ${typeText(facts?.get(value))}`;
      return from === undefined ? [] : [[`${from} ${to}`, { from, to, label }]];
    }),
  );
  return new Map(wires);
}

/** The edges of one graph. */
export const graphEdges = (ends: readonly Ends[], facts: FactsMap | undefined): readonly PageEdge[] =>
  [...wiresOf(ends, facts).values()].map((wire) => ({ ...wire, change: 'same' }));

const valueEnds = ({ side }: ValueDiff, own: ValueDiff['before']): Ends | undefined =>
  own ? { makes: side === 'input' ? [own.name] : [], takes: side === 'output' ? [own.name] : [] } : undefined;

/** A node takes what the graphs within it take, too. */
const nodeEnds = (own: NodeDiff['before'], { side }: KnownSide): Ends | undefined => {
  const node = side.nodes[own?.at ?? -1];
  return node && { makes: node.outputs, takes: usedNames(node) };
};

/** The edges of both graphs between the nodes of a page: inputs first, then `nodes`, then outputs. */
export function pageEdges(
  values: readonly ValueDiff[],
  nodes: readonly NodeDiff[],
  [a, b]: Aligned['sides'],
): readonly PageEdge[] {
  const inputs = values.filter(({ side }) => side === 'input');
  const outputs = values.filter(({ side }) => side === 'output');
  const ends = (of: 'before' | 'after', side: KnownSide) => [
    ...inputs.map((value) => valueEnds(value, value[of])),
    ...nodes.map((node) => nodeEnds(node[of], side)),
    ...outputs.map((value) => valueEnds(value, value[of])),
  ];
  const before = wiresOf(ends('before', a), a.facts);
  const after = wiresOf(ends('after', b), b.facts);
  return [
    ...[...after].map(([key, wire]): PageEdge => ({ ...wire, change: before.has(key) ? 'same' : 'added' })),
    ...[...before].filter(([key]) => !after.has(key)).map(([, wire]): PageEdge => ({ ...wire, change: 'removed' })),
  ];
}
