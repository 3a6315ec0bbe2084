import { describe, expect, test } from '@jest/globals';
import { datasetOf, floatSource, pixelSource, type SampleOptions } from '../../lib/data/samples.js';

/** Ten samples [i, -i] with the labels i mod 3. */
const source = floatSource(
  'ten',
  Float32Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? i / 2 : -(i - 1) / 2)),
  [2],
  Int32Array.from({ length: 10 }, (_, i) => i % 3),
);

/** The samples of each batch by their first element. */
const firsts = (options: SampleOptions, batchSize: number, order?: number[]) =>
  [...datasetOf(source, options).batches(batchSize, order)].map(({ input }) =>
    [...(input.data as Float32Array)].filter((_, i) => i % 2 === 0),
  );

describe('batches', () => {
  test('hold all samples in their order, the last what is left', () => {
    expect(firsts({}, 4)).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9],
    ]);
  });

  test('have inputs and labels of the same samples', () => {
    const [, batch] = datasetOf(source, {}).batches(3);
    expect(batch?.input).toMatchObject({ dims: [3, 2], data: Float32Array.of(3, -3, 4, -4, 5, -5) });
    expect(batch?.labels).toEqual(Int32Array.of(0, 1, 2));
  });

  test('follow an order', () => {
    expect(firsts({}, 2, [9, 0, 5])).toEqual([[9, 0], [5]]);
  });
});

describe('samples', () => {
  test('are a seeded choice without repetition', () => {
    const [chosen = []] = firsts({ samples: 6, seed: 1 }, 10);
    expect(new Set(chosen).size).toBe(6);
    expect(firsts({ samples: 6, seed: 1 }, 10)).toEqual([chosen]);
    expect(firsts({ samples: 6, seed: 2 }, 10)).not.toEqual([chosen]);
    expect(firsts({ samples: 3, seed: 1 }, 10)).toEqual([chosen.slice(0, 3)]);
  });

  test('an order counts within them', () => {
    const [[first, second] = []] = firsts({ samples: 2, seed: 1 }, 2);
    expect(firsts({ samples: 2, seed: 1 }, 2, [1, 0])).toEqual([[second, first]]);
  });

  test.each([0, 11, 2.5, Number.NaN, -1])('%d of ten is refused', (samples) => {
    expect(() => datasetOf(source, { samples })).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });
});

test('pixels go through the table of their channel', () => {
  const tables = [10, 1000].map((factor) => Float32Array.from({ length: 256 }, (_, pixel) => pixel * factor));
  const pixels = pixelSource('two', Uint8Array.of(9, 9, 9, 9, 1, 2, 3, 4), [2, 1, 2], Int32Array.of(0, 1), tables);
  const [, second] = datasetOf(pixels, {}).batches(1);
  expect(second?.input).toMatchObject({ dims: [1, 2, 1, 2], data: Float32Array.of(10, 20, 3000, 4000) });
});

test('classes are one more than the largest label', () => {
  expect(datasetOf(source, {}).classes).toBe(3);
});
