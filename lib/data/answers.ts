/** What a file says is right for each sample, as classes or as targets. */
import { dataFormat } from '../errors.js';
import { FLOAT, INT64, REAL_TYPES } from '../ir/dtype.js';
import { type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import type { Answers } from './samples.js';

/** Labels as classes. Throws DATA_FORMAT for anything but one integer from 0 to 2^31 - 1 for each sample. */
export function classesOf(
  path: string,
  dims: readonly number[],
  values: ArrayLike<number | bigint>,
  samples: number,
): Int32Array {
  if (dims.length !== 1) throw dataFormat(path, `has labels of shape [${dims.join(', ')}], not one for each sample`);
  if (values.length !== samples) throw dataFormat(path, `has ${samples} samples and ${values.length} labels`);
  const labels = Array.from(values, Number);
  const wrong = labels.find((label) => !Number.isInteger(label) || label < 0 || label >= 2 ** 31);
  if (wrong !== undefined) throw dataFormat(path, `has the label ${wrong}, which is no class`);
  return Int32Array.from(labels);
}

/**
 * The labels of an array: classes where they are one integer for each sample, else targets, real ones as float32 and integers as
 * int64. Throws DATA_FORMAT where their number is another than that of the samples, or one is no finite number.
 */
export function answersOf(path: string, label: NdArray, samples: number): Answers {
  const { dtype, dims, data } = label;
  if (!REAL_TYPES.has(dtype) && dims.length === 1) return classesOf(path, dims, data, samples);
  if (dims[0] !== samples) throw dataFormat(path, `has ${samples} samples and ${dims[0] ?? 'no'} labels`);
  if (!REAL_TYPES.has(dtype)) return ndarray(INT64, dims, BigInt64Array.from(data as Int32Array, BigInt));
  const reals = Float32Array.from(toReals(label, path));
  if (!reals.every(Number.isFinite)) throw dataFormat(path, 'has a label that is no finite number');
  return ndarray(FLOAT, dims, reals);
}
