/** What numbers an output holds. Statistics of several runs add up. */
import type { NdArray } from '../ir/ndarray.js';
import { toReals } from '../ir/ndarray.js';

/** One output over all runs. Least, largest, mean and deviation are of its finite elements; null where none is finite. */
export interface OutputStatistics {
  readonly name: string;
  /** Shape in the first run. */
  readonly dims: readonly number[];
  readonly elements: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly mean: number | null;
  /** Standard deviation: the root of the mean squared distance from the mean. */
  readonly std: number | null;
  /** Shares of all elements, 0 to 1. */
  readonly nan: number;
  readonly infinite: number;
}

/** Numbers that add up. */
export interface Summary {
  readonly dims: readonly number[];
  readonly elements: number;
  readonly nan: number;
  readonly infinite: number;
  readonly min: number;
  readonly max: number;
  readonly mean: number;
  /** Sum of the squared distances from the mean. */
  readonly squares: number;
}

const finiteIn = ({ elements, nan, infinite }: Summary): number => elements - nan - infinite;

/** Sums up one array. Throws DTYPE_UNSUPPORTED for what are no numbers. */
export function summaryOf(name: string, array: NdArray): Summary {
  const values = toReals(array, name);
  let [nan, infinite, min, max, sum, squares] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of values) {
    if (Number.isNaN(value)) nan++;
    else if (!Number.isFinite(value)) infinite++;
    else {
      sum += value;
      min = Math.min(min, value);
      max = Math.max(max, value);
    }
  }
  const count = values.length - nan - infinite;
  const mean = count === 0 ? 0 : sum / count;
  for (const value of values) if (Number.isFinite(value)) squares += (value - mean) ** 2;
  return { dims: array.dims, elements: values.length, nan, infinite, min, max, mean, squares };
}

/** Both together (Chan, Golub and LeVeque 1983, so that a large mean does not swallow the deviation). */
export function addSummaries(a: Summary, b: Summary): Summary {
  const [countA, countB] = [finiteIn(a), finiteIn(b)];
  const count = Math.max(1, countA + countB);
  const apart = b.mean - a.mean;
  return {
    dims: a.dims,
    elements: a.elements + b.elements,
    nan: a.nan + b.nan,
    infinite: a.infinite + b.infinite,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    mean: a.mean * (countA / count) + b.mean * (countB / count),
    squares: a.squares + b.squares + apart ** 2 * ((countA * countB) / count),
  };
}

/** What the sums say. */
export function statisticsOf(name: string, summary: Summary): OutputStatistics {
  const { dims, elements, nan, infinite, min, max, mean, squares } = summary;
  const count = finiteIn(summary);
  const shares = { nan: elements === 0 ? 0 : nan / elements, infinite: elements === 0 ? 0 : infinite / elements };
  if (count === 0) return { name, dims, elements, min: null, max: null, mean: null, std: null, ...shares };
  return { name, dims, elements, min, max, mean, std: Math.sqrt(squares / count), ...shares };
}
