import { describe, expect, test } from '@jest/globals';
import { type InputOptions, inputSets } from '../../lib/commands/input-sets.js';
import { validate } from '../../lib/commands/validate.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { npz } from '../support/npz.js';
import { floats } from '../support/weights.js';

const folder = temporaryFolder();
const model = (factor: number) =>
  build({ inputs: { x: ['batch', 2] }, nodes: ['y = Mul(x, w)'], weights: { w: floats([factor], []) } });
const file = (name: string, factor: number) => folder.put(name, encodeModel(model(factor)));
const [one, two, four] = [file('one.onnx', 1), file('two.onnx', 2), file('four.onnx', 4)];

const archive = (name: string, values: readonly number[], shape = [values.length / 2, 2]) =>
  folder.put(name, npz({ x: { descr: '<f4', shape, bytes: new Uint8Array(Float32Array.from(values).buffer) } }));
const [small, large] = [archive('small.npz', [1, 2]), archive('large.npz', [1, 2, 3, -40])];

describe('sets', () => {
  test('of archives, each told and all together', async () => {
    const { comparison, sets, statistics } = await validate(two, { against: [one], inputs: [small, large] });
    expect(sets).toEqual([
      { path: small, seed: null },
      { path: large, seed: null },
    ]);
    // 2x against x: off by x.
    expect(comparison?.sets.map(({ maxAbs, mismatches }) => [maxAbs, mismatches])).toEqual([
      [2, 2],
      [40, 4],
    ]);
    expect(comparison?.outputs).toMatchObject([
      {
        maxAbs: 40,
        meanAbs: (1 + 2 + 1 + 2 + 3 + 40) / 6,
        maxRel: 1,
        elements: 6,
        worst: { index: [1, 1], actual: -80, expected: -40 },
        worstSet: 1,
        sameTop: 1,
      },
    ]);
    expect(statistics).toMatchObject([
      { name: 'y', elements: 6, min: -80, max: 6, mean: expect.closeTo((2 * (1 + 2 + 1 + 2 + 3 - 40)) / 6, 12) },
    ]);
  });

  test('the tolerance that passes does so on all of them', async () => {
    const options = { against: [one], inputs: [small, large], runs: 3 };
    const t = (await validate(two, options)).comparison?.wouldPass ?? 0;
    expect((await validate(two, { ...options, atol: t, rtol: t })).ok).toBe(true);
    expect((await validate(two, { ...options, atol: t * 0.9, rtol: t * 0.9 })).ok).toBe(false);
  });

  test('drawn by seeds: each can be repeated by its own', async () => {
    const three = await validate(two, { against: [one], runs: 3, seed: 5 });
    expect(three.sets.map(({ seed }) => seed)).toEqual([5, 6, 7]);
    const last = await validate(two, { against: [one], seed: 7 });
    expect(last.comparison?.sets[0]).toEqual(three.comparison?.sets[2]);
    expect(new Set(three.comparison?.sets.map(({ maxAbs }) => maxAbs)).size).toBe(3);
  });

  test('of the size and range that was asked for', async () => {
    const [set] = inputSets(model(1), { sizes: new Map([['batch', 7]]), ranges: new Map([['x', [5, 6]]]) });
    const x = (await set?.make())?.get('x');
    expect(x?.dims).toEqual([7, 2]);
    expect([...(x?.data ?? [])].every((value) => value >= 5 && value <= 6)).toBe(true);
  });
});

test('the weighted mean', async () => {
  // 1/3 of 4x and 2/3 of x are 2x.
  expect((await validate(two, { against: [four, one], weights: [1, 2] })).ok).toBe(true);
  expect((await validate(two, { against: [four, one], weights: [2, 1] })).ok).toBe(false);
});

