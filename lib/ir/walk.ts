/** The one traversal of graphs: subgraphs, and what they take from outside. */
import type { Graph, Node } from './model.js';

/** Graphs that a node holds as attributes (the branches of If, the bodies of Loop and Scan). */
export function subgraphsOf(node: Node): readonly Graph[] {
  return [...node.attributes.values()].flatMap((attribute) =>
    attribute.type === 'graph' ? [attribute.value] : attribute.type === 'graphs' ? attribute.value : [],
  );
}

/** A graph and all graphs within it, outermost first. Nesting is bounded by the reader. */
export function* graphsOf(graph: Graph): Generator<Graph> {
  yield graph;
  for (const node of graph.nodes) for (const inner of subgraphsOf(node)) yield* graphsOf(inner);
}

/** Names that a graph itself defines: inputs, initializers, node outputs. */
export function definedNames(graph: Graph): ReadonlySet<string> {
  const names = [...graph.inputs.map((value) => value.name), ...graph.initializers.keys(), ...graph.sparseInitializers];
  return new Set([...names, ...graph.nodes.flatMap((node) => node.outputs)]);
}

/** Names that a node uses: its inputs, and what its subgraphs take from outside. */
export function usedNames(node: Node): readonly string[] {
  return [...node.inputs.filter((name) => name !== ''), ...subgraphsOf(node).flatMap(capturedNames)];
}

/** Names that a graph uses without defining them. */
export function capturedNames(graph: Graph): readonly string[] {
  const own = definedNames(graph);
  const used = [...graph.nodes.flatMap(usedNames), ...graph.outputs.map((value) => value.name)];
  return [...new Set(used.filter((name) => !own.has(name)))];
}
