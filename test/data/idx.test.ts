import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { parseIdx, readIdx } from '../../lib/data/idx.js';

const folder = mkdtempSync(join(tmpdir(), 'idx-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of these bytes, at a new path. */
let count = 0;
function file(bytes: Uint8Array): string {
  const path = join(folder, String(count++));
  writeFileSync(path, bytes);
  return path;
}

const refused = (message: RegExp) =>
  expect.objectContaining({ code: 'DATA_FORMAT', message: expect.stringMatching(message) });

/** Two samples of 1 x 2. */
const SMALL = Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 10, 20, 30, 40);

describe('parseIdx', () => {
  test('reads dimensions and elements', () => {
    expect(parseIdx(SMALL, 'x')).toEqual({ dims: [2, 1, 2], data: Uint8Array.of(10, 20, 30, 40) });
  });

  test('an empty array is one', () => {
    expect(parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0), 'x').dims).toEqual([0]);
  });

  test.each([
    ['nothing', [], /starts otherwise/],
    ['another magic number', [1, 0, 8, 1, 0, 0, 0, 0], /starts otherwise/],
    ['floats', [0, 0, 0x0d, 1, 0, 0, 0, 0], /type 0xd/],
    ['no dimensions', [0, 0, 8, 0], /0 dimensions/],
    ['too many dimensions', [0, 0, 8, 200], /200 dimensions/],
    ['a header that ends', [0, 0, 8, 3, 0, 0, 0, 1], /within its header/],
    ['too few elements', [0, 0, 8, 1, 0, 0, 0, 2, 1], /header says 10/],
    ['too many elements', [0, 0, 8, 1, 0, 0, 0, 1, 1, 1], /header says 9/],
    ['petabytes', [0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], /more than/],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(Uint8Array.from(bytes), 'x')).toThrow(refused(message));
  });
});

describe('readIdx', () => {
  test('reads plain and packed files alike', async () => {
    const expected = parseIdx(SMALL, 'x');
    expect(await readIdx(file(SMALL))).toEqual(expected);
    expect(await readIdx(file(gzipSync(SMALL)))).toEqual(expected);
  });

  test("reads scikit-learn's digits", async () => {
    const { dims, data } = await readIdx('fixtures/data/digits/train-images-idx3-ubyte.gz');
    expect(dims).toEqual([1437, 8, 8]);
    expect(Math.max(...data)).toBe(255);
  });

  test('unpacks no more than the header announces', async () => {
    const bomb = new Uint8Array(50 * 2 ** 20);
    bomb.set(SMALL);
    await expect(readIdx(file(gzipSync(bomb)))).rejects.toEqual(refused(/cannot be unpacked/));
  });

  test('refuses a packed file that is cut anywhere', async () => {
    const packed = readFileSync('fixtures/data/digits/t10k-labels-idx1-ubyte.gz');
    for (let length = 0; length < packed.length; length++) {
      await expect(readIdx(file(packed.subarray(0, length)))).rejects.toMatchObject({ code: 'DATA_FORMAT' });
    }
  });

  test('refuses a packed file with any wrong bit, or reads it right', async () => {
    const path = 'fixtures/data/digits/t10k-labels-idx1-ubyte.gz';
    const expected = await readIdx(path);
    const packed = readFileSync(path);
    for (let at = 0; at < packed.length; at++) {
      const damaged = Uint8Array.from(packed);
      damaged[at] = (damaged[at] as number) ^ 4;
      const result: unknown = await readIdx(file(damaged)).catch((error: unknown) => error);
      if (!(result instanceof Error)) expect(result).toEqual(expected);
      else expect(result).toMatchObject({ code: 'DATA_FORMAT' });
    }
  });

  test('refuses what is no file', async () => {
    await expect(readIdx(folder)).rejects.toEqual(refused(/not a plain file/));
    await expect(readIdx(join(folder, 'none'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });
});
