/** Streams over a tensor along one of its axes, without holding it. */
import { dtypeUnsupported } from '../errors.js';
import { byteLength, dtypeName } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { elementCount, type Reals, realsOf } from '../ir/numeric.js';

/** Elements [from, to) of `values` belong to one position; `first` is the number of the first among all of that position. */
export type RunVisitor = (position: number, values: Reals, from: number, to: number, first: number) => void;

/** How many elements each position of an axis has. */
export const rowLength = ({ dims }: Tensor, axis: number): number =>
  elementCount(dims.filter((_, other) => other !== axis));

/** Visits all elements in order, in runs that lie at one position of `axis`. Throws DTYPE_UNSUPPORTED. */
export function eachRun(tensor: Tensor, axis: number, visit: RunVisitor): void {
  const { dims, data, dtype, name } = tensor;
  const size = byteLength(dtype, 1);
  if (!data || !size) throw dtypeUnsupported(name, dtypeName(dtype), 'compare its neurons');
  const inner = elementCount(dims.slice(axis + 1));
  const length = dims[axis] ?? 1;
  if (inner === 0 || length === 0) return;
  let run = 0;
  for (const piece of data.pieces(size * inner)) {
    const values = realsOf(piece, dtype, name);
    for (let at = 0; at < values.length; at += inner, run++) {
      visit(run % length, values, at, at + inner, Math.floor(run / length) * inner);
    }
  }
}
