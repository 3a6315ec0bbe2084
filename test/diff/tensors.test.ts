import { describe, expect, test } from '@jest/globals';
import { diffPair } from '../../lib/diff/tensors.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { STRING } from '../../lib/ir/dtype.js';
import type { Tensor } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { floats, halves, int64s, type Weight } from '../support/weights.js';

const tensor = (weight: Weight) => weight('w', seeded(1));
const pair = (a: Tensor, b: Tensor, texts = new Map<Tensor, readonly string[]>()) =>
  diffPair('a', a, 'b', b, (each) => texts.get(each) ?? []);

describe('numbers', () => {
  test('norms, cosine, how many changed, and where most', () => {
    const { change, fit, elements } = pair(tensor(floats([3, 4, 0, 0], [2, 2])), tensor(floats([3, 0, 0, 4], [2, 2])));
    expect([change, fit]).toEqual(['changed', 'as it is']);
    expect(elements).toMatchObject({ normBefore: 5, normAfter: 5, cosine: 9 / 25, changed: 2, elements: 4 });
    expect(elements?.largest).toEqual({ index: [0, 1], before: 4, after: 0, change: 4 });
  });

  test('a matrix the other way round is the same', () => {
    const [a, b] = [tensor(floats([1, 2, 3, 4, 5, 6], [2, 3])), tensor(floats([1, 4, 2, 5, 3, 6], [3, 2]))];
    expect(pair(a, b)).toMatchObject({ change: 'same', fit: 'transposed' });
  });

  test('so is one with an axis of length 1 more', () => {
    expect(pair(tensor(floats([1, 2], [2])), tensor(floats([1, 2], [1, 2])))).toMatchObject({
      change: 'same',
      fit: 'reshaped',
    });
  });

  test('but not one of another type', () => {
    const { change, elements } = pair(tensor(floats([1, 2])), tensor(halves([1, 2])));
    expect([change, elements?.changed]).toEqual(['changed', 0]);
  });

  test('of another size there is nothing to compare', () => {
    expect(pair(tensor(floats([1])), tensor(floats([1, 2])))).toMatchObject({ change: 'resized', elements: null });
  });

  test('NaN is NaN, 0 is -0, and infinity is far from everything', () => {
    const [nan, infinity] = [Number.NaN, Number.POSITIVE_INFINITY];
    expect(pair(tensor(floats([nan, 0])), tensor(floats([nan, -0])))).toMatchObject({ change: 'same' });
    expect(pair(tensor(floats([1])), tensor(floats([infinity]))).elements?.largest?.change).toBe(infinity);
    expect(pair(tensor(floats([nan])), tensor(floats([1]))).elements).toMatchObject({ changed: 1, cosine: null });
  });

  test('integers too', () => {
    expect(pair(tensor(int64s([1, 5])), tensor(int64s([1, 7]))).elements?.largest).toMatchObject({
      index: [1],
      change: 2,
    });
  });
});

test('64-bit integers that are one number as float64', () => {
  const long = (value: bigint): Tensor => ({
    ...tensor(int64s([0])),
    data: memoryBytes(new Uint8Array(BigInt64Array.of(value).buffer)),
  });
  const most = 2n ** 63n - 1n;
  expect(pair(long(most), long(most - 1n))).toMatchObject({ change: 'changed' });
  expect(pair(long(most), long(most))).toMatchObject({ change: 'same' });
});

describe('what holds no numbers', () => {
  const packed = (byte: number): Tensor => ({
    name: 'w',
    dtype: 22,
    dims: [2],
    data: memoryBytes(Uint8Array.of(byte)),
  });
  const text: Tensor = { name: 'w', dtype: STRING, dims: [1], data: undefined };

  test('packed types by their bytes', () => {
    expect(pair(packed(0x21), packed(0x21))).toMatchObject({ change: 'same', elements: null });
    expect(pair(packed(0x21), packed(0x12))).toMatchObject({ change: 'changed', elements: null });
  });

  test('texts by what the file says', () => {
    const other = { ...text };
    expect(
      pair(
        text,
        other,
        new Map([
          [text, ['a']],
          [other, ['a']],
        ]),
      ),
    ).toMatchObject({ change: 'same' });
    expect(
      pair(
        text,
        other,
        new Map([
          [text, ['a']],
          [other, ['b']],
        ]),
      ),
    ).toMatchObject({ change: 'changed' });
  });
});
