/** Transplantation: sizes, strategies, templates of other widths, and which neurons of whom. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { concat } from '../../lib/transforms/concat.js';
import { prune } from '../../lib/transforms/prune.js';
import { type TransplantOptions, transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build, members } from '../support/build.js';
import { FUSE, groupSizes, PRUNE } from '../support/oracle.js';
import { expectClose, expectSameFunction, feedsFor, runModel } from '../support/run.js';
import { floats, int64s } from '../support/weights.js';

const sized = (a: number, b: number): Blueprint => ({
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, a], b1: [a], w2: [a, b], b2: [b], w3: [b, 3], b3: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'g = Gemm(r, w2, b2)', 's = Relu(g)', 'y = Gemm(s, w3, b3)'],
});

const weight = (model: Model, name: string): readonly number[] => {
  const tensor = model.graph.initializers.get(name);
  return tensor ? [...tensorReals(tensor)] : [];
};

test('by hand: the two best neurons of four, in order, and the closing layer halved', () => {
  const member = (w1: readonly number[], b1: readonly number[], w2: readonly number[], b2: number) =>
    build({
      inputs: { x: ['batch', 1] },
      weights: { w1: floats(w1, [1, 2]), b1: floats(b1), w2: floats(w2, [2, 1]), b2: floats([b2]) },
      nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
    });
  const fused = transplant([member([1, 5], [10, 20], [2, 3], 8), member([4, 0], [30, 40], [6, 0], 16)], FUSE).model;
  expect(weight(fused, 'w1')).toEqual([5, 4]);
  expect(weight(fused, 'b1')).toEqual([20, 30]);
  expect(weight(fused, 'w2')).toEqual([1.5, 3]);
  expect(weight(fused, 'b2')).toEqual([12]);
});

test('by hand: neurons of different members do not read each other', () => {
  const member = (w1: readonly number[], w2: readonly number[]) =>
    build({
      inputs: { x: ['batch', 1] },
      weights: { w1: floats(w1, [1, 2]), w2: floats(w2, [2, 2]), w3: floats([1, 1], [2, 1]) },
      nodes: ['h = MatMul(x, w1)', 'g = MatMul(h, w2)', 'y = MatMul(g, w3)'],
    });
  // First layer: neuron 1 of the first member, neuron 0 of the second; second layer the other way round.
  const fused = transplant([member([1, 50], [1, 2, 30, 4]), member([60, 1], [5, 70, 7, 8])], FUSE).model;
  expect(weight(fused, 'w1')).toEqual([50, 60]);
  expect(weight(fused, 'w2')).toEqual([30, 0, 0, 70]);
});

describe('sizes', () => {
  test('of the first member, or of the model that it shall be like', () => {
    const [narrow, wide] = [build(sized(4, 6)), build({ ...sized(10, 8), seed: 2 })];
    expect(groupSizes(transplant([narrow, wide], FUSE).model)).toEqual([4, 6]);
    expect(groupSizes(transplant([wide, narrow], FUSE).model)).toEqual([10, 8]);
    expect(groupSizes(transplant([narrow, wide], { ...FUSE, like: wide }).model)).toEqual([10, 8]);
    const between = build({ ...sized(7, 7), seed: 3 });
    expect(groupSizes(transplant([narrow, wide], { ...FUSE, like: between }).model)).toEqual([7, 7]);
  });

  test('of a template that is wider than all members together cannot be met', () => {
    const two = members(sized(4, 6));
    expect(() => transplant(two, { ...FUSE, like: build(sized(9, 6)) })).toThrow(
      expect.objectContaining({ code: 'SELECTION_SIZE' }),
    );
  });

  test.each([2, 3, 5, 6, 7])(
    "of %p members: the member's own, and with the ratio of the paper one less for 3, 5, 6 and 7",
    (k) => {
      const all = members(sized(6, 12), k);
      const lost = k === 2 ? 0 : 1;
      expect(groupSizes(transplant(all, FUSE).model)).toEqual([6, 12]);
      expect(groupSizes(transplant(all, { ...FUSE, ratio: 1 - 1 / k }).model)).toEqual([6 - lost, 12 - lost]);
    },
  );

  test('by a ratio wider than a member', async () => {
    const { model } = transplant(members(sized(6, 8)), { ...FUSE, ratio: 0.25 });
    expect(groupSizes(model)).toEqual([9, 12]);
    await runModel(model);
  });

  test('one ranking over all layers keeps the sum', () => {
    const { model } = transplant(members(sized(6, 8)), { ...FUSE, scope: 'global' });
    expect(groupSizes(model).reduce((a, b) => a + b)).toBe(14);
  });
});

test('a fusion is the concatenation, pruned by the same scores', async () => {
  const two = members(sized(6, 8));
  const fused = transplant(two, FUSE).model;
  const wide = concat(two, { exact: true }).model;
  const pruned = prune(wide, { ...PRUNE, importance: 'l2', ratio: 0.5 }).model;
  const feeds = feedsFor(fused);
  expectClose(await runModel(fused, feeds), await runModel(pruned, feeds));
});

test('shares follow the widths unless weights are given', () => {
  const [a, b] = [build(sized(4, 6)), build({ ...sized(10, 18), seed: 2 })];
  const bias = (options: Partial<TransplantOptions>) => weight(transplant([a, b], { ...FUSE, ...options }).model, 'b3');
  const [p, q] = [weight(a, 'b3'), weight(b, 'b3')];
  const mix = (share: number) => p.map((value, i) => Math.fround(value * share + (q[i] as number) * (1 - share)));
  const close = (actual: readonly number[], expected: readonly number[]) =>
    actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 6));
  close(bias({}), mix(0.25));
  close(bias({ weights: [3, 1] }), mix(0.75));
  expect(bias({ weights: [1, 0] })).toEqual(p);
  expect(bias({ weights: [0, 7] })).toEqual(q);
});

test.each([[[1]], [[1, 2, 3]], [[1, -1]], [[0, 0]], [[Number.NaN, 1]], [[Number.POSITIVE_INFINITY, 1]]])(
  'weights %j for two members are refused',
  (weights) => {
    for (const strategy of ['joint', 'iterative', 'hierarchical'] as const) {
      expect(() => transplant(members(sized(4, 4)), { ...FUSE, weights, strategy })).toThrow(
        expect.objectContaining({ code: 'USAGE' }),
      );
    }
  },
);

test('one model alone is no fusion', () => {
  expect(() => transplant([build(sized(4, 4))], FUSE)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  expect(() => transplant([build(sized(4, 4))], { ...FUSE, strategy: 'iterative' })).toThrow(
    expect.objectContaining({ code: 'USAGE' }),
  );
});

describe('strategies', () => {
  const four = members(sized(6, 8), 4);
  const [a, b, c, d] = four as readonly [Model, Model, Model, Model];
  const two = (x: Model, y: Model, weights?: readonly number[]) =>
    transplant([x, y], { ...FUSE, like: a, ...(weights ? { weights } : {}) }).model;

  test('iterative: each member is fused with what is there', async () => {
    const { model, rankings } = transplant(four, { ...FUSE, strategy: 'iterative' });
    expect(rankings).toHaveLength(3);
    await expectSameFunction(model, two(two(two(a, b), c), d));
  });

  test('hierarchical: pairs, then pairs of pairs', async () => {
    const { model, rankings } = transplant(four, { ...FUSE, strategy: 'hierarchical' });
    expect(rankings).toHaveLength(3);
    await expectSameFunction(model, two(two(a, b), two(c, d)));
  });

  test('hierarchical with three is joint', async () => {
    const three = four.slice(0, 3);
    const { model } = transplant(three, { ...FUSE, strategy: 'hierarchical' });
    await expectSameFunction(model, transplant(three, FUSE).model);
  });

  test('weights are those of the members, whatever the steps', async () => {
    const weights = [1, 2, 3, 4];
    const iterative = transplant(four, { ...FUSE, strategy: 'iterative', weights }).model;
    await expectSameFunction(iterative, two(two(two(a, b, [1, 2]), c, [3, 3]), d, [6, 4]));
    const hierarchical = transplant(four, { ...FUSE, strategy: 'hierarchical', weights }).model;
    await expectSameFunction(hierarchical, two(two(a, b, [1, 2]), two(c, d, [3, 4]), [3, 7]));
  });

  test.each(['iterative', 'hierarchical'] as const)('%s where the first members weigh nothing', async (strategy) => {
    const { model } = transplant(four, { ...FUSE, strategy, weights: [0, 0, 1, 0] });
    expect(weight(model, 'b3')).toEqual(weight(c, 'b3'));
    await runModel(model);
  });

  test.each(['iterative', 'hierarchical'] as const)('%s of all one model has its bias', (strategy) => {
    const { model } = transplant([a, a, a, a], { ...FUSE, strategy });
    weight(model, 'b3').forEach((value, i) => expect(value).toBeCloseTo(weight(a, 'b3')[i] as number, 5));
  });
});

describe('nets whose nodes name widths', () => {
  const lenet = (c: number, n: number, label = 'net'): Blueprint => ({
    label,
    inputs: { x: ['batch', 1, 6, 6] },
    weights: {
      w1: [c, 1, 3, 3],
      b1: [c],
      d: [c, 1, 3, 3],
      w2: [c * 16, n],
      b2: [n],
      w3: [n, 3],
      t: int64s([-1, c * 16]),
    },
    nodes: [
      'h = Conv(x, w1, b1)',
      `g = Conv(h, d) {group: ${c}, pads: [1, 1, 1, 1]}`,
      'r = Relu(g)',
      'f = Reshape(r, t)',
      'k = Gemm(f, w2, b2)',
      's = Relu(k)',
      'y = MatMul(s, w3)',
    ],
  });

  test('members of three widths fuse to any of them', async () => {
    const all = [lenet(4, 8), lenet(6, 10), lenet(8, 12)].map((print, i) => build({ ...print, seed: i + 1 }));
    for (const like of all) {
      const { model, proofs } = transplant(all, { ...FUSE, like });
      expect(groupSizes(model)).toEqual(groupSizes(like));
      await runModel(model);
      expect(proofs).toHaveLength(2);
      for (const { member, rebuilt } of proofs) await expectSameFunction(rebuilt, member);
    }
  });
});
