/** Constants for test models, short to write: dims alone mean random float32. */

import { memoryBytes } from '../../lib/ir/bytes.js';
import { BOOL, DOUBLE, FLOAT, FLOAT16, INT8, INT32, INT64, REAL_TYPES, UINT8 } from '../../lib/ir/dtype.js';
import type { Tensor } from '../../lib/ir/model.js';
import { bytesOf, elementCount, int64Bytes } from '../../lib/ir/numeric.js';
import { normal, type Random } from '../../lib/ir/random.js';

/** Makes a constant of a name; random ones draw from `random`. */
export type Weight = (name: string, random: Random) => Tensor;

const real = (name: string, dims: readonly number[], values: readonly number[], dtype: number): Tensor => ({
  name,
  dtype,
  dims,
  data: memoryBytes(bytesOf(Float64Array.from(values), dtype, name)),
});

const drawn =
  (dims: readonly number[], dtype: number, draw: (random: Random) => number): Weight =>
  (name, random) =>
    real(
      name,
      dims,
      Array.from({ length: elementCount(dims) }, () => draw(random)),
      dtype,
    );

/** Normal numbers whose size keeps activations near 1 through a layer. */
export const randomly = (dims: readonly number[], dtype = FLOAT): Weight => {
  const fan = Math.max(1, elementCount(dims) / Math.max(...dims, 1));
  return drawn(dims, dtype, (random) => normal(random) / Math.sqrt(fan));
};

/** Numbers from 0.5 to 1.5: variances, scales. */
export const positive = (dims: readonly number[], dtype = FLOAT): Weight =>
  drawn(dims, dtype, (random) => 0.5 + random());

/** These numbers, a vector unless told. */
export const floats =
  (values: readonly number[], dims: readonly number[] = [values.length], dtype = FLOAT): Weight =>
  (name) =>
    real(name, dims, values, dtype);

export const doubles = (values: readonly number[], dims?: readonly number[]): Weight => floats(values, dims, DOUBLE);
export const halves = (values: readonly number[], dims?: readonly number[]): Weight => floats(values, dims, FLOAT16);

const typed =
  (dtype: number, bytes: (values: readonly number[]) => Uint8Array) =>
  (values: readonly number[], dims: readonly number[] = [values.length]): Weight =>
  (name) => ({ name, dtype, dims, data: memoryBytes(bytes(values)) });

export const int64s = typed(INT64, int64Bytes);
export const int32s = typed(INT32, (values) => new Uint8Array(Int32Array.from(values).buffer));
export const int8s = typed(INT8, (values) => new Uint8Array(Int8Array.from(values).buffer));
export const uint8s = typed(UINT8, (values) => Uint8Array.from(values));
export const bools = typed(BOOL, (values) => Uint8Array.from(values));

/** A tensor as it is, under the name that it gets. */
export const as =
  (tensor: Tensor): Weight =>
  (name) => ({ ...tensor, name });

/** Whether a dtype is one that `randomly` makes. */
export const isReal = (dtype: number): boolean => REAL_TYPES.has(dtype);
