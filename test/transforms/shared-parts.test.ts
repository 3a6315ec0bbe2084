/** What neurons share, and what that makes of the mean: constants, widths, layouts, weights with two tasks. */
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../lib/transforms/concat.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build, members } from '../support/build.js';
import { FUSE, groupSizes } from '../support/oracle.js';
import { refusal } from '../support/refused.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';
import { floats, int64s, randomly } from '../support/weights.js';
import { expectMasked, expectMean, mlp } from './edge-nets.js';

describe('constants that all neurons share', () => {
  const normalised = (mean: number, seed: number) =>
    build({
      ...mlp,
      seed,
      weights: { m: floats([mean], [1]), ...mlp.weights },
      nodes: ['c = Sub(x, m)', ...mlp.nodes.map((node) => node.replace('Gemm(x', 'Gemm(c'))],
    });

  test('are the mean of the members where they differ, which is told and no exact mean of what they compute', async () => {
    expect(concat([normalised(0.5, 1), normalised(0.5, 2)], { exact: true }).notes).toEqual([]);
    const members = [normalised(0.5, 1), normalised(0.25, 2)];
    expect(() => concat(members, { exact: true })).toThrow(refusal('NOT_EXACT', 'all neurons share "m"'));
    const weights = [3, 1];
    const { model, notes } = concat(members, { exact: false, weights });
    expect(notes).toEqual([expect.stringContaining('all neurons share "m"')]);
    const both = [normalised(0.4375, 1), normalised(0.4375, 2)];
    const feeds = feedsFor(model);
    expectClose(await runModel(model, feeds), await runModel(concat(both, { exact: true, weights }).model, feeds));
  });

  test('are the mean of the members in a transplant too', async () => {
    const fused = transplant([normalised(0.5, 1), normalised(0.25, 2)], { ...FUSE, weights: [1, 0], transfer: 0 });
    const feeds = feedsFor(fused.model);
    expectClose(await runModel(fused.model, feeds), await runModel(normalised(0.5, 1), feeds));
  });

  test('are no fusion where nothing else is there', () => {
    const scaled = (by: number) =>
      build({
        inputs: { x: ['batch', 6] },
        outputs: ['y'],
        weights: { m: floats([by], [1]) },
        nodes: ['y = Mul(x, m)'],
      });
    expect(() => concat([scaled(1), scaled(2)], { exact: false })).toThrow(
      refusal('NO_NEURONS', 'the members differ in "m", which belongs to none'),
    );
  });

  test('a Constant node is a constant', async () => {
    const print: Blueprint = {
      ...mlp,
      parts: { w: randomly([6, 8])('', () => 0.5) },
      nodes: ['w = Constant() {value: @w}', 'h = MatMul(x, w)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
      weights: { w2: [8, 3], b2: [3] },
    };
    await expectMasked(build(print));
    await expectMean(print);
  });
});

describe('embeddings', () => {
  const text = (nodes: readonly string[]): Blueprint => ({
    inputs: { 'ids: int64': ['batch', 5] },
    weights: { table: [2, 8], places: [5, 8], w1: [8, 6], w2: [6, 8], w3: [8, 3] },
    nodes: ['e = Gather(table, ids)', 's = Add(e, places)', ...nodes],
  });
  const stream = text(['h = MatMul(s, w1)', 'r = Relu(h)', 'd = MatMul(r, w2)', 't = Add(s, d)', 'y = MatMul(t, w3)']);
  const alone = text(['h = MatMul(s, w1)', 'r = Relu(h)', 'd = MatMul(r, w2)', 'y = MatMul(d, w3)']);

  test('whose features a layer makes too are neurons', async () => {
    expect(groupSizes(build(stream))).toEqual([6, 8]);
    await expectMasked(build(stream));
    await expectMean(stream);
  });

  test('that no layer writes to make neurons of their own', async () => {
    expect(groupSizes(build(alone))).toEqual([6, 8, 8]);
    await expectMasked(build(alone));
    await expectMean(alone);
  });
});

describe('a number computed from a width', () => {
  test('stays what it was at another width', async () => {
    const print = {
      ...mlp,
      nodes: [
        'h = Gemm(x, w1, b1)',
        's = Shape(h)',
        'n = Gather(s, i)',
        'f = Cast(n) {to: 1}',
        'q = Sqrt(f)',
        'r = Div(h, q)',
        'y = Gemm(r, w2, b2)',
      ],
    };
    const picking = (index: number): Blueprint => ({ ...print, weights: { ...mlp.weights, i: int64s([index]) } });
    for (const axis of [0, 1]) {
      await expectMasked(build(picking(axis)));
      await expectMean(picking(axis));
    }
  });
});

describe('only nearly the mean', () => {
  test('where two closing layers would weigh the members differently', async () => {
    const sized = (a: number, b: number, seed: number) =>
      build({
        ...mlp,
        seed,
        weights: { w1: [6, a], v1: [6, b], w2: [a, 3], v2: [b, 3] },
        nodes: [
          'h = MatMul(x, w1)',
          'r = Relu(h)',
          'g = MatMul(x, v1)',
          't = Tanh(g)',
          'p = MatMul(r, w2)',
          'q = MatMul(t, v2)',
          'y = Add(p, q)',
        ],
      });
    const all = [sized(4, 8, 1), sized(8, 8, 2)];
    expect(() => concat(all, { exact: true })).toThrow(
      refusal('NOT_EXACT', 'another proportion at "w2" than at "v2" (give --weights)'),
    );
    expect(() => transplant(all, { ...FUSE, exact: true })).toThrow(refusal('NOT_EXACT'));
    const wide = concat(all, { exact: true, weights: [1, 1] }).model;
    const feeds = feedsFor(wide);
    expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
    concat([sized(4, 8, 1), sized(8, 16, 2)], { exact: true });
  });

  test('where layers mix the places of each neuron (MLP-Mixer)', async () => {
    const mixer: Blueprint = {
      inputs: { x: ['batch', 5, 6] },
      weights: { w0: [6, 8], t1: [5, 7], t2: [7, 5], w2: [8, 3] },
      nodes: [
        'h = MatMul(x, w0)',
        't = Transpose(h) {perm: [0, 2, 1]}',
        'm = MatMul(t, t1)',
        'r = Relu(m)',
        'n = MatMul(r, t2)',
        'u = Transpose(n) {perm: [0, 2, 1]}',
        'y = MatMul(u, w2)',
      ],
    };
    expect(groupSizes(build(mixer))).toEqual([8, 7]);
    await expectMasked(build(mixer));
    expect(() => concat(members(mixer), { exact: true })).toThrow(
      refusal('NOT_EXACT', 'works on neurons of all members'),
    );
    await runModel(concat(members(mixer), { exact: false }).model);
  });
});

describe('layouts that cannot be widened, and members that only seem alike', () => {
  /** Channels last, split into `count` heads. */
  const split = (count: number): Blueprint => ({
    inputs: { x: ['batch', 1, 3, 2] },
    weights: { w1: [4, 1, 1, 1], f: int64s([-1, 24]), s: int64s([-1, count, 24 / count]), w2: [24, 3] },
    nodes: [
      'h = Conv(x, w1)',
      't = Transpose(h) {perm: [0, 2, 3, 1]}',
      'a = Reshape(t, f)',
      'b = Reshape(a, s)',
      'r = Relu(b)',
      'c = Reshape(r, f)',
      'y = Gemm(c, w2)',
    ],
  });

  test('heads that cut through the channels: every channel is put into order', async () => {
    expect(groupSizes(build(split(8)))).toEqual([1]);
    const wide = await expectMean(split(8));
    expect(wide.graph.nodes.filter(({ opType }) => opType === 'Gather')).toHaveLength(1);
  });

  test('heads that hold all channels several times', async () => {
    const wide = await expectMean(split(2));
    expect(wide.graph.nodes.filter(({ opType }) => opType === 'Gather')).toHaveLength(0);
  });

  const heads = (width: number): Blueprint => ({
    ...mlp,
    weights: { w1: [6, width], s: int64s([-1, 2, width / 2]), f: int64s([-1, width]), w2: [width, 3] },
    nodes: ['h = MatMul(x, w1)', 'a = Reshape(h, s)', 'r = Relu(a)', 'c = Reshape(r, f)', 'y = MatMul(c, w2)'],
  });

  test('heads of another size', () => {
    expect(() => concat([build(heads(8)), build(heads(12))], { exact: false })).toThrow(
      refusal('MEMBERS_DIFFER', 'does not hold the same neurons'),
    );
  });

  test('kernels of another size', () => {
    const kernel = (size: number): Blueprint => ({
      inputs: { x: ['batch', 1, 6, 6] },
      weights: { w1: [4, 1, size, size], w2: [4, 3] },
      nodes: ['h = Conv(x, w1)', 'r = Relu(h)', 'm = ReduceMean(r) {axes: [2, 3], keepdims: 0}', 'y = MatMul(m, w2)'],
    });
    expect(() => concat([build(kernel(3)), build(kernel(5))], { exact: false })).toThrow(refusal('MEMBERS_DIFFER'));
    expect(() => concat([build(kernel(5)), build(kernel(3))], { exact: false })).toThrow(refusal('MEMBERS_DIFFER'));
  });
});

test('a member with more neurons and as many fewer padded ones is rebuilt as it is', async () => {
  const padded = (width: number, seed: number) =>
    build({
      seed,
      inputs: { x: ['batch', 6] },
      weights: { w1: [6, width], pads: int64s([0, 0, 0, 4 - width]), v: [4, 4], w2: [4, 3] },
      nodes: ['h = MatMul(x, w1)', 'd = Pad(h, pads)', 'e = MatMul(d, v)', 's = Add(d, e)', 'y = MatMul(s, w2)'],
    });
  const all = [padded(2, 1), padded(3, 2)];
  const { model, proofs } = concat(all, { exact: true });
  const feeds = feedsFor(model);
  expectClose(await runModel(model, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
  expect(proofs).toHaveLength(1);
  for (const { member, rebuilt } of proofs) await expectSameFunction(rebuilt, member);
});

describe('weights with two tasks', () => {
  test('an autoencoder whose decoder is the encoder turned around', async () => {
    const tied: Blueprint = {
      inputs: { x: ['batch', 6] },
      weights: { w: [6, 8], b: [8] },
      nodes: ['h = Gemm(x, w, b)', 'r = Relu(h)', 'y = Gemm(r, w) {transB: 1}'],
    };
    await expectMasked(build(tied));
    await expectMean(tied);
  });

  test('one layer called twice', async () => {
    const print = {
      ...mlp,
      weights: { ...mlp.weights, v: [8, 8] },
      nodes: [
        'h = Gemm(x, w1, b1)',
        'p = MatMul(h, v)',
        'q = Tanh(p)',
        's = MatMul(q, v)',
        'r = Relu(s)',
        'y = Gemm(r, w2, b2)',
      ],
    };
    await expectMasked(build(print));
    await expectMean(print);
  });

  test('one closing layer for two outputs', async () => {
    const print = { ...mlp, outputs: ['y', 'z'], nodes: [...mlp.nodes, 't = Tanh(h)', 'z = Gemm(t, w2, b2)'] };
    await expectMasked(build(print));
    await expectMean(print);
  });

  test('one bias for two layers of different members', async () => {
    const print = {
      ...mlp,
      weights: { ...mlp.weights, v: [8, 8] },
      nodes: ['h = Gemm(x, w1, b1)', 'q = Tanh(h)', 's = Gemm(q, v, b1)', 'r = Relu(s)', 'y = Gemm(r, w2, b2)'],
    };
    expect(groupSizes(build(print))).toEqual([8, 8]);
    await expectMasked(build(print));
    await expectMean(print);
  });
});

describe('a product of two activations over tokens', () => {
  /** Each column of g is one neuron of h beside all of k: also those of other members. */
  const gram = (rest: readonly string[]): Blueprint => ({
    inputs: { x: [2, 3, 4] },
    weights: { a: [4, 5], b: [4, 6], c: [6, 3], d: [2, 15] },
    nodes: [
      'p = MatMul(x, a)',
      'h = Tanh(p)',
      't = Transpose(h) {perm: [0,2,1]}',
      'q = MatMul(x, b)',
      'k = Tanh(q)',
      ...rest,
    ],
  });
  const paired = gram(['g = MatMul(t, k)', 'l = MatMul(g, c)', 'e = Flatten(l)', 'y = Gemm(e, d) {transB: 1}']);

  test('pairs neurons of different members: no exact mean', () => {
    expect(() => concat(members(paired), { exact: true })).toThrow(refusal('NOT_EXACT', 'pairs the neurons'));
    expect(concat(members(paired), { exact: false }).notes.join()).toContain('pairs the neurons of two activations');
  });

  test('with the inputs alone it pairs nothing', () => {
    const alone = gram(['g = MatMul(t, x)', 'e = ReduceMean(g) {axes: [2], keepdims: 0}', 'y = MatMul(e, w)']);
    const print = { ...alone, weights: { ...alone.weights, w: [5, 2] } };
    expect(() => concat(members(print), { exact: true })).not.toThrow();
  });
});
