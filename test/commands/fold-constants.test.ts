/** Weights that a graph computes from constants: computed once, the same function, neurons where there were none. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { foldAll, foldConstants } from '../../lib/commands/fold-constants.js';
import { fuse } from '../../lib/commands/fuse.js';
import { prune } from '../../lib/commands/prune.js';
import { validate } from '../../lib/commands/validate.js';
import { BFLOAT16, FLOAT16 } from '../../lib/ir/dtype.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { toleranceFor } from '../../lib/runtime/tolerance.js';
import { type Blueprint, build, localFunction, members } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { groupSizes, masked, pruneRandomly } from '../support/oracle.js';
import { source } from '../support/print.js';
import { expectClose, expectSameFunction, feedsFor, runModel, TIGHT } from '../support/run.js';
import { floats, int64s, randomly } from '../support/weights.js';

const folder = temporaryFolder();
const written = (name: string, print: Blueprint, seed = 1): string =>
  folder.put(`${name}-${seed}.onnx`, encodeModel(build({ ...print, seed })));

/** y = relu(x W1 + b) W2, W1 being what `nodes` make as `w`. */
const mlp = (weights: Blueprint['weights'], nodes: readonly string[]): Blueprint => ({
  inputs: { x: ['batch', 4] },
  outputs: ['y'],
  weights: { b: [8], v: [8, 3], ...weights },
  nodes: [...nodes, 'h = MatMul(x, w)', 'hb = Add(h, b)', 'r = Relu(hb)', 'y = MatMul(r, v)'],
});
const LAYERS = ['h = MatMul(x, w)', 'hb = Add(h, b)', 'r = Relu(hb)', 'y = MatMul(r, v)'];

const weightNorm = mlp({ direction: [4, 8], size: [1, 8], axes: int64s([0]) }, [
  'length = ReduceL2(direction, axes) {keepdims: 1}',
  'unit = Div(direction, length)',
  'w = Mul(unit, size)',
]);
const NORM_OPSET = { opset: 18 };

describe('a weight that is computed becomes one', () => {
  test.each<readonly [string, Blueprint]>([
    ['a direction times its length', { ...weightNorm, ...NORM_OPSET }],
    ['a weight times its mask', mlp({ m: [4, 8], a: [4, 8] }, ['w = Mul(m, a)'])],
    ['a matrix of low rank on top', mlp({ a: [4, 8], p: [4, 2], q: [2, 8] }, ['pq = MatMul(p, q)', 'w = Add(a, pq)'])],
    ['transposed behind', mlp({ m: [8, 4], a: [8, 4] }, ['ma = Mul(m, a)', 'w = Transpose(ma)'])],
    [
      'a direction of mean 0 and variance 1, normalised as a batch (weight standardisation)',
      mlp(
        {
          direction: [8, 4],
          one: floats(Array(8).fill(1), [8]),
          zero: floats(Array(8).fill(0), [8]),
          whole: int64s([1, 8, 4]),
          flat: int64s([8, 4]),
        },
        [
          'batch = Reshape(direction, whole)',
          'n, mean, var = BatchNormalization(batch, one, zero, zero, one) {training_mode: 1}',
          'rows = Reshape(n, flat)',
          'w = Transpose(rows)',
        ],
      ),
    ],
    ['in another shape', mlp({ a: [2, 16], s: int64s([4, 8]) }, ['w = Reshape(a, s)'])],
    [
      'with one more axis, which goes again',
      mlp({ a: [8, 1, 4], n: int64s([1]) }, ['f = Squeeze(a, n)', 'w = Transpose(f)']),
    ],
    ['put together of parts', mlp({ p: [4, 5], q: [4, 3] }, ['w = Concat(p, q) {axis: 1}'])],
  ])('%s', async (_, print) => {
    const model = build(print);
    const folded = await foldConstants(model);
    expect(source(folded)).toEqual(LAYERS);
    expect([...folded.graph.initializers.keys()].sort()).toEqual(['b', 'v', 'w']);
    await expectSameFunction(folded, model, { atol: 0, rtol: 1e-6 });
    expect(groupSizes(folded)).toEqual([8]);
    const pruned = pruneRandomly(folded);
    const feeds = feedsFor(model);
    expectClose(await runModel(pruned.model, feeds), await runModel(masked(folded, pruned), feeds));
    expect(await foldConstants(folded)).toBe(folded);
  });

  test('there are no neurons before', () => {
    expect(findNeurons(build({ ...weightNorm, ...NORM_OPSET })).groups).toEqual([]);
  });

  test('in half precision, in a file that lists its initializers, in a local function', async () => {
    const half: Blueprint = {
      inputs: { 'x: float16': ['batch', 4] },
      outputs: ['y: float16'],
      weights: {
        m: randomly([4, 8], FLOAT16),
        a: randomly([4, 8], FLOAT16),
        b: randomly([8], FLOAT16),
        v: randomly([8, 3], FLOAT16),
      },
      nodes: ['w = Mul(m, a)', ...LAYERS],
    };
    const old = {
      ...mlp({ m: [4, 8], a: [4, 8] }, ['w = Mul(m, a)']),
      irVersion: 3,
      opset: 8,
      listed: ['m', 'a', 'b', 'v'],
    };
    const called = build({ ...mlp({ a: [4, 8], m: [4, 8] }, ['w = f::Masked(a, m)']), domains: { f: 1 } });
    const masking = localFunction('Masked', ['y = Mul(x, z)'], { inputs: ['x', 'z'], opsets: new Map([['', 17]]) });
    for (const model of [build(half), build(old), { ...called, functions: [masking] }]) {
      const folded = await foldConstants(model);
      expect(source(folded)).toEqual(LAYERS);
      await expectSameFunction(folded, model, toleranceFor(model, TIGHT));
    }
  });

  test('the number that CastLike makes of another', async () => {
    const print = mlp({ w: [4, 8], one: [] }, []);
    const model = build({
      ...print,
      nodes: [...LAYERS.slice(0, 2), 'c = CastLike(one, hb)', 'r = Mul(hb, c)', 'y = MatMul(r, v)'],
    });
    const folded = await foldConstants(model);
    expect(source(folded)).not.toContain('c = CastLike(one, hb)');
    await expectSameFunction(folded, model);
  });
});

