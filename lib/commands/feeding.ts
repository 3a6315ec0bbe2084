/** Batches of a data set as a model's input takes them. */
import type { Batch, Dataset } from '../data/samples.js';
import { dataMismatch, quoted, usage } from '../errors.js';
import { isSymbolic, type Shape, shapeText } from '../ir/dim.js';
import { dtypeName, FLOAT } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { type NdArray, ndarray } from '../ir/ndarray.js';
import { elementCount } from '../ir/numeric.js';

/** Samples at once where nothing else is said. */
export const BATCH = 64;

/** The value that was named, or the only one. Throws USAGE. */
export function chooseValue(values: readonly Value[], name: string | undefined, what: 'input' | 'output'): Value {
  const names = values.map((value) => quoted(value.name)).join(', ');
  const found = name === undefined ? values : values.filter((value) => value.name === name);
  const [value] = found;
  if (!value) throw usage(`the model has no ${what} ${quoted(name ?? '')}`, `It has ${names}.`);
  if (found.length > 1) throw usage(`the model has several ${what}s`, `Choose with --${what}: ${names}.`);
  return value;
}

/** `--batch`: a number of samples. Throws USAGE. */
export function checkBatch(batch: number | undefined): void {
  if (batch === undefined || (Number.isInteger(batch) && batch >= 1)) return;
  throw usage(`--batch is a number of samples from 1 up, not ${batch}`);
}

/** Whether `sample` is what a value of shape [batch, ...rest] takes. */
export const fits = (rest: Shape, sample: readonly number[]): boolean =>
  rest.length === sample.length && rest.every((dim, axis) => isSymbolic(dim) || dim === sample[axis]);

/**
 * The shape in which samples are fed: their own, or with a leading channel of 1 more or less. Throws DATA_MISMATCH where
 * the model takes something else.
 */
export function feedShape(input: Value, sample: readonly number[]): readonly number[] {
  const rest = input.shape?.slice(1) ?? [];
  const shapes = [sample, ...(sample[0] === 1 ? [sample.slice(1)] : []), [1, ...sample]];
  const shape = shapes.find((candidate) => fits(rest, candidate));
  if (input.dtype === FLOAT && shape) return shape;
  const wants = `${dtypeName(input.dtype ?? 0)} ${shapeText(input.shape)}`;
  throw dataMismatch(`input ${quoted(input.name)} takes ${wants}, the samples are float32 [${sample.join(', ')}]`);
}

/** A data set as the input takes it: images that can be read so, in its number of channels. Throws USAGE. */
export function fitted(dataset: Dataset, input: Value): Dataset {
  const channels = input.shape?.length === 4 ? input.shape[1] : undefined;
  if (channels === dataset.sampleShape[0] || (channels !== 1 && channels !== 3)) return dataset;
  return dataset.inChannels?.(channels) ?? dataset;
}

/** How many rows a model always takes; undefined where that is open. */
export function fixedRows({ shape }: Value): number | undefined {
  const rows = shape?.[0];
  return typeof rows === 'number' ? rows : undefined;
}

/** A batch as `rows` rows of the input, zeros where it has fewer. */
export function feedOf(batch: Batch, rows: number, shape: readonly number[]): NdArray {
  const data = new Float32Array(rows * elementCount(shape));
  data.set(batch.input.data as Float32Array);
  return ndarray(FLOAT, [rows, ...shape], data);
}
