import { describe, expect, test } from '@jest/globals';
import { BFLOAT16, BOOL, DOUBLE, FLOAT, FLOAT16, INT64, STRING } from '../../lib/ir/dtype.js';
import { constructorOf, fromReals, ndarray, toReals } from '../../lib/ir/ndarray.js';

test('data and shape must agree', () => {
  expect(ndarray(FLOAT, [2, 3], new Float32Array(6)).dims).toEqual([2, 3]);
  expect(ndarray(FLOAT, [], new Float32Array(1)).dims).toEqual([]);
  expect(() => ndarray(FLOAT, [2, 3], new Float32Array(5))).toThrow(expect.objectContaining({ code: 'DEFECT' }));
});

describe('toReals and fromReals', () => {
  test.each([FLOAT, DOUBLE, FLOAT16, BFLOAT16])('type %d gives back numbers that it can hold', (dtype) => {
    const values = Float64Array.of(0, 1, -2.5, 0.375, Number.POSITIVE_INFINITY);
    const array = fromReals(values, dtype, [5], 'x');
    expect(array.data.constructor).toBe(constructorOf(dtype));
    expect([...toReals(array, 'x')]).toEqual([...values]);
  });

  test('integers and bools become numbers', () => {
    expect([...toReals(ndarray(INT64, [2], BigInt64Array.of(-3n, 4n)), 'x')]).toEqual([-3, 4]);
    expect([...toReals(ndarray(BOOL, [2], Uint8Array.of(0, 1)), 'x')]).toEqual([0, 1]);
  });

  test('reals do not become integers', () => {
    const refused = expect.objectContaining({ code: 'DTYPE_UNSUPPORTED' });
    expect(() => fromReals(Float32Array.of(1), INT64, [1], 'x')).toThrow(refused);
  });
});

test('there is no typed array for strings', () => {
  expect(constructorOf(STRING)).toBeUndefined();
});
