import { describe, expect, test } from '@jest/globals';
import { DOUBLE, INT64 } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { addSummaries, statisticsOf, summaryOf } from '../../lib/runtime/statistics.js';

const summary = (...values: number[]) => summaryOf('y', ndarray(DOUBLE, [values.length], Float64Array.from(values)));

/** The standard deviation by its definition. */
function deviation(values: readonly number[]): number {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
  return Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length);
}

describe('statistics', () => {
  test('of some numbers', () => {
    const values = [3, -1, 4, 1, -5, 9, 2, 6];
    expect(statisticsOf('y', summary(...values))).toEqual({
      name: 'y',
      dims: [8],
      elements: 8,
      min: -5,
      max: 9,
      mean: 19 / 8,
      std: expect.closeTo(deviation(values), 12),
      nan: 0,
      infinite: 0,
    });
  });

  test('leave out what is not finite, and say how much it is', () => {
    const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
    const told = statisticsOf('y', summary(1, nan, 3, inf, -inf, nan, nan, 2));
    expect(told).toMatchObject({ min: 1, max: 3, mean: 2, nan: 3 / 8, infinite: 2 / 8 });
    expect(told.std).toBeCloseTo(deviation([1, 3, 2]), 12);
  });

  test.each([
    ['nothing', []],
    ['only NaN', [Number.NaN]],
  ])('of %s are none', (_, values) => {
    expect(statisticsOf('y', summary(...values))).toMatchObject({ min: null, max: null, mean: null, std: null });
  });

  test('of integers', () => {
    const array = ndarray(INT64, [2], BigInt64Array.of(-2n, 4n));
    expect(statisticsOf('y', summaryOf('y', array))).toMatchObject({ min: -2, max: 4, mean: 1, std: 3 });
  });

  test('of two runs are those of all, a large mean or not', () => {
    const [a, b] = [
      [1e8 + 1, 1e8 + 2, Number.NaN],
      [1e8 + 4, 1e8 + 7, 1e8 + 9],
    ] as const;
    const told = statisticsOf('y', addSummaries(summary(...a), summary(...b)));
    expect(told).toMatchObject({ elements: 6, min: 1e8 + 1, max: 1e8 + 9, nan: 1 / 6 });
    expect(told.mean).toBeCloseTo(1e8 + 23 / 5, 6);
    expect(told.std).toBeCloseTo(deviation([1, 2, 4, 7, 9]), 6);
    expect(statisticsOf('y', addSummaries(summary(), summary(1)))).toMatchObject({ mean: 1, std: 0, min: 1 });
  });
});
