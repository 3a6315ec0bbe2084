import { describe, expect, test } from '@jest/globals';
import { type Augmentation, augmented } from '../../lib/data/augment.js';
import { FLOAT } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { seeded } from '../../lib/ir/random.js';
import { refusal } from '../support/refused.js';

/** Random numbers that are known: the row's offset, the column's, and, where images are mirrored, whether this one is. */
function numbers(...values: number[]): () => number {
  let at = 0;
  return () => values[at++] as number;
}

/** Makes `offset` of a border of 1: -1, 0 or 1. */
const by = (offset: number): number => (offset + 1.5) / 3;

const [MIRRORED, AS_IT_IS] = [0.4, 0.6];

// 1 2 3
// 4 5 6
const image = ndarray(FLOAT, [1, 1, 2, 3], Float32Array.of(1, 2, 3, 4, 5, 6));

describe('one image', () => {
  test.each<[string, Augmentation, number[], number[]]>([
    ['where it is', { crop: 1, flip: false }, [by(0), by(0)], [1, 2, 3, 4, 5, 6]],
    ['one row further down in the border', { crop: 1, flip: false }, [by(1), by(0)], [4, 5, 6, 0, 0, 0]],
    ['one row further up', { crop: 1, flip: false }, [by(-1), by(0)], [0, 0, 0, 1, 2, 3]],
    ['one column further right', { crop: 1, flip: false }, [by(0), by(1)], [2, 3, 0, 5, 6, 0]],
    ['up and left', { crop: 1, flip: false }, [by(-1), by(-1)], [0, 0, 0, 0, 1, 2]],
    ['mirrored', { crop: 0, flip: true }, [0, 0, MIRRORED], [3, 2, 1, 6, 5, 4]],
    ['not mirrored', { crop: 0, flip: true }, [0, 0, AS_IT_IS], [1, 2, 3, 4, 5, 6]],
    ['right, then mirrored', { crop: 1, flip: true }, [by(0), by(1), MIRRORED], [0, 3, 2, 0, 6, 5]],
  ])('%s', (_, how, random, expected) => {
    expect([...augmented(image, how, numbers(...random)).data]).toEqual(expected);
  });

  test('stays as it was', () => {
    augmented(image, { crop: 1, flip: true }, seeded(1));
    expect([...image.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

test('all channels of a sample move together, each sample by itself', () => {
  const batch = ndarray(FLOAT, [2, 2, 1, 2], Float32Array.of(1, 2, 10, 20, 3, 4, 30, 40));
  const moved = augmented(batch, { crop: 1, flip: false }, numbers(by(0), by(1), by(0), by(-1)));
  expect([...moved.data]).toEqual([2, 0, 20, 0, 0, 3, 0, 30]);
});

test('every offset comes as often as the others', () => {
  const many = ndarray(FLOAT, [3000, 1, 1, 1], new Float32Array(3000).fill(1));
  const kept = [...augmented(many, { crop: 1, flip: false }, seeded(5)).data].filter((value) => value === 1).length;
  // One of three by three; five standard deviations are 86.
  expect(Math.abs(kept - 3000 / 9)).toBeLessThan(86);
});

test('rows of numbers are no images', () => {
  const rows = ndarray(FLOAT, [1, 3], Float32Array.of(1, 2, 3));
  expect(augmented(rows, { crop: 0, flip: false }, seeded(0))).toBe(rows);
  expect(() => augmented(rows, { crop: 1, flip: false }, seeded(0))).toThrow(refusal('USAGE', '--crop'));
});
