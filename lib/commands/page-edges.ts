/** What flows where in two graphs that a page shows as one. */
import type { ValueDiff } from '../diff/header.js';
import type { Aligned } from '../diff/models.js';
import { type NodeDiff, typeText } from '../diff/nodes.js';
import type { PageEdge } from '../page/data.js';

/** Which of the page's nodes makes each value, and which use it, on one side. */
class Wires {
  readonly maker = new Map<string, number>();
  readonly uses: (readonly [value: string, to: number])[] = [];

  edges(): ReadonlyMap<string, { readonly from: number; readonly to: number; readonly value: string }> {
    const found = this.uses.flatMap(([value, to]) => {
      const from = this.maker.get(value);
      return from === undefined ? [] : [[`${from} ${to}`, { from, to, value }] as const];
    });
    return new Map(found);
  }
}

/**
 * The edges of both graphs between the nodes of a page: inputs first, then `nodes`, then outputs.
 */
export function pageEdges(
  allValues: readonly ValueDiff[],
  nodes: readonly NodeDiff[],
  sides: Aligned['sides'],
): readonly PageEdge[] {
  const inputs = allValues.filter(({ side }) => side === 'input');
  const outputs = allValues.filter(({ side }) => side === 'output');
  const wires = [new Wires(), new Wires()] as const;
  const note = (side: 0 | 1, at: number, makes: readonly string[], takes: readonly string[]) => {
    for (const name of makes) if (name !== '') wires[side].maker.set(name, at);
    for (const name of new Set(takes)) wires[side].uses.push([name, at]);
  };
  const values = (each: ValueDiff, at: number, isInput: boolean) => {
    const names = [each.before?.name, each.after?.name];
    names.forEach((name, side) => {
      if (name !== undefined) note(side as 0 | 1, at, isInput ? [name] : [], isInput ? [] : [name]);
    });
  };
  inputs.forEach((each, at) => values(each, at, true));
  nodes.forEach(({ before, after }, at) => {
    if (before) note(0, inputs.length + at, before.outputs, before.inputs);
    if (after) note(1, inputs.length + at, after.outputs, after.inputs);
  });
  outputs.forEach((each, at) => values(each, inputs.length + nodes.length + at, false));
  const [before, after] = [wires[0].edges(), wires[1].edges()];
  const made = (key: string, change: PageEdge['change'], side: 0 | 1): PageEdge[] => {
    const edge = [before, after][side]?.get(key);
    if (!edge) return [];
    const label = `${edge.value}  ${typeText(sides[side].facts?.get(edge.value))}`;
    return [{ from: edge.from, to: edge.to, label, change }];
  };
  return [
    ...[...after.keys()].flatMap((key) => made(key, before.has(key) ? 'same' : 'added', 1)),
    ...[...before.keys()].filter((key) => !after.has(key)).flatMap((key) => made(key, 'removed', 0)),
  ];
}
