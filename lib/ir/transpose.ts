/** A matrix with its axes exchanged, made when it is read. */
import { dtypeUnsupported } from '../errors.js';
import { type Bytes, stretches } from './bytes.js';
import { byteLength, dtypeName } from './dtype.js';
import type { Tensor } from './model.js';
import { allBytes } from './numeric.js';

/** The transposed bytes of `rows` x `columns` elements of `size` bytes. */
function transposeBytes(bytes: Uint8Array, rows: number, columns: number, size: number): Uint8Array {
  const made = new Uint8Array(bytes.length);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const [from, to] = [(r * columns + c) * size, (c * rows + r) * size];
      for (let b = 0; b < size; b++) made[to + b] = bytes[from + b] as number;
    }
  }
  return made;
}

/**
 * The transpose of a matrix under a name. Its bytes are made at the first read and held after that.
 * Throws DTYPE_UNSUPPORTED for elements that are no whole bytes.
 */
export function transposeTensor(tensor: Tensor, name: string): Tensor {
  const [rows, columns] = tensor.dims as readonly [number, number];
  const size = byteLength(tensor.dtype, 1);
  const { data } = tensor;
  if (!data || !size || byteLength(tensor.dtype, 8) !== size * 8) {
    throw dtypeUnsupported(tensor.name, dtypeName(tensor.dtype), 'transpose it');
  }
  let made: Uint8Array | undefined;
  const all = () => {
    made ??= transposeBytes(allBytes(data), rows, columns, size);
    return made;
  };
  const bytes: Bytes = {
    length: data.length,
    read: (start, end) => all().subarray(start, end),
    *pieces(align) {
      for (const [start, end] of stretches(data.length, align)) yield all().subarray(start, end);
    },
  };
  return { name, dtype: tensor.dtype, dims: [columns, rows], data: bytes };
}
