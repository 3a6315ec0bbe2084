/** What is wrong with weights: NaN, infinity and other numbers that no training makes, neurons that nothing reaches or reads. */
import { energyAlong } from '../analysis/energy.js';
import type { NodeLayer } from '../analysis/groups.js';
import type { Incoming } from '../analysis/incoming.js';
import type { Neurons } from '../analysis/neurons.js';
import { constantsOf } from '../ir/constants.js';
import { BFLOAT16, byteLength, DOUBLE, FLOAT, REAL_TYPES } from '../ir/dtype.js';
import type { Model, Tensor } from '../ir/model.js';
import { floatOf, nodeText } from '../ir/nodes.js';
import { elementCount, realsOf, tensorReals } from '../ir/numeric.js';
import { graphsOf } from '../ir/walk.js';
import type { Duplicates } from './duplicates.js';

/** A tensor with entries that are no numbers. */
export interface Nonfinite {
  readonly tensor: string;
  readonly nan: number;
  readonly infinite: number;
}

/** A tensor with entries that are too large, or too small for full precision. */
export interface Extreme {
  readonly tensor: string;
  /** Entries above 1e30, finite ones: their products overflow. */
  readonly huge: number;
  /** Entries below the least normal number of the type (not counted in float16): slow on some processors, and inexact. */
  readonly denormal: number;
  /** How many entries the tensor has. */
  readonly of: number;
}

/** Output positions of a weight whose row is all zero, so that what it makes there does not depend on the input. */
export interface DeadNeurons {
  readonly weight: string;
  readonly axis: number;
  readonly positions: readonly number[];
  /** How many positions the axis has. */
  readonly of: number;
  /** Whether they are positions of an output of the model and no neurons: constant ones, unless something else is added there. */
  readonly output: boolean;
}

/** Neurons that only zero weights read. */
export interface UnreadNeurons {
  /** The neuron group, by the weight that makes its neurons first. */
  readonly group: string;
  /** Their numbers in the group. */
  readonly neurons: readonly number[];
  /** How many neurons the group has. */
  readonly of: number;
  /** The weights that read the group. */
  readonly readers: readonly string[];
}

/** Variances of a BatchNormalization that are negative even with its epsilon: the outputs are NaN. */
export interface NegativeVariances {
  readonly tensor: string;
  readonly node: string;
  readonly positions: readonly number[];
  /** How many there are. */
  readonly of: number;
}

/** What is wrong with the weights; nothing where all lists are empty. */
export interface Health {
  readonly nonfinite: readonly Nonfinite[];
  readonly extreme: readonly Extreme[];
  readonly variances: readonly NegativeVariances[];
  readonly dead: readonly DeadNeurons[];
  readonly unread: readonly UnreadNeurons[];
  readonly duplicates: readonly Duplicates[];
}

/** What a look at one tensor shows. */
export type TensorHealth = Pick<Health, 'nonfinite' | 'extreme' | 'dead'>;

/** The products of larger ones overflow float32. */
const HUGE = 1e30;

/** The least normal number by type. float16 weights are below theirs so often that it says nothing. */
const LEAST_NORMAL: ReadonlyMap<number, number> = new Map([
  [FLOAT, 2 ** -126],
  [BFLOAT16, 2 ** -126],
  [DOUBLE, 2 ** -1022],
]);

/** Counts what is no number, and what is extreme. */
function countOdd({ name, dtype, dims, data }: Tensor): Omit<TensorHealth, 'dead'> {
  const least = LEAST_NORMAL.get(dtype) ?? 0;
  let [nan, infinite, huge, denormal] = [0, 0, 0, 0];
  for (const piece of data?.pieces(byteLength(dtype, 1) ?? 1) ?? []) {
    for (const value of realsOf(piece, dtype, name)) {
      const size = Math.abs(value);
      if (size <= HUGE && (size >= least || size === 0)) continue;
      if (Number.isNaN(value)) nan++;
      else if (size === Number.POSITIVE_INFINITY) infinite++;
      else if (size > HUGE) huge++;
      else denormal++;
    }
  }
  return {
    nonfinite: nan + infinite > 0 ? [{ tensor: name, nan, infinite }] : [],
    extreme: huge + denormal > 0 ? [{ tensor: name, huge, denormal, of: elementCount(dims) }] : [],
  };
}

