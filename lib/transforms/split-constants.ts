/**
 * Constants of which only parts are used, as these parts: PyTorch keeps the projections of queries, keys and values of an
 * attention in one matrix and cuts it up in the graph. A part that is a constant of its own can be the weight of a layer.
 */
import { inferShapes } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { dropUnused } from '../ir/edit.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { usedNames } from '../ir/walk.js';
import { PICK_RULES, type Picked } from '../rules/picks.js';
import { ruleFor } from '../rules/table.js';
import { gatherBytes } from './gather.js';

/** The same function with such parts as initializers. Runs twice to the same result. Throws SHAPE_CONFLICT. */
export function splitConstants(model: Model): Model {
  let made = model;
  // A part may be cut up again.
  for (let next = splitOnce(made); next !== made; next = splitOnce(made)) made = next;
  return made;
}

function splitOnce(model: Model): Model {
  const { graph, opsets } = model;
  const constants = new Map(
    [...constantsOf(graph)].filter(([, { dtype, dims, data }]) => REAL_TYPES.has(dtype) && dims.length > 0 && data),
  );
  const ruleOf = (node: Node) => ruleFor(PICK_RULES, node, opsets.get(node.domain) ?? 0);
  const candidates = graph.nodes.filter((node) => constants.has(node.inputs[0] ?? '') && ruleOf(node));
  if (candidates.length === 0) return model;
  const facts = inferShapes(model);
  const [whole, outputs] = [wholeUses(graph, candidates), new Set(graph.outputs.map(({ name }) => name))];
  const made = new Map<string, Tensor>();
  const gone = new Set<Node>();
  for (const node of candidates) {
    const [from = ''] = node.inputs;
    const tensor = constants.get(from) as Tensor;
    if (whole.has(from) || node.outputs.some((name) => outputs.has(name))) continue;
    const context = {
      node,
      opset: opsets.get(node.domain) ?? 0,
      dims: tensor.dims,
      content: (index: number) => facts.get(node.inputs[index] ?? '')?.content,
      rank: (index: number) => facts.get(node.inputs[index] ?? '')?.shape?.length,
    };
    const parts = ruleOf(node)?.(context);
    if (!parts?.every((part) => fits(part, tensor.dims))) continue;
    node.outputs.forEach((name, i) => {
      const part = parts[i];
      if (name !== '' && part) made.set(name, partOf(tensor, name, part));
    });
    gone.add(node);
  }
  if (gone.size === 0) return model;
  const nodes = graph.nodes.filter((node) => !gone.has(node));
  const initializers = new Map([...graph.initializers, ...made]);
  const roots = new Set([...gone].map((node) => node.inputs[0] ?? ''));
  return { ...model, graph: dropUnused({ ...graph, nodes, initializers }, roots) };
}

/** Names that something uses as they are: what is also used whole stays one. */
function wholeUses(graph: Graph, candidates: readonly Node[]): ReadonlySet<string> {
  const picking = new Set(candidates);
  const names = graph.nodes.flatMap((node) => (picking.has(node) ? usedNames(node).slice(1) : usedNames(node)));
  return new Set([...names, ...graph.outputs.map(({ name }) => name)]);
}

const fits = ({ positions }: Picked, dims: readonly number[]): boolean =>
  [...positions].every(([axis, list]) => list.every((at) => at >= 0 && at < (dims[axis] as number)));

/** A part of a tensor as a tensor of its own, whose bytes are taken when they are needed. */
function partOf(source: Tensor, name: string, { positions, dropped }: Picked): Tensor {
  const { dtype, dims } = source;
  const axes = dims.map((length, axis) => {
    const from = Int32Array.from(positions.get(axis) ?? Array.from({ length }, (_, i) => i));
    return { from, to: Int32Array.from(from.keys()) };
  });
  const made = axes.map(({ from }) => from.length);
  const data = gatherBytes({ name, dtype, dims: made, parts: [{ source, axes, scale: 1 }] });
  return { name, dtype, dims: made.filter((_, axis) => axis !== dropped), data };
}
