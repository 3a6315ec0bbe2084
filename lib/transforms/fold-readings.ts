/** Values that are read in another shape by way of computed indices, reshaped instead: indices would name the old widths. */
import { inferShapes } from '../analysis/shapes.js';
import { memoryBytes } from '../ir/bytes.js';
import { isSymbolic } from '../ir/dim.js';
import { INT64 } from '../ir/dtype.js';
import { makeNode } from '../ir/edit.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { int64Bytes } from '../ir/numeric.js';
import { definedNames } from '../ir/walk.js';
import { READING_RULES } from '../rules/readings.js';
import { ruleFor } from '../rules/table.js';

/** The same function. Runs twice to the same result. Throws SHAPE_CONFLICT. */
export function foldReadings(model: Model): Model {
  const { graph, opsets } = model;
  const ruleOf = (node: Node) => ruleFor(READING_RULES, node, opsets.get(node.domain) ?? 0);
  if (!graph.nodes.some(ruleOf)) return model;
  const facts = inferShapes(model);
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const nodes = graph.nodes.map((node) => {
    const shape = ruleOf(node)?.(node, (index) => facts.get(node.inputs[index] ?? ''));
    const [from = '', output = ''] = [node.inputs[0], node.outputs[0]];
    // One open length can be told by the others.
    if (!shape || shape.filter(isSymbolic).length > 1 || shape.includes(0)) return node;
    const name = fresh(`${output}.shape`);
    const target = shape.map((dim) => (isSymbolic(dim) ? -1 : dim));
    made.set(name, { name, dtype: INT64, dims: [target.length], data: memoryBytes(int64Bytes(target)) });
    return { ...makeNode('Reshape', [from, name], [output]), name: node.name };
  });
  if (made.size === 0) return model;
  return { ...model, graph: { ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) } };
}
