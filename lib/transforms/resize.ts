/** Rewrites what names a width in the nodes of a graph, by the resize rules. */
import type { Neurons } from '../analysis/neurons.js';
import { virtualName } from '../analysis/positions.js';
import { memoryBytes } from '../ir/bytes.js';
import { BOOL, INT64 } from '../ir/dtype.js';
import { amendNode, dropUnused, makeNode } from '../ir/edit.js';
import type { Attribute, Graph, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { int64Bytes } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';
import { RESIZE_RULES } from '../rules/resize/index.js';
import type { ResizeContext, Rewrite } from '../rules/resize/rule.js';
import type { AxisRef } from '../rules/structure/relation.js';
import { ruleFor } from '../rules/table.js';

/** The axes of the output. */
export interface NewAxes extends Pick<ResizeContext, 'after' | 'boundary'> {
  /** The new length of an axis that was `before` long, whether a value has it or only a rule. */
  lengthAt(at: AxisRef, before: number): number;
}

/** The graph with every node fitted to the new lengths. Throws LAYOUT_UNSUPPORTED. */
export function resizeNodes(neurons: Neurons, { after, boundary, lengthAt }: NewAxes): Graph {
  const { graph, opsets } = neurons.model;
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const replaced = new Set<string>();
  const before = (value: string) => neurons.facts.get(value)?.shape ?? [];
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const opset = opsets.get(node.domain) ?? 0;
    const rule = neurons.unsupported.has(node) ? undefined : ruleFor(RESIZE_RULES, node, opset);
    const rewrite = rule?.({
      node,
      opset,
      before,
      after,
      boundary,
      factor: (name, length) => lengthAt({ value: virtualName(node, name), axis: 0 }, length),
      content: (i) => neurons.facts.get(node.inputs[i] ?? '')?.content,
    });
    return rewrite ? rewriteNode(node, rewrite, fresh, made, replaced) : [node];
  });
  if (nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i])) return graph;
  return dropUnused({ ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) }, replaced);
}

/** The node with its new operands and attributes, behind the nodes that patch operands in part. */
function rewriteNode(
  node: Node,
  rewrite: Rewrite,
  fresh: (wish: string) => string,
  made: Map<string, Tensor>,
  replaced: Set<string>,
): readonly Node[] {
  const inputs = [...node.inputs];
  const patches: Node[] = [];
  const constant = (wish: string, tensor: Omit<Tensor, 'name'>): string => {
    const name = fresh(wish);
    made.set(name, { name, ...tensor });
    return name;
  };
  for (const [index, values] of rewrite.inputs ?? []) {
    const old = inputs[index] ?? '';
    const wish = old || `${node.outputs[0]}.sizes`;
    const dims = [values.length];
    const data = memoryBytes(int64Bytes(values.map((value) => value ?? 0)));
    const operand = constant(wish, { dtype: INT64, dims, data });
    if (values.every((value) => value !== undefined)) {
      replaced.add(old);
      inputs[index] = operand;
      continue;
    }
    const given = Uint8Array.from(values, (value) => (value === undefined ? 0 : 1));
    const chosen = constant(`${wish}.known`, { dtype: BOOL, dims, data: memoryBytes(given) });
    const patched = fresh(`${wish}.patched`);
    patches.push(makeNode('Where', [chosen, operand, old], [patched]));
    inputs[index] = patched;
  }
  const attributes = new Map<string, Attribute>(node.attributes);
  for (const name of rewrite.drop ?? []) attributes.delete(name);
  for (const [name, value] of rewrite.ints ?? []) attributes.set(name, { type: 'ints', value });
  for (const [name, value] of rewrite.int ?? []) attributes.set(name, { type: 'int', value });
  for (const [name, value] of rewrite.float ?? []) attributes.set(name, { type: 'float', value });
  return [...patches, amendNode(node, { inputs, attributes })];
}
