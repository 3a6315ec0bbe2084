/**
 * A loss of the user's own: a model from outputs of the trained one, and from labels, to one number. Its nodes are put behind those
 * outputs; the backward pass goes through them as through any others. What it holds itself is not trained.
 */
import { ofTensor } from '../analysis/shapes.js';
import { quoted, usage } from '../errors.js';
import { constantsOf } from '../ir/constants.js';
import { type Dim, isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { dtypeName, REAL_TYPES } from '../ir/dtype.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Model, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { renamed } from '../ir/prefix.js';
import type { GrowingGraph } from './growing.js';

/** The loss's value in the graph, and what it takes. */
export interface OwnLoss {
  readonly loss: string;
  /** The output of the model that it judges; the first of several. */
  readonly output: string;
  /** What must be fed beside the model's inputs: one value, or none. */
  readonly labels: Value | undefined;
}

/** The model, able to hold the nodes of the loss as well. Throws USAGE where one of them has another version of an operator set. */
export function withOpsetsOf(model: Model, loss: Model): Model {
  for (const [domain, version] of loss.opsets) {
    const own = model.opsets.get(domain);
    if (own !== undefined && own !== version)
      throw usage(
        `the loss ${quoted(loss.label)} is of opset ${version} of ${quoted(domain || 'ai.onnx')}, the model of ${own}`,
        `Export the loss with opset ${own}.`,
      );
  }
  const irVersion = Math.max(model.irVersion, loss.irVersion);
  return { ...model, irVersion, opsets: new Map([...loss.opsets, ...model.opsets]) };
}

/**
 * Puts the loss behind the model's outputs. Its inputs that are named like outputs take those; where none is, the first takes
 * `asked`, or the model's first output. One more may be left, for the labels. Throws USAGE, SHAPE_CONFLICT.
 */
export function addLossGraph(graph: GrowingGraph, model: Model, given: Model, asked: string): OwnLoss {
  const own = inlineFunctions(given);
  expectPlain(own);
  const judged = judgedInputs(own, model, asked);
  const [labels, ...more] = fedInputs(own.graph).filter(({ name }) => !judged.has(name));
  if (more.length > 0) throw unmatched(own, model, [labels as Value, ...more]);
  const lengths = lengthsOf(own, judged, graph);
  const names = new Map(judged);
  if (labels) names.set(labels.name, graph.name(labels.name));
  const rename = (name: string): string => {
    if (name === '') return name;
    const known = names.get(name) ?? graph.name(`loss/${name}`);
    names.set(name, known);
    return known;
  };
  const made = renamed(own.graph, rename, 'loss/');
  const fed = labels && { ...labels, name: rename(labels.name), shape: labels.shape?.map(lengths) };
  if (fed) graph.facts.set(fed.name, fed);
  const constants = constantsOf(made);
  for (const [name, tensor] of constants) {
    graph.constants.set(name, tensor);
    graph.facts.set(name, ofTensor(tensor));
  }
  for (const node of made.nodes) if (!node.outputs.some((name) => constants.has(name))) graph.push(node);
  const loss = asNumber(graph, made.outputs[0]?.name as string, own);
  return { loss, output: judged.values().next().value as string, labels: fed };
}

function expectPlain({ graph, functions, label }: Model): void {
  if (graph.outputs.length !== 1)
    throw usage(
      `the loss ${quoted(label)} has ${graph.outputs.length} outputs`,
      'A loss is a model with one: a number.',
    );
  if (functions.length > 0) throw usage(`the loss ${quoted(label)} has local functions of other operator versions`);
  if (graph.sparseInitializers.length > 0) throw usage(`the loss ${quoted(label)} has sparse initializers`);
}

/** Which output each input takes that takes one. */
function judgedInputs(loss: Model, model: Model, asked: string): ReadonlyMap<string, string> {
  const outputs = new Set(model.graph.outputs.map(({ name }) => name));
  const inputs = fedInputs(loss.graph);
  const byName = inputs.filter(({ name }) => outputs.has(name));
  const [first] = inputs;
  if (byName.length > 0) return new Map(byName.map(({ name }) => [name, name]));
  if (!first) throw usage(`the loss ${quoted(loss.label)} takes no input`, 'Its first input is what the model gives.');
  return new Map([[first.name, asked]]);
}

function unmatched(loss: Model, model: Model, left: readonly Value[]) {
  const list = (values: readonly Value[]) => values.map(({ name }) => quoted(name)).join(', ');
  return usage(
    `the loss ${quoted(loss.label)} takes ${list(left)}, which are no outputs of ${quoted(model.label)}; one may be left, for the labels`,
    `Name its inputs like the outputs that it judges: ${list(model.graph.outputs)}.`,
  );
}

/** Open lengths of the loss by the names that the model has for them. */
function lengthsOf(loss: Model, judged: ReadonlyMap<string, string>, graph: GrowingGraph): (dim: Dim) => Dim {
  const known = new Map<string, Dim>();
  for (const { name, shape } of fedInputs(loss.graph)) {
    const output = judged.get(name);
    const given: Shape = output === undefined ? [] : graph.shape(output);
    shape?.forEach((dim, axis) => {
      const own = nameOf(dim);
      const there = given[axis];
      if (own !== undefined && there !== undefined && !known.has(own)) known.set(own, there);
    });
  }
  return (dim) => known.get(nameOf(dim) ?? '') ?? dim;
}

/** The name of a length that is one symbol. */
const nameOf = (dim: Dim): string | undefined =>
  isSymbolic(dim) && dim.coefficient === 1 && dim.symbols.length === 1 ? dim.symbols[0] : undefined;

/** The loss without axes. Throws USAGE where it is more than one number, or no real one. */
function asNumber(graph: GrowingGraph, value: string, { label }: Model): string {
  const [shape, dtype] = [graph.facts.get(value)?.shape, graph.dtype(value)];
  if (dtype === undefined || !REAL_TYPES.has(dtype))
    throw usage(`the loss ${quoted(label)} gives ${dtype === undefined ? 'no tensor' : dtypeName(dtype)}`);
  if (!shape || shape.some((dim) => dim !== 1))
    throw usage(`the loss ${quoted(label)} gives ${shapeText(shape)}, not one number`, 'Take the mean of it.');
  return shape.length === 0 ? value : graph.emit('Reshape', [value, graph.int64s([])]);
}
