/** What a trace asks of a graph: who makes a value, and of which compared values it is made. */
import type { Graph, Node } from '../ir/model.js';
import { usedNames } from '../ir/walk.js';
import type { NodeName } from './trace-report.js';

/** Makers of values, and their places in the order of computation, from 1. */
export interface Makers {
  readonly maker: (value: string) => Node | undefined;
  readonly place: (value: string) => number;
}

export function makersOf(graph: Graph): Makers {
  const makers = new Map<string, readonly [Node, number]>();
  graph.nodes.forEach((node, i) => {
    for (const name of node.outputs) if (name !== '') makers.set(name, [node, i + 1]);
  });
  return { maker: (value) => makers.get(value)?.[0], place: (value) => makers.get(value)?.[1] ?? 0 };
}

export const nodeNameOf = (node: Node, value: string): NodeName => ({
  node: node.name,
  operator: node.domain === '' ? node.opType : `${node.domain}::${node.opType}`,
  value,
});

/** What lies behind a value. */
export interface Behind {
  /** The nearest values for which `stops` holds, in the order in which they are met. */
  readonly reached: readonly string[];
  /** The nodes on the way to them, but that of the value itself. */
  readonly passed: readonly Node[];
}

/** Walks from what the maker of `value` reads back to values for which `stops` holds. */
export function behind(value: string, makers: Makers, stops: (value: string) => boolean): Behind {
  const own = makers.maker(value);
  const [reached, passed] = [new Set<string>(), new Set<Node>()];
  const stack = own ? [...usedNames(own)].reverse() : [];
  const seen = new Set<string>();
  for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    if (stops(name)) {
      reached.add(name);
      continue;
    }
    const node = makers.maker(name);
    if (!node) continue;
    if (usedNames(node).length > 0) passed.add(node);
    stack.push(...[...usedNames(node)].reverse());
  }
  return { reached: [...reached], passed: [...passed] };
}
