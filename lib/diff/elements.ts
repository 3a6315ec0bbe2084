/** Two tensors element by element. */
import { REAL_TYPES } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { constructorOf } from '../ir/ndarray.js';
import { aligned, allBytes, elementCount, indexAt, type Reals, tensorReals } from '../ir/numeric.js';
import { transposeTensor } from '../ir/transpose.js';

/** The element that changed most. */
export interface LargestChange {
  /** Where it stands in the first model's tensor. */
  readonly index: readonly number[];
  readonly before: number;
  readonly after: number;
  /** Infinite where one of them is NaN or infinite. */
  readonly change: number;
}

/** How two tensors with the same number of elements differ. Norms are Euclidean. */
export interface ElementDiff {
  readonly normBefore: number;
  readonly normAfter: number;
  /** Of the angle between both as vectors; null where one of them is zero. */
  readonly cosine: number | null;
  /** How many elements differ in any bit that means something: 0 and -0 are the same, NaN and NaN too. */
  readonly changed: number;
  readonly elements: number;
  /** Null where nothing changed. */
  readonly largest: LargestChange | null;
}

/** Elements as numbers, where they are numbers: real types, integers and bools. int64 beyond 2^53 is not exact. */
export function numbersOf(tensor: Tensor): Reals | undefined {
  if (!tensor.data) return undefined;
  if (REAL_TYPES.has(tensor.dtype)) return tensorReals(tensor);
  const make = constructorOf(tensor.dtype);
  if (!make) return undefined;
  const bytes = aligned(allBytes(tensor.data), make.BYTES_PER_ELEMENT);
  const held = new make(bytes.buffer, bytes.byteOffset, bytes.byteLength / make.BYTES_PER_ELEMENT);
  return Float64Array.from(held as Iterable<number | bigint>, Number);
}

/** 0 and -0 are the same, NaN and NaN too. */
export const sameNumber = (x: number, y: number): boolean => x === y || (Number.isNaN(x) && Number.isNaN(y));

/** Compares elements that stand in the same order; `dims` are those of the first tensor. */
export function diffElements(a: Reals, b: Reals, dims: readonly number[]): ElementDiff {
  let [squareA, squareB, product, changed, worst, at] = [0, 0, 0, 0, -1, -1];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    squareA += x * x;
    squareB += y * y;
    product += x * y;
    if (sameNumber(x, y)) continue;
    changed++;
    const apart = Math.abs(x - y);
    const change = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
    if (change > worst) [worst, at] = [change, i];
  }
  const [normBefore, normAfter] = [Math.sqrt(squareA), Math.sqrt(squareB)];
  const scale = normBefore * normAfter;
  return {
    normBefore,
    normAfter,
    cosine: scale > 0 && Number.isFinite(scale) ? Math.min(1, Math.max(-1, product / scale)) : null,
    changed,
    elements: a.length,
    largest:
      at < 0 ? null : { index: indexAt(at, dims), before: a[at] as number, after: b[at] as number, change: worst },
  };
}

/** How the second tensor was held beside the first to compare them. */
export type Fit = 'as it is' | 'transposed' | 'reshaped';

/** Differences in the way in which the fewest elements differ; undefined where no way fits or nothing can be computed. */
export function diffTensors(a: Tensor, b: Tensor): { readonly fit: Fit; readonly diff: ElementDiff } | undefined {
  if (elementCount(a.dims) !== elementCount(b.dims)) return undefined;
  const own = numbersOf(a);
  const compare = (fit: Fit, other: Tensor) => {
    const theirs = own && numbersOf(other);
    return own && theirs ? { fit, diff: diffElements(own, theirs, a.dims) } : undefined;
  };
  const sameDims = a.dims.join() === b.dims.join();
  const plain = compare(sameDims ? 'as it is' : 'reshaped', b);
  const turned = a.dims.length === 2 && a.dims[0] === b.dims[1] && a.dims[1] === b.dims[0];
  if (!turned || !own || plain?.diff.changed === 0) return plain;
  const transposed = compare('transposed', transposeTensor(b, b.name));
  if (!plain || !transposed) return plain ?? transposed;
  return transposed.diff.changed < plain.diff.changed || !sameDims ? transposed : plain;
}
