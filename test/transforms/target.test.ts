/** The least ratio that reaches a size. */
import { describe, expect, test } from '@jest/globals';
import { keptAt } from '../../lib/transforms/select.js';
import { solveRatio } from '../../lib/transforms/target.js';

/** Two layers of 10 and 7 neurons, 3 weights for each neuron of the first, 5 for each of the second. */
const sizeAt = (ratio: number) => 3 * keptAt(10, ratio) + 5 * keptAt(7, ratio);

describe('the ratio', () => {
  test.each([64, 50, 33, 20, 9, 8])('for at most %p is the least one', (most) => {
    const { ratio, size, met } = solveRatio(sizeAt, most);
    expect(met).toBe(true);
    expect(sizeAt(ratio)).toBe(size);
    expect(size).toBeLessThanOrEqual(most);
    // What a little less drops is more than was asked for, or the same neurons.
    const before = [...Array(10000).keys()].map((i) => (ratio * i) / 10000).filter((each) => sizeAt(each) <= most);
    expect(before.every((each) => sizeAt(each) === size)).toBe(true);
  });

  test('has no more decimals than it needs', () => {
    expect(solveRatio(sizeAt, 40)).toEqual({ ratio: 0.4, size: 38, met: true });
  });

  test('is 0 where the whole is small enough', () => {
    expect(solveRatio(sizeAt, 65)).toEqual({ ratio: 0, size: 65, met: true });
  });

  test('is none where what must stay is too large', () => {
    expect(solveRatio(sizeAt, 7)).toMatchObject({ size: 8, met: false });
  });
});
