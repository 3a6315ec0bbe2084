/** How closely results can agree, by the types of a model. */
import { expect, test } from '@jest/globals';
import { BFLOAT16, FLOAT16 } from '../../lib/ir/dtype.js';
import { DEFAULT_TOLERANCE } from '../../lib/runtime/compare.js';
import { HALF_TOLERANCE, toleranceFor } from '../../lib/runtime/tolerance.js';
import { type Blueprint, build } from '../support/build.js';
import { randomly } from '../support/weights.js';

const add: Blueprint = { inputs: { x: [2] }, weights: { w: [2] }, nodes: ['y = Add(x, w)'] };

test.each<readonly [string, Blueprint, object]>([
  ['float32', add, DEFAULT_TOLERANCE],
  ['float16 weights', { ...add, weights: { w: randomly([2], FLOAT16) } }, HALF_TOLERANCE],
  ['bfloat16 weights', { ...add, weights: { w: randomly([2], BFLOAT16) } }, HALF_TOLERANCE],
  ['float16 inputs', { inputs: { 'x: float16': [2] }, nodes: ['y = Add(x, x)'] }, HALF_TOLERANCE],
])('%s', (_, print, expected) => {
  expect(toleranceFor(build(print))).toEqual(expected);
});

test("what is asked of wider types is the caller's", () => {
  expect(toleranceFor(build(add), { atol: 1, rtol: 2 })).toEqual({ atol: 1, rtol: 2 });
});
