import { describe, expect, test } from '@jest/globals';
import { parseNpy } from '../../lib/data/npy.js';
import { BOOL, FLOAT, INT64, UINT8 } from '../../lib/ir/dtype.js';

/** A .npy file with this header and these elements, laid at an odd offset. */
function npy(header: string, elements: Uint8Array, version = 1): Uint8Array {
  const text = new TextEncoder().encode(`${header}\n`);
  const lengthBytes = version === 1 ? 2 : 4;
  const bytes = new Uint8Array(1 + 8 + lengthBytes + text.length + elements.length).subarray(1);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0, text.length & 255, text.length >> 8]);
  bytes.set(text, 8 + lengthBytes);
  bytes.set(elements, 8 + lengthBytes + text.length);
  return bytes;
}

const header = (descr: string, shape: string, fortran = 'False') =>
  `{'descr': '${descr}', 'fortran_order': ${fortran}, 'shape': ${shape}, }`;

const bytesOf = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

describe('parseNpy', () => {
  test.each([1, 2, 3])('reads version %d', (version) => {
    const file = npy(header('<f4', '(2, 1)'), bytesOf(Float32Array.of(1.5, -2)), version);
    expect(parseNpy(file, 'x')).toEqual({ dtype: FLOAT, dims: [2, 1], data: Float32Array.of(1.5, -2) });
  });

  test.each([
    ['<i8', INT64, BigInt64Array.of(-1n, 2n)],
    ['|u1', UINT8, Uint8Array.of(1, 255)],
    ['|b1', BOOL, Uint8Array.of(0, 1)],
  ])('reads %s', (descr, dtype, data) => {
    expect(parseNpy(npy(header(descr, '(2,)'), bytesOf(data)), 'x')).toEqual({ dtype, dims: [2], data });
  });

  test('reads a scalar and an empty array', () => {
    expect(parseNpy(npy(header('|u1', '()'), Uint8Array.of(7)), 'x').dims).toEqual([]);
    expect(parseNpy(npy(header('<f4', '(0, 3)'), new Uint8Array(0)), 'x').dims).toEqual([0, 3]);
  });

  test('takes Fortran order where it makes no difference', () => {
    expect(parseNpy(npy(header('|u1', '(2,)', 'True'), Uint8Array.of(1, 2)), 'x').data).toEqual(Uint8Array.of(1, 2));
  });

  test.each([
    ['other bytes', new TextEncoder().encode('PK\u0003\u0004 and so on, long enough'), /not a NumPy array/],
    ['nothing', new Uint8Array(0), /not a NumPy array/],
    ['version 9', npy(header('|u1', '(1,)'), Uint8Array.of(1), 9), /version 9/],
    ['a header that ends', npy(header('|u1', '(1,)'), Uint8Array.of(1)).subarray(0, 30), /within its header/],
    ['pickled objects', npy(header('|O', '(1,)'), Uint8Array.of(1)), /type \|O/],
    ['big-endian numbers', npy(header('>f4', '(1,)'), new Uint8Array(4)), /type >f4/],
    ['records', npy("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }", new Uint8Array(4)), /plain/],
    ['Fortran order', npy(header('|u1', '(2, 2)', 'True'), new Uint8Array(4)), /Fortran/],
    ['too few elements', npy(header('<f4', '(2,)'), new Uint8Array(7)), /needs 8/],
    ['too many elements', npy(header('<f4', '(2,)'), new Uint8Array(9)), /needs 8/],
    ['petabytes', npy(header('<f4', '(99999999, 99999999, 99999999)'), new Uint8Array(9)), /needs/],
    ['a shape that is none', npy(header('<f4', '(2 2)'), new Uint8Array(8)), /needs NaN/],
    ['code', npy('__import__("os")', new Uint8Array(8)), /plain/],
  ])('refuses %s', (_, bytes, message) => {
    const refused = expect.objectContaining({ code: 'DATA_FORMAT', message: expect.stringMatching(message) });
    expect(() => parseNpy(bytes, 'x')).toThrow(refused);
  });

  test('a long hostile shape takes no time', () => {
    const file = npy(header('<f4', `(${'1'.repeat(5000)}!)`), new Uint8Array(8));
    const start = performance.now();
    expect(() => parseNpy(file, 'x')).toThrow(/plain/);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});
