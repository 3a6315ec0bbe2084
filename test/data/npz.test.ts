import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseNpz, readNpz } from '../../lib/data/npz.js';
import { FLOAT, INT64, UINT8 } from '../../lib/ir/dtype.js';

const STORED = 'fixtures/data/floats-stored.npz';
const DEFLATED = 'fixtures/data/pixels-deflated.npz';

describe('what NumPy wrote', () => {
  test('stored', async () => {
    const arrays = await readNpz(STORED);
    const eighths = Float32Array.from({ length: 24 }, (_, i) => i / 8);
    expect([...arrays.keys()]).toEqual(['input', 'label']);
    expect(arrays.get('input')).toEqual({ dtype: FLOAT, dims: [3, 2, 2, 2], data: eighths });
    expect(arrays.get('label')).toEqual({ dtype: INT64, dims: [3], data: BigInt64Array.of(2n, 0n, 1n) });
  });

  test('deflated', async () => {
    const pixels = Uint8Array.from({ length: 48 }, (_, i) => i * 5);
    expect((await readNpz(DEFLATED)).get('input')).toEqual({ dtype: UINT8, dims: [3, 1, 4, 4], data: pixels });
  });

  test('only what is wanted', async () => {
    expect([...(await readNpz(STORED, ['label', 'more'])).keys()]).toEqual(['label']);
  });
});

describe.each([STORED, DEFLATED])('%s, damaged', (path) => {
  const whole = readFileSync(path);
  const expected = parseNpz(whole, path);

  test('is refused when it is cut anywhere', () => {
    for (let length = 0; length < whole.length; length++) {
      const refused = expect.objectContaining({ code: 'DATA_FORMAT' });
      expect(() => parseNpz(whole.subarray(0, length), path)).toThrow(refused);
    }
  });

  test.each([1, 0x80, 0xff])(
    'is refused with any byte changed by %d, unless nothing that counts is different',
    (mask) => {
      const outcomes = { refused: 0, same: 0 };
      for (let at = 0; at < whole.length; at++) {
        const damaged = Uint8Array.from(whole);
        damaged[at] = (damaged[at] as number) ^ mask;
        try {
          // A change in the directory may rename an entry or end the directory early; it never changes elements.
          for (const array of parseNpz(damaged, path).values()) expect([...expected.values()]).toContainEqual(array);
          outcomes.same++;
        } catch (error) {
          expect(error).toMatchObject({ code: 'DATA_FORMAT' });
          outcomes.refused++;
        }
      }
      expect(outcomes.refused).toBeGreaterThan(whole.length / 3);
    },
  );
});

test('an entry that stands twice is refused', () => {
  const whole = readFileSync(STORED);
  const twice = Buffer.from(whole.toString('latin1').replaceAll('label.npy', 'input.npy'), 'latin1');
  expect(() => parseNpz(twice, 'x')).toThrow(/twice/);
});
