/** Batches of a user's own, for programs that keep their data elsewhere than in files. */
import { answersOf } from '../data/answers.js';
import type { Batch } from '../data/samples.js';
import { dataMismatch } from '../errors.js';
import { DOUBLE, FLOAT, INT64 } from '../ir/dtype.js';
import { type Elements, type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';

/** Elements in row-major order and their shape, as onnxruntime's own tensors have them too. */
export interface DataArray {
  readonly dims: readonly number[];
  readonly data: Elements;
}

/** Some samples together. */
export interface DataBatch {
  /** [samples, ..], fed as float32. */
  readonly input: DataArray;
  /**
   * Classes as integers [samples], or targets in the shape that the loss takes: of integers for cross entropy, of Float32Array or
   * Float64Array for the others.
   */
  readonly label: DataArray;
}

/** Where batches come from. A training that is to be repeated or resumed needs the same ones for the same number of the epoch. */
export interface DataSource {
  /** Batches an epoch has; where left out, the first epoch is gone through once to count them. */
  readonly steps?: number | undefined;
  /** The batches of an epoch, from 0. */
  epoch(number: number): Iterable<DataBatch> | AsyncIterable<DataBatch>;
}

/** A user's batch as one of ours. Throws DATA_MISMATCH where the shapes contradict each other, DATA_FORMAT. */
function batchOf({ input, label }: DataBatch): Batch {
  const arrays = [arrayOf(input, 'input'), arrayOf(label, 'label')] as const;
  const [samples = 0] = input.dims;
  if (samples === 0) throw dataMismatch('the data source gives a batch without samples', ADVICE);
  const answers = answersOf('the data source', arrays[1], samples);
  const { data } = input;
  const values = data instanceof Float32Array ? data : Float32Array.from(data as Float64Array, Number);
  return {
    input: ndarray(FLOAT, input.dims, values),
    ...(answers instanceof Int32Array ? { labels: answers } : { targets: answers }),
  };
}

const ADVICE = 'Give batches { input: { dims, data }, label: { dims, data } } of typed arrays.';

function arrayOf({ dims, data }: DataArray, what: string): NdArray {
  if (data.length !== elementCount(dims))
    throw dataMismatch(`the data source gives ${data.length} elements as ${what} [${dims.join(', ')}]`, ADVICE);
  if (data instanceof Float32Array) return { dtype: FLOAT, dims, data };
  if (data instanceof Float64Array) return { dtype: DOUBLE, dims, data };
  return { dtype: INT64, dims, data };
}

/** The batches of one epoch. Throws DATA_MISMATCH, DATA_FORMAT, and what the source throws. */
export async function* sourceBatches(source: DataSource, epoch: number): AsyncGenerator<Batch> {
  for await (const batch of source.epoch(epoch)) yield batchOf(batch);
}

/** How many batches an epoch has. Throws what the source throws. */
export async function countSteps(source: DataSource): Promise<number> {
  if (source.steps !== undefined) return source.steps;
  let steps = 0;
  for await (const _ of source.epoch(0)) steps += 1;
  return steps;
}
