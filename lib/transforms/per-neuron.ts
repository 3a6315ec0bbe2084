/**
 * One number for all neurons becomes one for each: the slope of a PReLU, the gain of a branch. Side by side, each member's neurons
 * then keep the number that their member learned.
 */
import { isomorphism } from '../analysis/isomorphism.js';
import type { Family } from '../analysis/members.js';
import type { Neurons } from '../analysis/neurons.js';
import { memoryBytes } from '../ir/bytes.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { dropUnused } from '../ir/edit.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { allBytes, elementCount } from '../ir/numeric.js';
import { definedNames, usedNames } from '../ir/walk.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import { ruleFor } from '../rules/table.js';

/** A number that several models have: the name of the constant in each model where it is one for all neurons. */
export type SharedNumber = ReadonlyMap<Model, string>;

/** Whether a constant is one real number, of whatever rank. */
const isNumber = ({ dtype, dims }: Tensor): boolean => REAL_TYPES.has(dtype) && elementCount(dims) === 1;

/** Numbers, among constants of the template, that belong to no neuron and differ between members. */
export function differingNumbers({ template, members }: Family, differing: readonly string[]): readonly SharedNumber[] {
  const constants = constantsOf(template.model.graph);
  const numbers = differing.filter((name) => isNumber(constants.get(name) as Tensor));
  return numbers.map((name) => {
    const theirs = members.map(({ model, nameOf }) => [model, nameOf(name) ?? ''] as const);
    return new Map([[template.model, name], ...theirs]);
  });
}

/** Numbers that are one for all neurons in some models, where others of the same graph (fused before) have one for each. */
export function spreadElsewhere(models: readonly Model[]): readonly SharedNumber[] {
  const [template] = models as readonly [Model];
  const same = models.flatMap((model) => {
    const names = isomorphism(template.graph, model.graph)?.constants;
    return names ? [{ model, names, constants: constantsOf(model.graph) }] : [];
  });
  return [...constantsOf(template.graph).keys()].flatMap((name) => {
    const single = same.flatMap(({ model, names, constants }) => {
      const own = names.get(name);
      const tensor = own === undefined ? undefined : constants.get(own);
      return own !== undefined && tensor && isNumber(tensor) ? [[model, own] as const] : [];
    });
    return single.length === 0 || single.length === same.length ? [] : [new Map(single)];
  });
}

/** An input of a node that takes a number, and the dims at which it has one for each neuron. */
interface Place {
  readonly node: Node;
  readonly input: number;
  readonly dims: readonly number[];
}

/**
 * The same functions, with the numbers spread that all models can spread alike; models in which nothing changed are left out.
 * A number stays one where it meets a value without neurons, or an operator that takes no more than one. What is added is no
 * larger than the axes that `findNeurons` has looked at.
 */
export function spreadNumbers(
  numbers: readonly SharedNumber[],
  neuronsOf: (model: Model) => Neurons,
): ReadonlyMap<Model, Model> {
  const models = new Set(numbers.flatMap((each) => [...each.keys()]));
  const found = new Map([...models].map((model) => [model, readingsOf(neuronsOf(model))]));
  const wanted = new Map<Model, Map<string, readonly Place[]>>();
  for (const number of numbers) {
    const places = [...number].map(
      ([model, name]) => [model, name, placesOf(found.get(model) as Readings, name)] as const,
    );
    const counts = new Set(places.map(([, , each]) => each.length));
    if (counts.size !== 1 || counts.has(0)) continue;
    for (const [model, name, each] of places) wanted.set(model, (wanted.get(model) ?? new Map()).set(name, each));
  }
  return new Map([...wanted].map(([model, places]) => [model, { ...model, graph: spread(model.graph, places) }]));
}

/** A model's neurons, its constants, and the nodes that use each of them. */
interface Readings {
  readonly neurons: Neurons;
  readonly constants: ReadonlyMap<string, Tensor>;
  readonly users: ReadonlyMap<string, readonly Node[]>;
}

function readingsOf(neurons: Neurons): Readings {
  const { graph } = neurons.model;
  const constants = constantsOf(graph);
  const users = new Map([...constants.keys()].map((name) => [name, [] as Node[]]));
  for (const node of graph.nodes) for (const name of new Set(usedNames(node))) users.get(name)?.push(node);
  // As an output of the graph a constant stays what it is.
  for (const { name } of graph.outputs) users.delete(name);
  return { neurons, constants, users };
}

/** Where a number is used, if it meets neurons everywhere; else nothing. */
function placesOf({ neurons, constants, users }: Readings, name: string): readonly Place[] {
  const tensor = constants.get(name);
  const isNeuron = tensor?.dims.some((_, axis) => neurons.labels(name, axis) !== undefined);
  if (!tensor || !isNumber(tensor) || isNeuron) return [];
  const places = (users.get(name) ?? []).map((node): readonly Place[] => {
    const rule = ruleFor(STRUCTURE_RULES, node, neurons.model.opsets.get(node.domain) ?? 0);
    const dims = rule?.broadcasts === true ? dimsFor(neurons, node.outputs[0] ?? '', tensor.dims.length) : undefined;
    return dims ? node.inputs.flatMap((used, input) => (used === name ? [{ node, input, dims }] : [])) : [];
  });
  return places.some((each) => each.length === 0) ? [] : places.flat();
}

/** The dims of a constant of at least `rank` axes with one entry for each neuron of a value; undefined where it has none. */
function dimsFor(neurons: Neurons, value: string, rank: number): readonly number[] | undefined {
  const shape = neurons.facts.get(value)?.shape ?? [];
  const axis = shape.findIndex((_, at) => neurons.labels(value, at) !== undefined);
  const length = shape[axis];
  if (typeof length !== 'number') return undefined;
  const dims = [length, ...shape.slice(axis + 1).map(() => 1)];
  return [...Array.from({ length: Math.max(0, rank - dims.length) }, () => 1), ...dims];
}

/** The graph with a constant of its own at each place. */
function spread(graph: Graph, places: ReadonlyMap<string, readonly Place[]>): Graph {
  const fresh = freshNames(definedNames(graph));
  const constants = constantsOf(graph);
  const initializers = new Map(graph.initializers);
  const renamed = new Map<Node, Map<number, string>>();
  for (const [name, all] of places) {
    for (const { node, input, dims } of all) {
      const made = { ...repeated(constants.get(name) as Tensor, dims), name: fresh(name) };
      initializers.set(made.name, made);
      renamed.set(node, (renamed.get(node) ?? new Map<number, string>()).set(input, made.name));
    }
  }
  const nodes = graph.nodes.map((node) => {
    const names = renamed.get(node);
    return names ? { ...node, inputs: node.inputs.map((name, i) => names.get(i) ?? name) } : node;
  });
  return dropUnused({ ...graph, nodes, initializers }, new Set(places.keys()));
}

/** One number as often as `dims` say. */
function repeated(tensor: Tensor, dims: readonly number[]): Tensor {
  const one = tensor.data ? allBytes(tensor.data) : new Uint8Array();
  const bytes = new Uint8Array(one.length * elementCount(dims));
  for (let at = 0; at < bytes.length; at += one.length) bytes.set(one, at);
  return { ...tensor, dims, data: memoryBytes(bytes) };
}
