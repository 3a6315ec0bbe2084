import { describe, expect, test } from '@jest/globals';
import { parseNormalize, pixelTables, UNCHANGED } from '../../lib/data/normalize.js';

const refused = expect.objectContaining({ code: 'USAGE' });

describe('parseNormalize', () => {
  test('reads one number and three', () => {
    expect(parseNormalize('.5/.25')).toEqual({ mean: [0.5], std: [0.25] });
    expect(parseNormalize('.4914,.4822,.4465/.247,.243,.261')).toEqual({
      mean: [0.4914, 0.4822, 0.4465],
      std: [0.247, 0.243, 0.261],
    });
  });

  test.each([
    '',
    '.5',
    '.5/',
    '/.5',
    '.5/0',
    '.5/-1',
    '.5,.5/.5',
    'a/b',
    '.5/.5/.5',
    '.5,/.5,.5',
    'Infinity/1',
    '0/Infinity',
  ])('refuses %j', (text) => {
    expect(() => parseNormalize(text)).toThrow(refused);
  });
});

describe('pixelTables', () => {
  test('pixels are in [0, 1] unless told', () => {
    const [table] = pixelTables(UNCHANGED, 1);
    expect([table?.[0], table?.[51], table?.[255]]).toEqual([0, Math.fround(0.2), 1]);
  });

  test('each channel has its own, or all the same', () => {
    const tables = pixelTables({ mean: [0, 1], std: [1, 2] }, 2);
    expect(tables.map((table) => table[255])).toEqual([1, 0]);
    expect(tables.map((table) => table[0])).toEqual([0, -0.5]);
    expect(pixelTables({ mean: [0.5], std: [0.5] }, 3).map((table) => table[255])).toEqual([1, 1, 1]);
  });

  test('refuses another number of channels', () => {
    expect(() => pixelTables({ mean: [0, 1], std: [1, 2] }, 3)).toThrow(refused);
  });
});
