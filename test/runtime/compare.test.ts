import { describe, expect, test } from '@jest/globals';
import { DOUBLE, FLOAT, FLOAT16, INT64 } from '../../lib/ir/dtype.js';
import { fromReals, type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { compareOutputs, type Tolerance, tallyOutputs } from '../../lib/runtime/compare.js';
import { addTallies, type Tally } from '../../lib/runtime/tally.js';

const outputs = (...values: number[]): ReadonlyMap<string, NdArray> =>
  new Map([['y', ndarray(DOUBLE, [values.length], Float64Array.from(values))]]);

const compare = (a: readonly number[], b: readonly number[], tolerance: Tolerance) =>
  compareOutputs(outputs(...a), outputs(...b), tolerance);

describe('the rule |a - b| <= atol + rtol |b|', () => {
  test.each([
    // a, b, atol, rtol, within: as numpy.allclose decides
    [[1.5], [1], 0.5, 0, true],
    [[1.5], [1], 0.25, 0.25, true],
    [[1.5], [1], 0.25, 0.125, false],
    [[0], [1e-9], 1e-8, 0, true],
    [[0], [1], 0, 1, true],
    [[1], [0], 0, 1, false],
    [[1, 2, 3], [1, 2, 4], 0, 0.2, false],
  ])('%j against %j, atol %d, rtol %d: %j', (a, b, atol, rtol, within) => {
    expect(compare(a, b, { atol, rtol }).within).toBe(within);
  });
});

describe('NaN and infinity', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
  test.each([
    [[nan], [nan], true],
    [[inf], [inf], true],
    [[-inf], [-inf], true],
    [[nan], [0], false],
    [[0], [nan], false],
    [[inf], [-inf], false],
    [[inf], [1], false],
    [[1], [inf], false],
    [[nan], [inf], false],
  ])('%j against %j: %j', (a, b, within) => {
    const { within: found, outputs: compared } = compare(a, b, { atol: 1, rtol: 1 });
    expect(found).toBe(within);
    expect(compared[0]).toMatchObject(
      within ? { maxAbs: 0, tolerance: 0, mismatches: 0 } : { maxAbs: inf, tolerance: inf, mismatches: 1 },
    );
  });
});

test('the differences and how many', () => {
  const { outputs: compared } = compare([1, 2, 5, 0], [1, 4, 4, 0.5], { atol: 0.6, rtol: 0 });
  expect(compared).toEqual([
    {
      name: 'y',
      within: false,
      maxAbs: 2,
      meanAbs: 3.5 / 4,
      maxRel: 1,
      cosine: expect.closeTo((1 + 2 * 4 + 5 * 4) / Math.sqrt((1 + 4 + 25) * (1 + 16 + 16 + 0.25)), 12),
      sameTop: null,
      mismatches: 2,
      elements: 4,
      worst: { index: [1], actual: 2, expected: 4 },
      tolerance: 0.41,
      why: '',
    },
  ]);
});

test('the tolerance that it names passes, one that is a little smaller does not', () => {
  for (const [a, b] of [
    [1.00012, 1],
    [3e-7, 0],
    [12345.6, 12345],
    [-2, 7],
  ] as const) {
    const t = compare([a], [b], { atol: 0, rtol: 0 }).outputs[0]?.tolerance ?? 0;
    expect(compare([a], [b], { atol: t, rtol: t }).within).toBe(true);
    expect(compare([a], [b], { atol: t * 0.89, rtol: t * 0.89 }).within).toBe(false);
  }
});

test('other element types are compared as numbers', () => {
  const a = new Map([['y', fromReals(Float32Array.of(1.5, 2), FLOAT16, [2], 'y')]]);
  expect(compareOutputs(a, outputs(1.5, 2), { atol: 0, rtol: 0 }).within).toBe(true);
  const b = new Map([['y', ndarray(INT64, [2], BigInt64Array.of(1n, 2n))]]);
  expect(compareOutputs(a, b, { atol: 0, rtol: 0 }).within).toBe(false);
});

test('another shape cannot be compared', () => {
  const b = new Map([['y', ndarray(DOUBLE, [1, 2], Float64Array.of(1, 2))]]);
  const { within, outputs: compared } = compareOutputs(outputs(1, 2), b);
  expect(within).toBe(false);
  expect(compared[0]).toMatchObject({ why: 'shape [2] against [1, 2]', tolerance: Number.POSITIVE_INFINITY });
});

test('other names are refused', () => {
  const z = new Map([['z', ndarray(DOUBLE, [1], Float64Array.of(1))]]);
  const refused = expect.objectContaining({ code: 'MEMBERS_DIFFER' });
  expect(() => compareOutputs(outputs(1), z)).toThrow(refused);
  expect(() => compareOutputs(outputs(1), new Map([...outputs(1), ...z]))).toThrow(refused);
  expect(() => compareOutputs(new Map([...outputs(1), ...z]), outputs(1))).toThrow(refused);
});

describe('what a comparison tells beside the tolerance', () => {
  const rows = (...values: number[]): ReadonlyMap<string, NdArray> =>
    new Map([['y', ndarray(FLOAT, [3, 2], Float32Array.from(values))]]);
  const told = (a: ReadonlyMap<string, NdArray>, b: ReadonlyMap<string, NdArray>) => compareOutputs(a, b).outputs[0];

  test('the share of rows with the largest element at the same place', () => {
    expect(told(rows(1, 2, 3, 0, 5, 6), rows(0, 9, 1, 2, -1, 0))?.sameTop).toBe(2 / 3);
    expect(told(rows(1, 2, Number.NaN, 0, 5, 6), rows(1, 2, Number.NaN, 0, 5, 6))?.sameTop).toBe(2 / 3);
  });

  test('the worst element of a matrix by row and column', () => {
    expect(told(rows(1, 2, 3, 0, 5, 6), rows(1, 2, 3, 4, 5, 7))?.worst).toEqual({
      index: [1, 1],
      actual: 0,
      expected: 4,
    });
    expect(told(rows(1, 2, 3, 0, 5, 6), rows(1, 2, 3, 0, 5, 6))?.worst).toBeNull();
  });

  test('the cosine: 1, -1, 0, and none beside a zero', () => {
    const cosine = (a: readonly number[], b: readonly number[]) => told(outputs(...a), outputs(...b))?.cosine;
    expect([cosine([1, 2], [2, 4]), cosine([1, 2], [-1, -2]), cosine([1, 0], [0, 1]), cosine([1, 0], [0, 0])]).toEqual([
      expect.closeTo(1, 12),
      expect.closeTo(-1, 12),
      0,
      null,
    ]);
  });

  test('counts of several runs add up to those of all in one', () => {
    const tolerance = { atol: 0.1, rtol: 0 };
    const tally = (a: readonly number[], b: readonly number[]) =>
      tallyOutputs(outputs(...a), outputs(...b), tolerance).get('y') as Tally;
    const apart = addTallies(tally([1, 2], [1, 2.5]), tally([3, -4], [3.05, 4]));
    const { worst, ...sums } = tally([1, 2, 3, -4], [1, 2.5, 3.05, 4]);
    expect(apart).toEqual({ ...sums, sumAbs: expect.closeTo(sums.sumAbs, 12), worst: { ...worst, index: [1] } });
  });
});
