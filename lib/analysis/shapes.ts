/** Shapes, types and known integers of every value of a graph, by one walk over its nodes. */
import { quoted, shapeConflict } from '../errors.js';
import { type Dim, isSymbolic, type Shape } from '../ir/dim.js';
import type { Graph, Model, Node, Tensor, Value } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { elementCount } from '../ir/numeric.js';
import { MAX_CONTENT, MAX_RANK } from '../limits.js';
import { SHAPE_RULES } from '../rules/shape/index.js';
import { type Facts, type ShapeContext, UNKNOWN } from '../rules/shape/rule.js';
import { knownIntegers, shortReals } from '../rules/shape/support.js';
import { ruleFor } from '../rules/table.js';

/** What is known of each value, by its name. */
export type FactsMap = ReadonlyMap<string, Facts>;

/** Facts of a constant. */
export const ofTensor = (tensor: Tensor): Facts => ({
  dtype: tensor.dtype,
  shape: tensor.dims,
  content: elementCount(tensor.dims) <= MAX_CONTENT ? knownIntegers(tensor) : undefined,
  reals: shortReals(tensor),
});

const ofValue = (value: Value): Facts => {
  expectLengths(quoted(value.name), value.shape);
  return { dtype: value.dtype, shape: value.shape };
};

/** Factors of one length: a chain of products would double them at every step. */
const MAX_FACTORS = 64;

/** Whether a dimension is one that a value can have, or an integer that can be counted with. */
const isCountable = (dim: Dim | undefined, least: number): boolean => {
  if (dim === undefined || (isSymbolic(dim) && dim.symbols.length > MAX_FACTORS)) return false;
  const number = isSymbolic(dim) ? dim.coefficient : dim;
  return Number.isSafeInteger(number) && number >= least;
};

/** Refuses a shape that no value has: a file may say any length, and attributes may lead to any. */
function expectLengths(where: string, shape: Shape | undefined): void {
  if (!shape) return;
  if (shape.length > MAX_RANK) throw shapeConflict(where, `has ${shape.length} axes, more than ${MAX_RANK}`);
  const axis = [...shape].findIndex((dim) => !isCountable(dim, 0));
  if (axis >= 0) throw shapeConflict(where, `its axis ${axis} has a length that no value can have`);
}

/** An open end (INT64_MAX) is passed on though it is not exact here; arithmetic refuses it (rules/shape/folds). */
const isUsable = (dim: Dim | undefined): boolean =>
  dim !== undefined && (isSymbolic(dim) ? isCountable(dim, -Number.MAX_SAFE_INTEGER) : Number.isInteger(dim));

/** Content that is worth keeping: few integers. */
const usableContent = (content: readonly Dim[] | undefined): readonly Dim[] | undefined =>
  content && content.length <= MAX_CONTENT && content.every(isUsable) ? content : undefined;

/** Facts of all values of the model's graph. Throws SHAPE_CONFLICT where the graph contradicts itself or a length is none. */
export function inferShapes(model: Model): FactsMap {
  const { graph } = model;
  const facts = new Map<string, Facts>([
    ...graph.inputs.map((value) => [value.name, ofValue(value)] as const),
    ...[...graph.initializers].map(([name, tensor]) => [name, ofTensor(tensor)] as const),
  ]);
  const noted = notedValues(graph);
  for (const node of graph.nodes) {
    for (const [name, settled] of settleNode(model, node, facts, noted)) facts.set(name, settled);
  }
  return facts;
}

/** Facts of a node's outputs by their names. Throws SHAPE_CONFLICT where they contradict the inputs or a length is none. */
export function settleNode(
  model: Pick<Model, 'opsets'>,
  node: Node,
  facts: FactsMap,
  noted: ReadonlyMap<string, Value> = new Map(),
): FactsMap {
  const made = inferNode(model, node, facts);
  const named = node.outputs.map((name, index) => [name, settle(made[index] ?? UNKNOWN, noted.get(name))] as const);
  for (const [, { shape }] of named) expectLengths(nodeText(node), shape);
  return new Map(named.filter(([name]) => name !== ''));
}

const notedValues = (graph: Graph): ReadonlyMap<string, Value> =>
  new Map([...graph.valueInfo, ...graph.outputs].map((value) => [value.name, value]));

/** What the rule says, or where it says nothing what the exporter noted. */
const settle = (inferred: Facts, noted: Value | undefined): Facts => ({
  dtype: inferred.dtype ?? noted?.dtype,
  shape: inferred.shape ?? noted?.shape,
  content: usableContent(inferred.content),
  ramp: inferred.ramp,
  reals: inferred.reals,
});

function inferNode(model: Pick<Model, 'opsets'>, node: Node, facts: FactsMap): readonly Facts[] {
  const opset = model.opsets.get(node.domain) ?? 0;
  const rule = ruleFor(SHAPE_RULES, node, opset);
  if (!rule) return [];
  const context: ShapeContext = { node, opset, input: (index) => facts.get(node.inputs[index] ?? '') };
  return rule(context);
}
