/** The only mutations: functions that answer a new graph. */
import type { Attribute, Graph, Model, Node, Tensor } from './model.js';
import { usedNames } from './walk.js';

/** Puts tensors in place of constants, whether initializers or Constant nodes (which become initializers). */
export function replaceConstants(graph: Graph, constants: ReadonlyMap<string, Tensor>): Graph {
  if (constants.size === 0) return graph;
  const initializers = new Map(graph.initializers);
  for (const [name, tensor] of constants) initializers.set(name, tensor);
  const nodes = graph.nodes.filter(
    (node) => node.opType !== 'Constant' || node.domain !== '' || !constants.has(node.outputs[0] ?? ''),
  );
  return { ...graph, nodes, initializers };
}

/** A new node of ONNX's own domain. */
export const makeNode = (
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: ReadonlyMap<string, Attribute> = new Map(),
): Node => ({ name: outputs[0] ?? '', opType, domain: '', inputs, outputs, attributes });

/** A node with other inputs or attributes. */
export const amendNode = (
  node: Node,
  changes: Partial<Pick<Node, 'inputs' | 'outputs' | 'attributes' | 'name'>>,
): Node => ({
  ...node,
  ...changes,
});

/** Up to IR 3 every initializer stands among the graph's inputs too: puts the new ones there. */
export function listInitializers(model: Model): Model {
  const { graph } = model;
  const listed = new Set(graph.inputs.map((value) => value.name));
  const missing = [...graph.initializers].filter(([name]) => !listed.has(name));
  if (model.irVersion > 3 || missing.length === 0) return model;
  const added = missing.map(([name, { dtype, dims }]) => ({ name, dtype, shape: dims }));
  return { ...model, graph: { ...graph, inputs: [...graph.inputs, ...added] } };
}

/** Removes Constant nodes and initializers that nothing uses any more. */
export function dropUnused(graph: Graph, candidates: ReadonlySet<string>): Graph {
  const used = new Set([...graph.nodes.flatMap(usedNames), ...graph.outputs.map((value) => value.name)]);
  const gone = (name: string) => candidates.has(name) && !used.has(name);
  return {
    ...graph,
    nodes: graph.nodes.filter((node) => node.opType !== 'Constant' || !gone(node.outputs[0] ?? '')),
    initializers: new Map([...graph.initializers].filter(([name]) => !gone(name))),
    inputs: graph.inputs.filter((value) => !(graph.initializers.has(value.name) && gone(value.name))),
  };
}

/** Removes what made `candidates` and nothing else, as far back as nothing uses it any more: nodes, constants, initializers. */
export function dropDead(graph: Graph, candidates: ReadonlySet<string>): Graph {
  const outputs = graph.outputs.map((value) => value.name);
  const gone = new Set(candidates);
  // From the back: what a node uses is made in front of it.
  const kept: Node[] = [];
  const used = new Set(outputs);
  for (const node of [...graph.nodes].reverse()) {
    const isDead = node.outputs.some((name) => gone.has(name)) && node.outputs.every((name) => !used.has(name));
    for (const name of usedNames(node)) (isDead ? gone : used).add(name);
    if (!isDead) kept.push(node);
  }
  return dropUnused({ ...graph, nodes: kept.reverse() }, gone);
}