/** A tensor to look at, and the layer whose weight it is. */
export interface Patient {
  readonly tensor: Tensor;
  readonly layer: NodeLayer | undefined;
}

/** All constant tensors of a model; those of subgraphs are no layer's weight. */
export const patientsOf = (model: Model, layers: ReadonlyMap<string, NodeLayer>): readonly Patient[] =>
  [...graphsOf(model.graph)].flatMap((graph) =>
    [...constantsOf(graph).values()].map((tensor) => ({
      tensor,
      layer: graph === model.graph ? layers.get(tensor.name) : undefined,
    })),
  );

const OUTPUT = 'an axis of a graph output';

/** Looks at one tensor. Other types than the real ones are healthy. */
export function tensorHealth({ tensor, layer }: Patient, neurons: Neurons | undefined): TensorHealth {
  if (!REAL_TYPES.has(tensor.dtype) || !tensor.data) return { nonfinite: [], extreme: [], dead: [] };
  const energy = layer && layer.out >= 0 ? energyAlong(tensor, layer.out, layer.out, 1) : undefined;
  const positions = energy ? [...energy.first.keys()].filter((at) => energy.first[at] === 0) : [];
  const output = layer !== undefined && neurons?.fixedWhy(tensor.name, layer.out) === OUTPUT;
  return {
    ...countOdd(tensor),
    dead:
      layer && positions.length > 0
        ? [{ weight: tensor.name, axis: layer.out, positions, of: tensor.dims[layer.out] ?? 0, output }]
        : [],
  };
}

/** Neurons of a group that all weights that read it weigh with zero; none where something else may read them. */
export function unreadIn(neurons: Neurons, { group, readers }: Incoming): readonly UnreadNeurons[] {
  const own = neurons.groups[group];
  const constants = constantsOf(neurons.model.graph);
  if (!own || !readers) return [];
  const read = new Uint8Array(own.size);
  for (const { weight, in: axis } of readers) {
    const tensor = constants.get(weight);
    const labels = neurons.labels(weight, axis);
    if (!tensor?.data || !REAL_TYPES.has(tensor.dtype) || !labels) return [];
    const { first } = energyAlong(tensor, axis, axis, 1);
    labels.neuron.forEach((neuron, p) => {
      if (labels.group[p] === group && first[p] !== 0) read[neuron] = 1;
    });
  }
  const unread = [...read.keys()].filter((neuron) => read[neuron] === 0);
  const names = [...new Set(readers.map(({ weight }) => weight))];
  return unread.length > 0 ? [{ group: own.name, neurons: unread, of: own.size, readers: names }] : [];
}

/** Negative variances of all BatchNormalizations of a model. */
export function negativeVariances(model: Model): readonly NegativeVariances[] {
  return [...graphsOf(model.graph)].flatMap((graph) => {
    const constants = constantsOf(graph);
    return graph.nodes.flatMap((node): readonly NegativeVariances[] => {
      const tensor = node.opType === 'BatchNormalization' ? constants.get(node.inputs[4] ?? '') : undefined;
      if (!tensor?.data || !REAL_TYPES.has(tensor.dtype)) return [];
      const values = tensorReals(tensor);
      const epsilon = floatOf(node, 'epsilon', 1e-5);
      const positions = [...values.keys()].filter((at) => (values[at] as number) + epsilon < 0);
      const [of, by] = [values.length, nodeText(node)];
      return positions.length > 0 ? [{ tensor: tensor.name, node: by, positions, of }] : [];
    });
  });
}
