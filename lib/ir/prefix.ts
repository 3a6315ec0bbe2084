/** A graph with all its names changed, so that it can stand beside another one. */
import type { Attribute, Graph, Node, Value } from './model.js';

/**
 * Puts `prefix` in front of every name that the graph defines, in subgraphs too; names in `shared` become what that says
 * instead (common inputs).
 */
export function prefixed(graph: Graph, prefix: string, shared: ReadonlyMap<string, string>): Graph {
  const rename = (name: string): string => (name === '' ? '' : (shared.get(name) ?? prefix + name));
  return renamed(graph, rename, prefix);
}

/** The graph with every name told by `rename`; names of nodes get `prefix`. Subgraphs too. */
export function renamed(graph: Graph, rename: (name: string) => string, prefix: string): Graph {
  const value = (each: Value): Value => ({ ...each, name: rename(each.name) });
  return {
    ...graph,
    inputs: graph.inputs.map(value),
    outputs: graph.outputs.map(value),
    valueInfo: graph.valueInfo.map(value),
    initializers: new Map(
      [...graph.initializers].map(([name, tensor]) => [rename(name), { ...tensor, name: rename(name) }]),
    ),
    sparseInitializers: graph.sparseInitializers.map(rename),
    nodes: graph.nodes.map((node) => renamedNode(node, rename, prefix)),
  };
}

/** The same for one node. */
export function renamedNode(node: Node, rename: (name: string) => string, prefix: string): Node {
  const attribute = (each: Attribute): Attribute => {
    if (each.type === 'graph') return { ...each, value: renamed(each.value, rename, prefix) };
    if (each.type === 'graphs') return { ...each, value: each.value.map((inner) => renamed(inner, rename, prefix)) };
    return each;
  };
  return {
    ...node,
    name: node.name === '' ? '' : prefix + node.name,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: new Map([...node.attributes].map(([name, each]) => [name, attribute(each)])),
  };
}
