/** How the values of tensors are spread, as a page shows them. */
import { numbersOf } from '../diff/elements.js';
import type { Tensor } from '../ir/model.js';
import type { Reals } from '../ir/numeric.js';
import type { Histogram } from '../page/data.js';

const BINS = 32;

/** Smallest and largest finite value; undefined where there is none. */
function rangeOf(values: readonly Reals[]): readonly [number, number] | undefined {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const each of values) {
    for (const value of each) {
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return low <= high ? [low, high] : undefined;
}

function histogramOf(values: Reals, [low, high]: readonly [number, number]): Histogram {
  const counts = new Array<number>(BINS).fill(0);
  const scale = high > low ? BINS / (high - low) : 0;
  let nonfinite = 0;
  for (const value of values) {
    if (Number.isFinite(value)) {
      const bin = Math.min(BINS - 1, Math.floor((value - low) * scale));
      counts[bin] = (counts[bin] as number) + 1;
    } else nonfinite++;
  }
  return { low, high, counts, nonfinite };
}

/** The histograms of one or two tensors over the same bins; null for what holds no numbers, or none that is finite. */
export function histograms(
  before: Tensor | undefined,
  after: Tensor | undefined,
): { readonly before: Histogram | null; readonly after: Histogram | null } {
  const [x, y] = [before && numbersOf(before), after && numbersOf(after)];
  const range = rangeOf([x, y].filter((values) => values !== undefined));
  const made = (values: Reals | undefined) => (values && range ? histogramOf(values, range) : null);
  return { before: made(x), after: made(y) };
}

/** Four digits, for reading, or which number that is none. */
export const digits = (value: number): string =>
  Number.isFinite(value) ? String(Number(value.toPrecision(4))) : String(value).replace('Infinity', 'infinite');

/** Norm, extremes and mean of a tensor; nothing for one without numbers. */
export function statisticsLines(tensor: Tensor): readonly string[] {
  const values = numbersOf(tensor);
  if (!values || values.length === 0) return [];
  let [sum, square, low, high] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    sum += value;
    square += value * value;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const mean = digits(sum / values.length);
  return [`norm ${digits(Math.sqrt(square))}, from ${digits(low)} to ${digits(high)}, mean ${mean}`];
}
