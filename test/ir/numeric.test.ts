import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../../lib/ir/bytes.js';
import {
  BFLOAT16,
  BOOL,
  byteLength,
  DOUBLE,
  dtypeName,
  FLOAT,
  FLOAT16,
  INT8,
  INT32,
  INT64,
  STRING,
  UINT8,
} from '../../lib/ir/dtype.js';
import {
  aligned,
  bytesOf,
  elementCount,
  fromHalf,
  int64Bytes,
  realsOf,
  tensorByteLength,
  tensorIntegers,
  tensorReals,
  toBfloat,
  toHalf,
} from '../../lib/ir/numeric.js';

/** Half precision by its definition (IEEE 754): the corners of the format and ties. */
const HALVES: readonly (readonly [number, number])[] = [
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3c00],
  [-2, 0xc000],
  [0.1, 0x2e66],
  [1 / 3, 0x3555],
  [65504, 0x7bff],
  [65519.99, 0x7bff],
  [65520, 0x7c00],
  [1e10, 0x7c00],
  [Number.POSITIVE_INFINITY, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [2 ** -14, 0x0400],
  [2 ** -14 - 2 ** -24, 0x03ff],
  [2 ** -14 - 2 ** -26, 0x0400],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000],
  [2 ** -25 * 1.0001, 0x0001],
  [3 * 2 ** -25, 0x0002],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [1 + 2 ** -11 + 2 ** -20, 0x3c01],
  [2 - 2 ** -12, 0x4000],
  [2048.5, 0x6800],
  [2049, 0x6800],
  [2051, 0x6802],
];

describe('float16', () => {
  test.each(HALVES)('%p is 0x%p', (value, bits) => {
    expect(toHalf(value)).toBe(bits);
  });

  test('all 65,536 halves come back', () => {
    for (let bits = 0; bits < 65536; bits++) {
      const value = fromHalf(bits);
      const isNan = (bits & 0x7c00) === 0x7c00 && (bits & 0x3ff) !== 0;
      if (isNan !== Number.isNaN(value) || (!isNan && toHalf(value) !== bits))
        throw new Error(`0x${bits.toString(16)}`);
    }
    expect(toHalf(Number.NaN)).toBe(0x7e00);
  });

  test('between two halves the nearer one is taken', () => {
    for (let bits = 1; bits < 0x7bff; bits += 7) {
      const [low, high] = [fromHalf(bits), fromHalf(bits + 1)];
      const near = [low + (high - low) * 0.49, low + (high - low) * 0.51].map(toHalf);
      if (near[0] !== bits || near[1] !== bits + 1) throw new Error(`0x${bits.toString(16)}`);
    }
  });
});

/** bfloat16 is the upper half of float32. */
test.each<readonly [number, number]>([
  [0, 0x0000],
  [-0, 0x8000],
  [1, 0x3f80],
  [-1, 0xbf80],
  [Math.PI, 0x4049],
  [1 + 2 ** -8, 0x3f80],
  [1 + 3 * 2 ** -8, 0x3f82],
  [1 + 2 ** -8 + 2 ** -16, 0x3f81],
  [3.4e38, 0x7f80],
  [Number.NEGATIVE_INFINITY, 0xff80],
  [Number.NaN, 0x7fc0],
  [1e-40, 0x0001],
])('bfloat16: %p is 0x%p', (value, bits) => {
  expect(toBfloat(value)).toBe(bits);
  const bytes = bytesOf(Float64Array.of(value), BFLOAT16, 't');
  expect([...bytes]).toEqual([bits & 255, bits >> 8]);
});

test.each([FLOAT, DOUBLE, FLOAT16, BFLOAT16])(
  'reals of type %p go to bytes and back, from an odd offset too',
  (dtype) => {
    const values = [0, 1, -1.5, 0.25, 96];
    const bytes = bytesOf(Float64Array.from(values), dtype, 't');
    expect(bytes.length).toBe(byteLength(dtype, 5));
    expect([...realsOf(bytes, dtype, 't')]).toEqual(values);
    const shifted = new Uint8Array(bytes.length + 1);
    shifted.set(bytes, 1);
    expect([...realsOf(shifted.subarray(1), dtype, 't')]).toEqual(values);
  },
);

test('bytes are copied only where they must be', () => {
  const bytes = new Uint8Array(16);
  expect(aligned(bytes.subarray(8), 8).buffer).toBe(bytes.buffer);
  expect(aligned(bytes.subarray(4), 8).buffer).not.toBe(bytes.buffer);
});

test.each([INT64, STRING, 99])('nothing is computed with type %p', (dtype) => {
  const refused = expect.objectContaining({
    code: 'DTYPE_UNSUPPORTED',
    message: expect.stringContaining(dtypeName(dtype)),
  });
  expect(() => realsOf(new Uint8Array(8), dtype, 't')).toThrow(refused);
  expect(() => bytesOf(new Float32Array(1), dtype, 't')).toThrow(refused);
  expect(() => tensorReals({ name: 't', dtype, dims: [1], data: undefined })).toThrow(refused);
});

test.each<readonly [number, Uint8Array, readonly number[] | undefined]>([
  [INT64, int64Bytes([0, -1, 2 ** 40]), [0, -1, 2 ** 40]],
  [INT32, new Uint8Array(Int32Array.of(5, -6).buffer), [5, -6]],
  [INT8, Uint8Array.of(255, 3), [-1, 3]],
  [UINT8, Uint8Array.of(255, 3), [255, 3]],
  [BOOL, Uint8Array.of(0, 1), [0, 1]],
  [FLOAT, new Uint8Array(8), undefined],
])('integers of type %p', (dtype, bytes, expected) => {
  const odd = new Uint8Array(bytes.length + 1);
  odd.set(bytes, 1);
  expect(tensorIntegers({ name: 't', dtype, dims: [2], data: memoryBytes(odd.subarray(1)) })).toEqual(expected);
});

test('how many elements and bytes', () => {
  expect(elementCount([])).toBe(1);
  expect(elementCount([2, 0, 3])).toBe(0);
  expect(byteLength(22, 3)).toBe(2);
  expect(byteLength(STRING, 3)).toBeUndefined();
  expect(tensorByteLength({ name: 't', dtype: FLOAT, dims: [3], data: undefined })).toBe(12);
  expect(tensorByteLength({ name: 't', dtype: STRING, dims: [3], data: undefined })).toBe(0);
});
