import { expect, test } from '@jest/globals';
import { normal, seeded, seededAt, shuffledIndices } from '../../lib/ir/random.js';

const take = (seed: number, count: number) => Array.from({ length: count }, seeded(seed));

test('a seed says it all, and another seed says otherwise', () => {
  expect(take(1, 20)).toEqual(take(1, 20));
  expect(take(1, 20)).not.toEqual(take(2, 20));
  expect(take(1, 20)).not.toEqual(take(1 + 2 ** 32, 20));
});

test('each number of a seed has its own stream, however large the seed', () => {
  const first = (seed: number) => Array.from({ length: 1000 }, (_, index) => seededAt(seed, index)());
  expect(new Set(first(1)).size).toBe(1000);
  expect(new Set(first(20_261_231)).size).toBe(1000);
  expect(seededAt(3, 5)()).toBe(seeded(3 * 2 ** 32 + 5)());
});

test('the numbers stay the same from version to version', () => {
  expect(take(0, 3).map((x) => Math.floor(x * 2 ** 32))).toEqual([3002680967, 3326627503, 2979034333]);
});

test('numbers are uniform in [0, 1)', () => {
  const bins = new Array<number>(10).fill(0);
  for (const x of take(7, 100_000)) bins[Math.floor(x * 10)] = (bins[Math.floor(x * 10)] ?? 0) + 1;
  expect(bins).toHaveLength(10);
  for (const bin of bins) expect(Math.abs(bin - 10_000)).toBeLessThan(500);
});

test('normal numbers have mean 0 and variance 1', () => {
  const random = seeded(3);
  const values = Array.from({ length: 100_000 }, () => normal(random));
  const mean = values.reduce((sum, x) => sum + x, 0) / values.length;
  const variance = values.reduce((sum, x) => sum + x * x, 0) / values.length;
  expect(Math.abs(mean)).toBeLessThan(0.02);
  expect(Math.abs(variance - 1)).toBeLessThan(0.02);
});

test('a shuffle is a permutation, and every place is as likely for the first', () => {
  expect([...shuffledIndices(50, seeded(5))].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  const firsts = [0, 0, 0];
  const random = seeded(11);
  for (let i = 0; i < 30_000; i++) {
    const [first = 0] = shuffledIndices(3, random);
    firsts[first] = (firsts[first] ?? 0) + 1;
  }
  for (const count of firsts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
});
