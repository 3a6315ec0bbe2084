/**
 * Freezes numbers that a model computes from the widths of its values. A model that divides by the square root of its head
 * size, read off a Shape, was trained with one number; at another width it must go on computing with that.
 */
import { inferShapes } from '../analysis/shapes.js';
import { memoryBytes } from '../ir/bytes.js';
import { type Dim, isSymbolic } from '../ir/dim.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { bytesOf } from '../ir/numeric.js';
import { COUNT_RULES } from '../rules/counts.js';
import { ruleFor } from '../rules/table.js';

/** The same function with each such number as a constant. Throws SHAPE_CONFLICT. Runs twice to the same result. */
export function freezeCounts(model: Model): Model {
  const makers = model.graph.nodes.flatMap((node): readonly [Node, number][] => {
    const dtype = ruleFor(COUNT_RULES, node, model.opsets.get(node.domain) ?? 0)?.(node);
    return dtype === undefined ? [] : [[node, dtype]];
  });
  if (makers.length === 0) return model;
  const facts = inferShapes(model);
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  const made = new Map<string, Tensor>();
  for (const [node, dtype] of makers) {
    const [from = '', name = ''] = [node.inputs[0], node.outputs[0]];
    const { content, shape } = facts.get(from) ?? {};
    if (!content || !shape || content.some(isSymbolic) || shape.some(isSymbolic) || outputs.has(name)) continue;
    const data = memoryBytes(bytesOf(Float64Array.from(content as readonly Dim[], Number), dtype, name));
    made.set(name, { name, dtype, dims: shape as readonly number[], data });
  }
  if (made.size === 0) return model;
  const nodes = model.graph.nodes.filter((node) => !made.has(node.outputs[0] ?? ''));
  const initializers = new Map([...model.graph.initializers, ...made]);
  return { ...model, graph: { ...model.graph, nodes, initializers } };
}
