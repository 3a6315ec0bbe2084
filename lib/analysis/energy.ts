/** Sums of |w|^p along axes of a tensor, in one pass over its bytes: what every weight-based importance is made of. */
import { dtypeUnsupported } from '../errors.js';
import { byteLength, dtypeName } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { elementCount, type Reals, realsOf } from '../ir/numeric.js';

/** The sum of |w|^p over all entries at each position of two axes. */
export interface Energy {
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** False where some entry is NaN or infinite. */
  readonly finite: boolean;
}

/** A tensor seen as [outer, low, middle, high, inner] around two of its axes. */
interface Frame {
  readonly low: number;
  readonly middle: number;
  readonly high: number;
  readonly inner: number;
}

function frameOf(dims: readonly number[], low: number, high: number): Frame {
  const behind = elementCount(dims.slice(high + 1));
  if (low === high) return { low: dims[low] ?? 1, middle: 1, high: 1, inner: behind };
  return { low: dims[low] ?? 1, middle: elementCount(dims.slice(low + 1, high)), high: dims[high] ?? 1, inner: behind };
}

/**
 * Sums over all entries of `tensor` at each position of axis `a` and of axis `b` (which may be the same). Entries are
 * weighed by `weigh[position on a]` where that is given. Throws DTYPE_UNSUPPORTED.
 */
export function energyAlong(tensor: Tensor, a: number, b: number, p: 1 | 2, weigh?: Float64Array): Energy {
  const { dims, data, dtype, name } = tensor;
  const size = byteLength(dtype, 1);
  if (!data || !size) throw dtypeUnsupported(name, dtypeName(dtype), 'score it');
  const frame = frameOf(dims, Math.min(a, b), Math.max(a, b));
  const lows = new Float64Array(frame.low);
  const highs = new Float64Array(frame.high);
  const sliceLength = frame.middle * frame.high * frame.inner;
  const onLow = a <= b ? weigh : undefined;
  const onHigh = a <= b ? undefined : weigh;
  const plain = frame.inner === 1 && frame.middle === 1 && p === 2 && !weigh;
  let slice = 0;
  for (const piece of data.pieces(size * sliceLength)) {
    const values = realsOf(piece, dtype, name);
    const rows = values.length / sliceLength;
    if (plain) addSquares(values, rows, slice, lows, highs);
    else
      for (let row = 0; row < rows; row++) {
        const low = (slice + row) % frame.low;
        const energy = sliceEnergy(values, row * sliceLength, frame, p, highs, onLow?.[low] ?? 1, onHigh);
        lows[low] = (lows[low] as number) + energy;
      }
    slice += rows;
  }
  const [first, second] = a <= b ? [lows, a === b ? lows : highs] : [highs, lows];
  return { first, second, finite: lows.every(Number.isFinite) && highs.every(Number.isFinite) };
}

/** The energy of one slice, added to `highs` at each position of the high axis. */
function sliceEnergy(
  values: Reals,
  start: number,
  { middle, high, inner }: Frame,
  p: 1 | 2,
  highs: Float64Array,
  weight: number,
  onHigh: Float64Array | undefined,
): number {
  let total = 0;
  let at = start;
  for (let m = 0; m < middle; m++) {
    for (let h = 0; h < high; h++) {
      let sum = 0;
      for (const end = at + inner; at < end; at++) {
        const value = values[at] as number;
        sum += p === 2 ? value * value : Math.abs(value);
      }
      sum *= weight * (onHigh?.[h] ?? 1);
      highs[h] = (highs[h] as number) + sum;
      total += sum;
    }
  }
  return total;
}

/** The case that large matrices are: rows of squares. Two rows at a time, to pass over the column sums half as often. */
function addSquares(values: Reals, rows: number, firstRow: number, lows: Float64Array, highs: Float64Array): void {
  const columns = highs.length;
  for (let row = 0; row < rows; row += 2) {
    const here = row * columns;
    const next = row + 1 < rows ? here + columns : values.length;
    let [one, two] = [0, 0];
    if (next < values.length) {
      for (let h = 0; h < columns; h++) {
        const a = values[here + h] as number;
        const b = values[next + h] as number;
        highs[h] = (highs[h] as number) + a * a + b * b;
        one += a * a;
        two += b * b;
      }
    } else {
      for (let h = 0; h < columns; h++) {
        const a = values[here + h] as number;
        highs[h] = (highs[h] as number) + a * a;
        one += a * a;
      }
    }
    addAt(lows, firstRow + row, one);
    if (next < values.length) addAt(lows, firstRow + row + 1, two);
  }
}

function addAt(sums: Float64Array, row: number, value: number): void {
  const at = row % sums.length;
  sums[at] = (sums[at] as number) + value;
}
