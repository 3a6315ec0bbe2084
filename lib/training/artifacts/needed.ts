/** The part of a graph that some values need. */
import type { Graph, Node } from '../../ir/model.js';
import { usedNames } from '../../ir/walk.js';

/** The nodes that lead to the wanted values, in order. */
export function neededNodes(nodes: readonly Node[], wanted: Iterable<string>): readonly Node[] {
  const needed = new Set(wanted);
  const kept = [...nodes].reverse().filter((node) => {
    const counts = node.outputs.some((name) => needed.has(name));
    if (counts) for (const name of usedNames(node)) needed.add(name);
    return counts;
  });
  return kept.reverse();
}

/** The graph without nodes and constants that none of its outputs needs. */
export function needed(graph: Graph): Graph {
  const outputs = graph.outputs.map(({ name }) => name);
  const nodes = neededNodes(graph.nodes, outputs);
  const used = new Set([...outputs, ...nodes.flatMap(usedNames)]);
  return { ...graph, nodes, initializers: new Map([...graph.initializers].filter(([name]) => used.has(name))) };
}
