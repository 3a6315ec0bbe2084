/** Random inputs for a model, the same for the same seed and declarations. */
import { dtypeUnsupported, tooMany } from '../errors.js';
import { type Dim, isSymbolic, type SymbolicDim } from '../ir/dim.js';
import { dtypeName, REAL_TYPES } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { constructorOf, fromReals, type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';
import { normal, type Random, seeded } from '../ir/random.js';
import { MAX_RANDOM_ELEMENTS } from '../limits.js';

/** How to fill what a model leaves open. */
export interface FeedOptions {
  /** 0 unless told. */
  readonly seed?: number | undefined;
  /** Length of open axes, 2 unless told. */
  readonly batch?: number | undefined;
  /** Lengths of open axes by their names, before `batch`. */
  readonly sizes?: ReadonlyMap<string, number> | undefined;
  /** Between what the elements of an input lie, by its name: integers from the least to the largest, both included. */
  readonly ranges?: ReadonlyMap<string, Range> | undefined;
}

/** The least and the largest number. */
export type Range = readonly [low: number, high: number];

const BATCH = 2;

/** Length of an open spatial axis (axis 2 and on of four or more): enough for the strides of common networks. */
const SPATIAL = 32;

function lengthOf(dim: SymbolicDim, axis: number, rank: number, options: FeedOptions): number {
  const otherwise = rank >= 4 && axis >= 2 ? SPATIAL : (options.batch ?? BATCH);
  return dim.symbols.reduce((length, name) => length * (options.sizes?.get(name) ?? otherwise), dim.coefficient);
}

/** The lengths of all axes, the open ones filled. */
export function concreteDims(shape: readonly Dim[], options: FeedOptions): readonly number[] {
  return shape.map((dim, axis) => (isSymbolic(dim) ? lengthOf(dim, axis, shape.length, options) : dim));
}

/** What draws one element: standard normal reals, integers and bools 0 or 1, legal indices for every table of two rows. */
function drawOf(isReal: boolean, range: Range | undefined, random: Random): () => number {
  if (isReal && !range) return () => normal(random);
  const [low, high] = range ?? [0, 1];
  return isReal ? () => low + (high - low) * random() : () => low + Math.floor(random() * (high - low + 1));
}

function randomArray(value: Value, dims: readonly number[], random: Random, range: Range | undefined): NdArray {
  const dtype = value.dtype ?? 0;
  const make = constructorOf(dtype);
  if (!make) throw dtypeUnsupported(value.name, dtypeName(dtype), 'make a random input of it');
  const isReal = REAL_TYPES.has(dtype);
  const numbers = Float64Array.from({ length: elementCount(dims) }, drawOf(isReal, range, random));
  if (isReal) return fromReals(numbers, dtype, dims, value.name);
  const data = new make(numbers.length);
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data.set(Array.from(numbers, BigInt));
  else data.set(numbers);
  return ndarray(dtype, dims, data);
}

/**
 * Refuses inputs that no network takes, with TOO_MANY. To be asked before ONNX Runtime loads the model: a Reshape to as many axes as
 * the file claims fills the memory there.
 */
export function expectFeedable(inputs: readonly Value[], options: FeedOptions = {}): void {
  for (const { name, shape } of inputs) {
    if (elementCount(concreteDims(shape ?? [], options)) <= MAX_RANDOM_ELEMENTS) continue;
    throw tooMany(name, 'elements, too many for a random input', MAX_RANDOM_ELEMENTS);
  }
}

/**
 * One random tensor for each declared input. An axis of one name has one length everywhere.
 * Throws DTYPE_UNSUPPORTED for an input that is no tensor of numbers, TOO_MANY as `expectFeedable` does.
 */
export function randomFeeds(inputs: readonly Value[], options: FeedOptions = {}): ReadonlyMap<string, NdArray> {
  expectFeedable(inputs, options);
  const random = seeded(options.seed ?? 0);
  return new Map(
    inputs.map((value) => {
      const dims = concreteDims(value.shape ?? [], options);
      return [value.name, randomArray(value, dims, random, options.ranges?.get(value.name))];
    }),
  );
}
