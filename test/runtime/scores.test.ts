import { expect, test } from '@jest/globals';
import { FLOAT } from '../../lib/ir/dtype.js';
import { ndarray } from '../../lib/ir/ndarray.js';
import { addScores, NO_SCORES, scoresOf } from '../../lib/runtime/scores.js';

const logits = (...rows: number[][]) =>
  ndarray(FLOAT, [rows.length, rows[0]?.length ?? 0], Float32Array.from(rows.flat()));

test('counts and cross entropy', () => {
  const scores = scoresOf(logits([0, Math.log(3)], [2, 0], [1, 1]), Int32Array.of(1, 1, 0), 'y');
  expect(scores).toMatchObject({ samples: 3, correct: 2 });
  // -log(3/4), then log(1 + e^2), then log(2)
  expect(scores.loss).toBeCloseTo(Math.log(4 / 3) + Math.log(1 + Math.E ** 2) + Math.log(2), 6);
});

test('large logits do not overflow', () => {
  expect(scoresOf(logits([1e4, 0], [-1e4, 1e4]), Int32Array.of(0, 1), 'y').loss).toBe(0);
  expect(scoresOf(logits([1e4, 0]), Int32Array.of(1), 'y').loss).toBe(1e4);
});

test('NaN is never right', () => {
  const scores = scoresOf(logits([Number.NaN, 0], [0, Number.NaN]), Int32Array.of(0, 0), 'y');
  expect(scores.correct).toBe(0);
  expect(scores.loss).toBeNaN();
});

test('rows beyond the labels do not count', () => {
  expect(scoresOf(logits([1, 0], [1, 0]), Int32Array.of(0), 'y')).toMatchObject({ samples: 1, correct: 1 });
});

test('batches add up', () => {
  const half = { samples: 1, correct: 1, loss: 0.25 };
  expect(addScores(addScores(NO_SCORES, half), half)).toEqual({ samples: 2, correct: 2, loss: 0.5 });
});

test.each([
  ['fewer classes than labels', logits([1, 2]), Int32Array.of(2)],
  ['fewer rows than labels', logits([1, 2]), Int32Array.of(0, 1)],
  ['another rank', ndarray(FLOAT, [1, 2, 1], Float32Array.of(1, 2)), Int32Array.of(0)],
])('refuses %s', (_, values, labels) => {
  expect(() => scoresOf(values, labels, 'y')).toThrow(expect.objectContaining({ code: 'DATA_MISMATCH' }));
});