test.each<[string, InputOptions, string, RegExp]>([
  ['no run', { runs: 0 }, 'USAGE', /--runs/],
  ['half a run', { runs: 1.5 }, 'USAGE', /--runs/],
  ['a negative seed', { seed: -1 }, 'USAGE', /--seed/],
  ['a batch of none', { batch: 0 }, 'USAGE', /--batch/],
  ['more runs than a report has room for', { runs: 1e9 }, 'USAGE', /--runs/],
  ['a batch that no memory holds', { batch: 1e9 }, 'TOO_LARGE', /"x" has the shape \[1000000000, 2\]/],
  ['a length beyond all numbers', { batch: Number.MAX_SAFE_INTEGER }, 'TOO_LARGE', /"x"/],
  ['a seed for archives', { inputs: [small], seed: 3 }, 'USAGE', /--seed is for random inputs/],
  ['a batch for archives', { inputs: small, batch: 3 }, 'USAGE', /--batch is for random inputs/],
  ['a range for archives', { inputs: [small], ranges: new Map([['x', [0, 1]]]) }, 'USAGE', /--range is for/],
  ['an axis that is none', { sizes: new Map([['length', 3]]) }, 'USAGE', /"length"/],
  ['an input that is none', { ranges: new Map([['z', [0, 1]]]) }, 'USAGE', /"z"/],
  ['a range the wrong way round', { ranges: new Map([['x', [2, 1]]]) }, 'USAGE', /least/],
  [
    'another shape',
    { inputs: archive('flat.npz', [1, 2], [2]) },
    'DATA_MISMATCH',
    /shape \[2\], the input takes \[batch, 2\]/,
  ],
  [
    'another type',
    { inputs: folder.put('f8.npz', npz({ x: { descr: '<f8', shape: [1, 2], bytes: new Uint8Array(16) } })) },
    'DATA_MISMATCH',
    /float64, the input takes float32/,
  ],
])('%s is refused', async (_, options, code, message) => {
  await expect(validate(one, options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
});

const TYPES = ['int64', 'int32', 'uint8', 'bool', 'float16', 'float32'] as const;
const typed = build({
  inputs: Object.fromEntries(TYPES.map((type) => [`${type}: ${type}`, [2, 500]])),
  nodes: TYPES.map((type) => `${type}.out = Identity(${type})`),
  outputs: TYPES.map((type) => `${type}.out: ${type}`),
});

describe('a range by the type of its input', () => {
  test.each<[(typeof TYPES)[number], number, number]>([
    ['int64', -(2 ** 53) + 1, 2 ** 53 - 1],
    ['int32', -(2 ** 31), 2 ** 31 - 1],
    ['uint8', 250, 255],
    ['bool', 1, 1],
    ['float16', -65504, 65504],
    ['float32', 1e38, 3e38],
  ])('%s between %s and %s', async (type, low, high) => {
    const [set] = inputSets(typed, { ranges: new Map([[type, [low, high]]]) });
    const array = (await set?.make())?.get(type);
    const values = array ? [...toReals(array, type)] : [];
    expect(values).toHaveLength(1000);
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low);
    expect(Math.max(...values)).toBeLessThanOrEqual(high);
  });

  test.each<[(typeof TYPES)[number], number, number, RegExp]>([
    ['int64', 0.2, 0.8, /both ends are whole numbers/],
    ['int64', 0, 1e19, /between -9007199254740991 and 9007199254740991/],
    ['int32', 0, 1e12, /between -2147483648 and 2147483647/],
    ['uint8', -1, 3, /between 0 and 255/],
    ['bool', 0, 5, /between 0 and 1/],
    ['float16', 0, 1e6, /between -65504 and 65504/],
    ['float32', 0, 1e39, /is float32/],
  ])('%s holds none between %s and %s', (type, low, high, message) => {
    expect(() => inputSets(typed, { ranges: new Map([[type, [low, high]]]) })).toThrow(message);
  });
});

test('a model that declares an input beyond all memory is refused, not drawn for', async () => {
  const huge = build({ inputs: { x: [2 ** 26], z: [2 ** 26, 2 ** 10] }, nodes: ['y = Relu(x)', 'w = Relu(z)'] });
  await expect(validate(folder.put('huge.onnx', encodeModel(huge)))).rejects.toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringMatching(/"z" has the shape \[67108864, 1024\]/),
    advice: expect.stringMatching(/--inputs/),
  });
});

test('such a model is refused before ONNX Runtime loads it', () => {
  expect(() => inputSets(build({ inputs: { 's: int64': [2 ** 52] }, nodes: ['y = Neg(s)'] }), {})).toThrow(
    /"s" has the shape/,
  );
});

test.each([
  ['a tolerance for nothing', { atol: 1e-3 }, 'USAGE'],
  ['a tolerance for nothing, the relative one', { rtol: 0 }, 'USAGE'],
  ['another model that is not there', { against: [two, 'no/such.onnx'] }, 'FILE_SYSTEM'],
  ['another model that is none', { against: ['package.json'] }, 'NOT_ONNX'],
  ['weights of nothing', { weights: [1] }, 'USAGE'],
  ['too few weights', { against: [one, two], weights: [1] }, 'USAGE'],
  ['the same provider twice', { againstEp: 'cpu' }, 'USAGE'],
  ['a provider that does not work, for the other side', { againstEp: 'nonsense' }, 'EP_UNAVAILABLE'],
  ['the same for the model', { ep: 'nonsense', againstEp: 'cpu' }, 'EP_UNAVAILABLE'],
])('%s is refused', async (_, options, code) => {
  await expect(validate(one, options)).rejects.toMatchObject({ code });
});
