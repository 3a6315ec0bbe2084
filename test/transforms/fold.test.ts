/** Normalisations folded into the layers in front of them, so that members of both forms can be fused. */
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../lib/transforms/concat.js';
import { countAffine, foldAffine } from '../../lib/transforms/fold.js';
import { type Blueprint, build } from '../support/build.js';
import { source } from '../support/print.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';
import { floats, positive } from '../support/weights.js';

const vectors = { s: [4], b: [4], m: [4], v: positive([4]) };
const normed: Blueprint = {
  inputs: { x: ['batch', 2, 5, 5] },
  weights: { w1: [4, 2, 3, 3], c1: [4], w2: [3, 4, 1, 1], ...vectors },
  nodes: [
    'h = Conv(x, w1, c1)',
    'n = BatchNormalization(h, s, b, m, v) {epsilon: 0.01}',
    'r = Relu(n)',
    'y = Conv(r, w2)',
  ],
};
const dense: Blueprint = {
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 4], c1: [4], one: floats([2], [1]), w2: [4, 3], ...vectors },
  nodes: ['h = Gemm(x, w1, c1)', 'n = BatchNormalization(h, s, b, m, v)', 'y = Gemm(n, w2)'],
};

describe('folded', () => {
  test.each<readonly [string, Blueprint]>([
    ['a Conv with a bias', normed],
    ['a Conv without', { ...normed, nodes: ['h = Conv(x, w1)', ...normed.nodes.slice(1)] }],
    [
      'a depthwise Conv',
      {
        ...normed,
        weights: { ...normed.weights, d: [4, 1, 3, 3] },
        nodes: ['g = Conv(x, w1)', 'h = Conv(g, d) {group: 4}', ...normed.nodes.slice(1)],
      },
    ],
    [
      'a ConvTranspose',
      {
        ...normed,
        weights: { ...normed.weights, w1: [2, 4, 3, 3] },
        nodes: ['h = ConvTranspose(x, w1, c1)', ...normed.nodes.slice(1)],
      },
    ],
    ['a Gemm', dense],
    [
      'a turned Gemm with alpha',
      {
        ...dense,
        weights: { ...dense.weights, w1: [4, 6] },
        nodes: ['h = Gemm(x, w1) {transB: 1, alpha: 0.5}', ...dense.nodes.slice(1)],
      },
    ],
  ])('%s computes the same without a normalisation', async (_, print) => {
    const model = build(print);
    const folded = foldAffine(model);
    expect([countAffine(model), countAffine(folded)]).toEqual([1, 0]);
    await expectSameFunction(folded, model);
    expect(foldAffine(folded)).toBe(folded);
  });
});

describe('left alone', () => {
  test.each<readonly [string, Blueprint]>([
    ['what others read too', { ...normed, outputs: ['y', 'q'], nodes: [...normed.nodes, 'q = Tanh(h)'] }],
    ['what is an output', { ...normed, outputs: ['y', 'h'] }],
    ['a weight that is used twice', { ...normed, outputs: ['y', 'q'], nodes: [...normed.nodes, 'q = Conv(x, w1)'] }],
    ['behind a nonlinearity', { ...normed, nodes: ['k = Conv(x, w1, c1)', 'h = Relu(k)', ...normed.nodes.slice(1)] }],
    [
      'a bias with a factor of its own',
      { ...dense, nodes: ['h = Gemm(x, w1, c1) {beta: 0.5}', ...dense.nodes.slice(1)] },
    ],
    ['one bias for all neurons', { ...dense, nodes: ['h = Gemm(x, w1, one)', ...dense.nodes.slice(1)] }],
    [
      'statistics of the batch',
      {
        ...normed,
        opset: 15,
        nodes: [
          normed.nodes[0] as string,
          'n, p, q = BatchNormalization(h, s, b, m, v) {training_mode: 1}',
          ...normed.nodes.slice(2),
        ],
      },
    ],
  ])('%s', (_, print) => {
    const model = build(print);
    expect(source(foldAffine(model))).toEqual(source(model));
  });
});

test('a member with its normalisation and one without it fuse exactly', async () => {
  const kept = build({ ...normed, label: 'kept' });
  const folded = foldAffine(build({ ...normed, seed: 2, label: 'folded' }));
  for (const members of [
    [kept, folded],
    [folded, kept],
  ]) {
    const { model, notes } = concat(members, { exact: true });
    expect(notes.join()).toMatch(/folded in all of them/);
    const feeds = feedsFor(model);
    expectClose(await runModel(model, feeds), meanOf(await Promise.all(members.map((each) => runModel(each, feeds)))));
  }
});