test('a bias that comes out as zeros is left out, as other exporters write a layer without one', async () => {
  const print: Blueprint = {
    inputs: { x: ['batch', 3, 4, 4] },
    outputs: ['y'],
    weights: {
      w: [8, 3, 3, 3],
      v: [2, 8, 1, 1],
      zero: floats([0], []),
      one: floats([1], []),
      eight: int64s([8]),
      two: int64s([2]),
    },
    nodes: [
      'z = CastLike(zero, x)',
      'b = Expand(z, eight)',
      'h = Conv(x, w, b)',
      'r = Relu(h)',
      'o = CastLike(one, r)',
      'c = Expand(o, two)',
      'y = Conv(r, v, c)',
    ],
  };
  const model = build(print);
  const folded = await foldConstants(model);
  expect(source(folded)).toEqual(['h = Conv(x, w)', 'r = Relu(h)', 'y = Conv(r, v, c)']);
  expect([...folded.graph.initializers.keys()].sort()).toEqual(['c', 'v', 'w']);
  await expectSameFunction(folded, model);
});

test('a length that comes of a power and an open batch: the layer behind has neurons', async () => {
  const model = build({
    inputs: { x: ['batch', 3, 4, 4] },
    outputs: ['y'],
    weights: {
      k: [8, 3, 1, 1],
      v: [8, 2],
      size: floats([16], []),
      half: floats([0.5], []),
      rest: int64s([8]),
      at: int64s([0]),
    },
    nodes: [
      'h = Conv(x, k)',
      'root = Pow(size, half)',
      'side = Cast(root) {to: 7}',
      'sides = Unsqueeze(side, at)',
      'shape = Shape(h)',
      'batch = Gather(shape, at)',
      'to = Concat(batch, rest, sides, sides) {axis: 0}',
      'r = Reshape(h, to)',
      'a = Relu(r)',
      'g = GlobalAveragePool(a)',
      'f = Flatten(g)',
      'y = MatMul(f, v)',
    ],
  });
  const folded = await foldConstants(model);
  expect([groupSizes(model), groupSizes(folded)]).toEqual([[], [8]]);
  await expectSameFunction(folded, model);
  const pruned = pruneRandomly(folded);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(folded, pruned), feeds));
});

test('a chain of 20,000 constants in another shape is followed to its end', async () => {
  const links = Array.from({ length: 20_000 }, (_, i) => `a${i + 1} = Reshape(a${i}, s)`);
  const model = build({
    inputs: { x: ['batch', 4] },
    outputs: ['y'],
    weights: { a0: [2, 16], s: int64s([4, 8]), b: [8], v: [8, 3] },
    nodes: [...links, ...LAYERS.map((line) => line.replace('(x, w)', '(x, a20000)'))],
  });
  expect(groupSizes(await foldConstants(model))).toEqual([8]);
});

