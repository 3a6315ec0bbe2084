import { describe, expect, test } from '@jest/globals';
import { symbol } from '../../lib/ir/dim.js';
import { BOOL, FLOAT, FLOAT16, INT64, STRING } from '../../lib/ir/dtype.js';
import type { Value } from '../../lib/ir/model.js';
import { type NdArray, toReals } from '../../lib/ir/ndarray.js';
import { randomFeeds } from '../../lib/runtime/feeds.js';

const value = (name: string, dtype: number | undefined, ...shape: (number | string)[]): Value => ({
  name,
  dtype,
  shape: shape.map((dim) => (typeof dim === 'string' ? symbol(dim) : dim)),
});

describe('open axes', () => {
  const inputs = [value('x', FLOAT, 'batch', 3, 'h', 'w'), value('ids', INT64, 'batch', 'length')];
  const dims = (options: Parameters<typeof randomFeeds>[1]) =>
    [...randomFeeds(inputs, options).values()].map((array) => array.dims);

  test('are 2, spatial ones 32', () => {
    expect(dims({})).toEqual([
      [2, 3, 32, 32],
      [2, 2],
    ]);
  });

  test('are the batch that was asked for', () => {
    expect(dims({ batch: 5 })).toEqual([
      [5, 3, 32, 32],
      [5, 5],
    ]);
  });

  test('are what their name was given', () => {
    const sizes = new Map([
      ['h', 8],
      ['length', 7],
      ['batch', 4],
    ]);
    expect(dims({ sizes })).toEqual([
      [4, 3, 8, 32],
      [4, 7],
    ]);
  });

  test('may be multiples', () => {
    const x: Value = { name: 'x', dtype: FLOAT, shape: [{ coefficient: 3, symbols: ['a', 'b'] }] };
    expect(randomFeeds([x], { sizes: new Map([['a', 5]]) }).get('x')?.dims).toEqual([30]);
  });
});

test('the seed decides', () => {
  const feeds = (seed: number) => randomFeeds([value('x', FLOAT, 4, 4)], { seed });
  expect(feeds(1)).toEqual(feeds(1));
  expect(feeds(1)).not.toEqual(feeds(2));
});

test('reals spread around 0, whole numbers are 0 and 1', () => {
  const inputs = [value('f', FLOAT16, 500), value('i', INT64, 500), value('b', BOOL, 500)];
  const [f, i, b] = [...randomFeeds(inputs).values()].map((array) => [...toReals(array, '')]);
  expect(Math.max(...(f ?? []))).toBeGreaterThan(1.5);
  expect(Math.min(...(f ?? []))).toBeLessThan(-1.5);
  expect(new Set(i)).toEqual(new Set([0, 1]));
  expect(new Set(b)).toEqual(new Set([0, 1]));
});

test.each([STRING, undefined])('type %j cannot be made up', (dtype) => {
  const refused = expect.objectContaining({ code: 'DTYPE_UNSUPPORTED' });
  expect(() => randomFeeds([value('s', dtype, 1)])).toThrow(refused);
});

describe('ranges', () => {
  const inputs = [value('x', FLOAT, 500), value('ids', INT64, 500), value('mask', INT64, 500)];
  const feeds = randomFeeds(inputs, {
    ranges: new Map([
      ['x', [-3, -2]],
      ['ids', [5, 9]],
    ]),
  });
  const numbers = (name: string) => [...toReals(feeds.get(name) as NdArray, name)];

  test('integers take every number of theirs, both ends too', () => {
    expect([...new Set(numbers('ids'))].sort()).toEqual([5, 6, 7, 8, 9]);
  });

  test('reals fill theirs', () => {
    const [least, most] = [Math.min(...numbers('x')), Math.max(...numbers('x'))];
    expect(least).toBeGreaterThanOrEqual(-3);
    expect(least).toBeLessThan(-2.95);
    expect(most).toBeLessThanOrEqual(-2);
    expect(most).toBeGreaterThan(-2.05);
  });

  test('others are 0 or 1', () => {
    expect([...new Set(numbers('mask'))].sort()).toEqual([0, 1]);
  });
});
