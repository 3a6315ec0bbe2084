/** Two results counted beside each other, element by element; counts of several runs add up. */
import { REAL_TYPES } from '../ir/dtype.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import { indexAt, type Reals } from '../ir/numeric.js';
import type { Tolerance } from './compare.js';
import { placeOfLargest } from './scores.js';

/** The element that is furthest from what was expected. */
export interface Worst {
  /** One position for each axis. */
  readonly index: readonly number[];
  readonly actual: number;
  readonly expected: number;
}

/** What was counted of one output. */
export interface Tally {
  readonly elements: number;
  /** How many elements do not agree. */
  readonly mismatches: number;
  readonly maxAbs: number;
  readonly maxRel: number;
  /** Sum of all |a - b|. */
  readonly sumAbs: number;
  /** The least t with which atol = rtol = t would pass. */
  readonly tolerance: number;
  /** Largest |b|. */
  readonly scale: number;
  /** Sums of a * b, a * a and b * b. */
  readonly dot: number;
  readonly squaresA: number;
  readonly squaresB: number;
  /** Rows of a [rows, n] result of real numbers, and how many have their largest element at one place in both. */
  readonly rows: number;
  readonly sameTop: number;
  /** Undefined where all elements are equal. */
  readonly worst: Worst | undefined;
  /** Why the elements cannot be compared at all; '' where they can. */
  readonly why: string;
}

/** |a - b|; 0 for NaN with NaN and for equal infinities. */
function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const apart = Math.abs(a - b);
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}

type Distances = Pick<Tally, 'mismatches' | 'maxAbs' | 'maxRel' | 'sumAbs' | 'tolerance'> & { readonly at: number };

function distances(a: Reals, b: Reals, { atol, rtol }: Tolerance): Distances {
  let [maxAbs, maxRel, sumAbs, tolerance, mismatches, at] = [0, 0, 0, 0, 0, -1];
  for (let i = 0; i < a.length; i++) {
    const expected = b[i] as number;
    const apart = distance(a[i] as number, expected);
    if (apart === 0) continue;
    const size = Math.abs(expected);
    // A NaN or infinite b makes every bound meaningless: only the very same passes.
    const comparable = Number.isFinite(size);
    if (apart > maxAbs) [maxAbs, at] = [apart, i];
    if (size > 0) maxRel = Math.max(maxRel, comparable ? apart / size : apart);
    sumAbs += apart;
    tolerance = Math.max(tolerance, comparable ? apart / (1 + size) : Number.POSITIVE_INFINITY);
    if (!comparable || !(apart <= atol + rtol * size)) mismatches++;
  }
  return { maxAbs, maxRel, sumAbs, tolerance, mismatches, at };
}

function products(a: Reals, b: Reals): Pick<Tally, 'dot' | 'squaresA' | 'squaresB' | 'scale'> {
  let [dot, squaresA, squaresB, scale] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
    if (Number.isFinite(y)) scale = Math.max(scale, Math.abs(y));
  }
  return { dot, squaresA, squaresB, scale };
}

/** Rows are compared where a result looks like one row of scores for each sample. */
function tops(a: Reals, b: Reals, { dims, dtype }: NdArray): Pick<Tally, 'rows' | 'sameTop'> {
  const [rows = 0, classes = 0] = dims;
  if (dims.length !== 2 || classes < 2 || !REAL_TYPES.has(dtype)) return { rows: 0, sameTop: 0 };
  let sameTop = 0;
  for (let row = 0; row < rows; row++) {
    const [from, to] = [row * classes, (row + 1) * classes];
    const place = placeOfLargest(a.subarray(from, to));
    if (place >= 0 && place === placeOfLargest(b.subarray(from, to))) sameTop++;
  }
  return { rows, sameTop };
}

/** Nothing of it can be compared: every element counts as one that does not agree. */
function incomparable(elements: number, why: string): Tally {
  const most = Number.POSITIVE_INFINITY;
  const sums = { dot: Number.NaN, squaresA: Number.NaN, squaresB: Number.NaN, scale: 0, rows: 0, sameTop: 0 };
  const apart = { maxAbs: most, maxRel: most, sumAbs: most, tolerance: most };
  return { elements, mismatches: elements, ...apart, ...sums, worst: undefined, why };
}

/** Counts one output `a` beside the expected `b`. Throws DTYPE_UNSUPPORTED for what are no numbers. */
export function tallyOf(name: string, a: NdArray, b: NdArray, tolerance: Tolerance): Tally {
  const [left, right] = [a.dims.join(', '), b.dims.join(', ')];
  if (left !== right) return incomparable(a.data.length, `shape [${left}] against [${right}]`);
  const [x, y] = [toReals(a, name), toReals(b, name)];
  const { at, ...apart } = distances(x, y, tolerance);
  const worst = at < 0 ? undefined : { index: indexAt(at, a.dims), actual: x[at] as number, expected: y[at] as number };
  return { elements: x.length, ...apart, ...products(x, y), ...tops(x, y, a), worst, why: '' };
}

/** Both together; the worst element is that of `a` where they are equally far off. */
export const addTallies = (a: Tally, b: Tally): Tally => ({
  elements: a.elements + b.elements,
  mismatches: a.mismatches + b.mismatches,
  maxAbs: Math.max(a.maxAbs, b.maxAbs),
  maxRel: Math.max(a.maxRel, b.maxRel),
  sumAbs: a.sumAbs + b.sumAbs,
  tolerance: Math.max(a.tolerance, b.tolerance),
  scale: Math.max(a.scale, b.scale),
  dot: a.dot + b.dot,
  squaresA: a.squaresA + b.squaresA,
  squaresB: a.squaresB + b.squaresB,
  rows: a.rows + b.rows,
  sameTop: a.sameTop + b.sameTop,
  worst: b.maxAbs > a.maxAbs ? b.worst : a.worst,
  why: a.why === '' ? b.why : a.why,
});