describe('what stays as it is', () => {
  test.each<readonly [string, Blueprint]>([
    ['a weight that is only shown otherwise', mlp({ a: [8, 4] }, ['i = Identity(a)', 'w = Transpose(i)'])],
    ['a weight that is stored in half precision', mlp({ a: randomly([4, 8], FLOAT16) }, ['w = Cast(a) {to: 1}'])],
    [
      'a weight in another shape that stands elsewhere as it is',
      mlp({ a: [2, 16], s: int64s([4, 8]) }, ['w = Reshape(a, s)', ...LAYERS, 'z = ReduceMax(a) {keepdims: 0}']),
    ],
    ['a part of a constant', mlp({ a: [9, 8], from: int64s([0]), to: int64s([4]) }, ['w = Slice(a, from, to, from)'])],
    ['other numbers at each run', mlp({}, ['w = RandomNormal() {shape: [4, 8]}'])],
    ['what depends on other numbers', mlp({ a: [4, 8] }, ['n = RandomNormalLike(a)', 'w = Mul(n, a)'])],
    ['what depends on the input', mlp({ a: [4, 8] }, ['s = ReduceMax(x) {keepdims: 0}', 'w = Mul(a, s)'])],
  ])('%s', async (_, print) => {
    const model = build(print);
    expect(await foldConstants(model)).toBe(model);
  });

  test('what is a graph output, and what its constants are needed for elsewhere', async () => {
    const print = mlp({ m: [4, 8], a: [4, 8] }, ['w = Mul(m, a)']);
    const shown = build({ ...print, outputs: ['y', 'w'] });
    expect(await foldConstants(shown)).toBe(shown);
    const used = build({ ...print, outputs: ['y', 'z'], nodes: [...print.nodes, 'z = MatMul(x, m)'] });
    const folded = await foldConstants(used);
    expect([...folded.graph.initializers.keys()].sort()).toEqual(['b', 'm', 'v', 'w']);
    await expectSameFunction(folded, used);
  });

  test('what would be far larger than the model', async () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 4096] },
      outputs: ['y'],
      weights: { a: [1, 1], shape: int64s([4096, 1024]), v: [1024, 1] },
      nodes: ['e = Exp(a)', 'w = Expand(e, shape)', 'h = MatMul(x, w)', 'y = MatMul(h, v)'],
    };
    const model = build(print);
    expect(await foldConstants(model)).toBe(model);
  });

  test('what is small, but needs far more on the way; the others are computed', async () => {
    const huge = ['e = Expand(a, far)', 's = ReduceSum(e) {keepdims: 0}', 'hs = Mul(hb, s)'];
    const nodes = ['w = Mul(m, n)', ...LAYERS.slice(0, 2), ...huge, 'r = Relu(hs)', 'y = MatMul(r, v)'];
    const print = mlp({ m: [4, 8], n: [4, 8], a: [1], far: int64s([2 ** 40]) }, []);
    const folded = await foldConstants(build({ ...print, nodes }));
    expect(source(folded).slice(0, 4)).toEqual([...LAYERS.slice(0, 2), 'e = Expand(a, [1099511627776])', huge[1]]);
  });

  test('what ONNX Runtime cannot compute', async () => {
    const model = build({
      ...mlp({}, ['w = Mul(m, m)']),
      inputs: { 'x: bfloat16': ['batch', 4] },
      outputs: ['y: bfloat16'],
      weights: Object.fromEntries(
        Object.entries({ m: [4, 8], b: [8], v: [8, 3] }).map(([name, dims]) => [name, randomly(dims, BFLOAT16)]),
      ),
    });
    expect(await foldConstants(model)).toBe(model);
  });
});

describe('commands', () => {
  const norm = { ...weightNorm, ...NORM_OPSET };

  test('prune cuts plain weights, and says so', async () => {
    const path = written('norm', norm);
    const output = folder.at('whole.onnx');
    const report = await prune(path, { ratio: 0, output });
    expect(report.notes).toEqual([expect.stringMatching(/computes a weight from constants \("w"\)/)]);
    const { ok } = await validate(output, { against: [path] });
    expect(ok).toBe(true);
    const half = await prune(path, { ratio: 0.5, output: folder.at('half.onnx'), mask: true });
    expect(half.groups.map(({ kept }) => kept)).toEqual([4]);
  });

  test('fuse: members that compute their weights and one that holds them', async () => {
    const [a, b] = members(norm);
    const plain = folder.put('plain.onnx', encodeModel(await foldConstants(b)));
    const other = folder.put('other.onnx', encodeModel(b));
    const first = folder.put('first.onnx', encodeModel(a));
    const outputs = ['fused.onnx', 'mixed.onnx'].map((name) => folder.at(name)) as [string, string];
    await fuse([first, other], { output: outputs[0] });
    await fuse([first, plain], { output: outputs[1] });
    expect((await validate(outputs[0], { against: [outputs[1]] })).ok).toBe(true);
    await fuse([first, other], { output: folder.at('mean.onnx'), method: 'average' });
    const ensemble = await fuse([first, other], { output: folder.at('ensemble.onnx'), method: 'ensemble' });
    expect(ensemble.notes).toEqual([]);
    expect((await validate(folder.at('ensemble.onnx'), { against: [first, other] })).ok).toBe(true);
  });

  test('a model that stands twice is folded once', async () => {
    const model = build(norm);
    const { models, notes } = await foldAll([model, model]);
    expect(models[0]).toBe(models[1]);
    expect(notes).toHaveLength(1);
  });
});
