/** A tensor with its axes in another order, made when it is read. */
import { dtypeUnsupported } from '../errors.js';
import { type Bytes, stretches } from './bytes.js';
import { byteLength, dtypeName } from './dtype.js';
import type { Tensor } from './model.js';
import { allBytes, elementCount } from './numeric.js';

/** The bytes of elements of `size` bytes with axis i of the result being axis `order[i]` of `dims`. */
function permuteBytes(bytes: Uint8Array, dims: readonly number[], order: readonly number[], size: number): Uint8Array {
  const made = new Uint8Array(bytes.length);
  const steps = order.map((axis) => elementCount(dims.slice(axis + 1)) * size);
  const lengths = order.map((axis) => dims[axis] as number);
  const at = lengths.map(() => 0);
  let from = 0;
  for (let to = 0; to < made.length; to += size) {
    for (let b = 0; b < size; b++) made[to + b] = bytes[from + b] as number;
    // The next position, the last axis running fastest.
    for (let axis = at.length - 1; axis >= 0; axis--) {
      const [length, step] = [lengths[axis] as number, steps[axis] as number];
      at[axis] = (at[axis] as number) + 1;
      from += step;
      if ((at[axis] as number) < length) break;
      from -= step * length;
      at[axis] = 0;
    }
  }
  return made;
}

/**
 * The tensor under a name with axis i being its axis `order[i]`; a matrix is transposed unless told. Its bytes are made at the
 * first read and held after that. Throws DTYPE_UNSUPPORTED for elements that are no whole bytes.
 */
export function transposeTensor(tensor: Tensor, name: string, order: readonly number[] = [1, 0]): Tensor {
  const size = byteLength(tensor.dtype, 1);
  const { data, dims } = tensor;
  if (!data || !size || byteLength(tensor.dtype, 8) !== size * 8) {
    throw dtypeUnsupported(tensor.name, dtypeName(tensor.dtype), 'transpose it');
  }
  let made: Uint8Array | undefined;
  const all = () => {
    made ??= permuteBytes(allBytes(data), dims, order, size);
    return made;
  };
  const bytes: Bytes = {
    length: data.length,
    read: (start, end) => all().subarray(start, end),
    *pieces(align) {
      for (const [start, end] of stretches(data.length, align)) yield all().subarray(start, end);
    },
  };
  return { name, dtype: tensor.dtype, dims: order.map((axis) => dims[axis] as number), data: bytes };
}
