/** Rewrites what names a width in the nodes of a graph, by the resize rules. */
import type { Neurons } from '../analysis/neurons.js';
import { memoryBytes } from '../ir/bytes.js';
import { INT64 } from '../ir/dtype.js';
import { amendNode, dropUnused } from '../ir/edit.js';
import type { Attribute, Graph, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { int64Bytes } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';
import { RESIZE_RULES } from '../rules/resize/index.js';
import type { ResizeContext, Rewrite } from '../rules/resize/rule.js';
import { ruleFor } from '../rules/table.js';

/** The axes of the output. */
export type NewAxes = Pick<ResizeContext, 'after' | 'boundary'>;

/** The graph with every node fitted to the new lengths. Throws LAYOUT_UNSUPPORTED. */
export function resizeNodes(neurons: Neurons, { after, boundary }: NewAxes): Graph {
  const { graph, opsets } = neurons.model;
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const replaced = new Set<string>();
  const before = (value: string) => neurons.facts.get(value)?.shape ?? [];
  const nodes = graph.nodes.map((node) => {
    const opset = opsets.get(node.domain) ?? 0;
    const rule = neurons.unsupported.has(node) ? undefined : ruleFor(RESIZE_RULES, node, opset);
    const rewrite = rule?.({
      node,
      opset,
      before,
      after,
      boundary,
      content: (i) => neurons.facts.get(node.inputs[i] ?? '')?.content,
    });
    return rewrite ? rewriteNode(node, rewrite, fresh, made, replaced) : node;
  });
  if (nodes.every((node, i) => node === graph.nodes[i])) return graph;
  return dropUnused({ ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) }, replaced);
}

function rewriteNode(
  node: Node,
  rewrite: Rewrite,
  fresh: (wish: string) => string,
  made: Map<string, Tensor>,
  replaced: Set<string>,
): Node {
  const inputs = [...node.inputs];
  for (const [index, values] of rewrite.inputs ?? []) {
    const name = inputs[index] ?? '';
    const operand = fresh(name || `${node.outputs[0]}.sizes`);
    made.set(operand, { name: operand, dtype: INT64, dims: [values.length], data: memoryBytes(int64Bytes(values)) });
    replaced.add(name);
    inputs[index] = operand;
  }
  const attributes = new Map<string, Attribute>(node.attributes);
  for (const name of rewrite.drop ?? []) attributes.delete(name);
  for (const [name, value] of rewrite.ints ?? []) attributes.set(name, { type: 'ints', value });
  for (const [name, value] of rewrite.int ?? []) attributes.set(name, { type: 'int', value });
  return amendNode(node, { inputs, attributes });
}
