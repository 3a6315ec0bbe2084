/** Wide models in which a node leads neurons to other places than the layers behind it have them. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { concat } from '../../lib/transforms/concat.js';
import { type Blueprint, build, members } from '../support/build.js';
import { groupSizes } from '../support/oracle.js';
import { sourceOf } from '../support/print.js';
import { expectClose, feedsFor, meanOf, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';

/** Members side by side compute the mean of the members. */
async function expectMean(all: readonly Model[]): Promise<Model> {
  const wide = concat(all, { exact: true }).model;
  const feeds = feedsFor(wide);
  expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
  return wide;
}

/** A skip of a U-Net: two branches of 3 and 5 channels joined, then taken apart in 2 groups of 4, the second from both. */
const skip: Blueprint = {
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 3], w2: [6, 5], apart: int64s([-1, 2, 4]), together: int64s([-1, 8]), w3: [8, 3] },
  nodes: [
    'a = MatMul(x, w1)',
    'b = MatMul(x, w2)',
    'c = Concat(a, b) {axis: 1}',
    'd = Reshape(c, apart)',
    'r = Relu(d)',
    'e = Reshape(r, together)',
    'y = MatMul(e, w3)',
  ],
};

describe('a Gather puts neurons in order', () => {
  test('behind a Concat, for groups that hold channels of both parts', async () => {
    expect(groupSizes(build(skip))).toEqual([1, 1]);
    const wide = await expectMean(members(skip));
    // The first group has 3 channels of the one part and 1 of the other: 3 and 3, 1 and 1, where it should be 3 and 1 twice.
    expect(sourceOf(wide, 'Gather')).toEqual([
      'c.ordered = Gather(c, [0, 1, 2, 6, 3, 4, 5, 7, 8, 9, 10, 11, 12, 13, 14, 15]) {axis: 1}',
    ]);
    await expectMean(members(skip, 3));
  });

  test('in front of a Split and behind a Concat: each neuron meets its neighbour', async () => {
    const wide = await expectMean(
      members({
        inputs: { x: ['batch', 6] },
        weights: { w1: [6, 4], sizes: int64s([1, 3]), w2: [4, 3] },
        nodes: [
          'h = MatMul(x, w1)',
          'p, q = Split(h, sizes) {axis: 1}',
          'r = Concat(q, p) {axis: 1}',
          's = Sub(r, h)',
          'y = MatMul(s, w2)',
        ],
      }),
    );
    expect(sourceOf(wide, 'Gather')).toEqual([
      'h.ordered = Gather(h, [0, 4, 1, 2, 3, 5, 6, 7]) {axis: 1}',
      'r.ordered = Gather(r, [0, 1, 2, 6, 3, 4, 5, 7]) {axis: 1}',
    ]);
  });

  test('around a grouped convolution, whose weight is put in order itself', async () => {
    const wide = await expectMean(
      members({
        inputs: { x: ['batch', 3, 4, 4] },
        weights: {
          w1: [4, 3, 1, 1],
          w2: [4, 2, 1, 1],
          w3: [4, 2, 1, 1],
          b3: [4],
          order: int64s([0, 2, 1, 3]),
          w4: [5, 4, 1, 1],
        },
        nodes: [
          'h = Conv(x, w1)',
          'a = Conv(h, w2) {group: 2}',
          's = Gather(a, order) {axis: 1}',
          'b = Conv(s, w3, b3) {group: 2}',
          't = Add(b, h)',
          'y = Conv(t, w4)',
        ],
      }),
    );
    // The order that the second convolution wants of its input goes through to its output.
    expect(sourceOf(wide, 'Gather')).toEqual([
      's = Gather(a, [0, 2, 1, 3, 4, 6, 5, 7]) {axis: 1}',
      's.ordered = Gather(s, [0, 1, 4, 5, 2, 3, 6, 7]) {axis: 1}',
      'b.ordered = Gather(b, [0, 1, 4, 5, 2, 3, 6, 7]) {axis: 1}',
    ]);
  });
});

test('nothing is put in order where nothing needs it', async () => {
  const plain: Blueprint = {
    ...skip,
    nodes: ['a = MatMul(x, w1)', 'b = MatMul(x, w2)', 'c = Concat(a, b) {axis: 1}', 'y = MatMul(c, w3)'],
  };
  expect(groupSizes(build(plain))).toEqual([3, 5]);
  expect(sourceOf(await expectMean(members(plain)), 'Gather')).toEqual([]);
});

test('what is cut in two places at once cannot be put in order', () => {
  const cut: Blueprint = {
    inputs: { x: ['batch', 6] },
    weights: { w1: [6, 4], zero: int64s([0]), one: int64s([1]), four: int64s([4]), w2: [4, 3] },
    nodes: [
      'h = MatMul(x, w1)',
      'p = Slice(h, zero, one, one)',
      'q = Slice(h, one, four, one)',
      'r = Concat(q, p) {axis: 1}',
      's = Sub(r, h)',
      'y = MatMul(s, w2)',
    ],
  };
  expect(() => concat(members(cut), { exact: false })).toThrow(
    expect.objectContaining({ code: 'LAYOUT_UNSUPPORTED', message: expect.stringContaining('in another order') }),
  );
});

test('what is padded around a neuron that stands several times cannot be put in order', () => {
  // All four places of d are one neuron, with nothing at its ends: side by side, both members' ends stand together.
  const padded: Blueprint = {
    inputs: { x: ['batch', 3] },
    weights: { w1: [3, 2], pads: int64s([0, 1, 0, 1]), sizes: int64s([1, 3]), w2: [4, 3] },
    nodes: [
      'h = MatMul(x, w1)',
      'd = Pad(h, pads)',
      'p, q = Split(d, sizes) {axis: 1}',
      'r = Concat(q, p) {axis: 1}',
      's = Sub(d, r)',
      'y = MatMul(s, w2)',
    ],
  };
  expect(groupSizes(build(padded))).toEqual([1]);
  expect(() => concat(members(padded), { exact: false })).toThrow(
    expect.objectContaining({ code: 'LAYOUT_UNSUPPORTED', message: expect.stringContaining('in another order') }),
  );
});
