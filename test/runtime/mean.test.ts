import { expect, test } from '@jest/globals';
import { FLOAT } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { meanOutputs } from '../../lib/runtime/mean.js';

const result = (dims: readonly number[], ...values: number[]): ReadonlyMap<string, NdArray> =>
  new Map([['y', ndarray(FLOAT, dims, Float32Array.from(values))]]);

test('the mean of three results', () => {
  const mean = meanOutputs([result([2], 1, -4), result([2], 2, 0), result([2], 6, 1)]).get('y');
  expect(mean).toMatchObject({ dims: [2], data: Float64Array.of(3, -1) });
});

test('the weighted mean', () => {
  const mean = meanOutputs([result([2], 1, -4), result([2], 5, 0)], [0.25, 0.75]).get('y');
  expect(mean).toMatchObject({ dims: [2], data: Float64Array.of(4, -1) });
});

test('no results, no mean', () => {
  expect(meanOutputs([])).toEqual(new Map());
});

test.each([
  ['another shape', result([1, 2], 1, 2)],
  ['no such output', new Map()],
])('refuses %s', (_, other) => {
  expect(() => meanOutputs([result([2], 1, 2), other])).toThrow(expect.objectContaining({ code: 'MEMBERS_DIFFER' }));
});
