/** Positions of one axis that change places by way of other shapes. */
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../lib/transforms/concat.js';
import { foldShuffles } from '../../lib/transforms/fold-shuffles.js';
import { type Blueprint, build, members } from '../support/build.js';
import { groupSizes, masked, pruneRandomly } from '../support/oracle.js';
import { sourceOf } from '../support/print.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';

const shuffled = (apart: readonly number[], together: readonly number[], turn: string): Blueprint => ({
  inputs: { x: ['batch', 3, 4, 4] },
  outputs: ['y'],
  weights: {
    w1: [6, 3, 1, 1],
    apart: int64s(apart),
    together: int64s(together),
    w2: [5, 6, 1, 1],
  },
  nodes: [
    'h = Conv(x, w1)',
    'a = Reshape(h, apart)',
    `t = Transpose(a) {perm: ${turn}}`,
    's = Reshape(t, together)',
    'y = Conv(s, w2)',
  ],
});

describe('a shuffle of channels is a Gather', () => {
  const CASES: Readonly<Record<string, readonly [Blueprint, string]>> = {
    'as PyTorch writes it': [shuffled([-1, 2, 3, 4, 4], [-1, 6, 4, 4], '[0, 2, 1, 3, 4]'), '[0, 3, 1, 4, 2, 5]'],
    'its places merged': [shuffled([-1, 2, 3, 16], [-1, 6, 4, 4], '[0, 2, 1, 3]'), '[0, 3, 1, 4, 2, 5]'],
    'an axis of length 1 between': [
      shuffled([-1, 2, 1, 3, 4, 4], [-1, 6, 4, 4], '[0, 3, 2, 1, 4, 5]'),
      '[0, 3, 1, 4, 2, 5]',
    ],
    'of three groups': [shuffled([0, 3, 2, 4, 4], [0, -1, 4, 4], '[0, 2, 1, 3, 4]'), '[0, 2, 4, 1, 3, 5]'],
  };

  test.each(Object.keys(CASES))('%s', async (name) => {
    const [print, order] = CASES[name] as (typeof CASES)[string];
    const model = build(print);
    const folded = foldShuffles(model);
    expect(sourceOf(folded, 'Gather')).toEqual([`s = Gather(h, ${order}) {axis: 1}`]);
    expect(folded.graph.nodes).toHaveLength(3);
    expect(foldShuffles(folded)).toBe(folded);
    await expectSameFunction(model, folded);
    expect(groupSizes(model)).toEqual([6]);
    const pruned = pruneRandomly(model);
    const feeds = feedsFor(model);
    expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
  });
});

describe('what is more than a shuffle of one axis stays', () => {
  test.each([
    ['channels and rows', shuffled([-1, 2, 3, 4, 4], [-1, 6, 4, 4], '[0, 3, 2, 1, 4]')],
    ['windows that are the whole', shuffled([-1, 6, 1, 4, 1, 4], [-1, 6, 4, 4], '[0, 1, 2, 4, 3, 5]')],
    ['rows first', shuffled([-1, 6, 4, 4], [-1, 6, 4, 4], '[0, 1, 3, 2]')],
    ['an order that is none', shuffled([-1, 2, 3, 4, 4], [-1, 6, 4, 4], '[0, 1, 2, 3, 4]')],
    ['another shape', shuffled([-1, 2, 3, 4, 4], [-1, 6, 2, 8], '[0, 2, 1, 3, 4]')],
  ])('%s', (_, print) => {
    const model = build(print);
    const folded = foldShuffles(model);
    expect(folded).toBe(model);
  });

  test('what is between is used elsewhere, or goes out', () => {
    const print = shuffled([-1, 2, 3, 4, 4], [-1, 6, 4, 4], '[0, 2, 1, 3, 4]');
    for (const each of [
      { ...print, outputs: ['y', 't'] },
      { ...print, outputs: ['y', 'z'], nodes: [...print.nodes, 'z = Relu(a)'] },
    ]) {
      const model = build(each);
      expect(foldShuffles(model)).toBe(model);
    }
  });
});

test('a target that is computed, for this shuffle alone: what computed it goes too', async () => {
  const print = shuffled([-1, 2, 3, 4, 4], [-1, 6, 4, 4], '[0, 2, 1, 3, 4]');
  const model = build({
    ...print,
    irVersion: 3,
    listed: Object.keys(print.weights ?? {}),
    nodes: print.nodes
      .flatMap((node) => (node.startsWith('s =') ? ['n = Shape(x)', 'i = Identity(together)', node] : [node]))
      .map((node) => node.replace('(t, together)', '(t, i)')),
  });
  const folded = foldShuffles(model);
  expect(folded.graph.nodes.map(({ opType }) => opType)).toEqual(['Conv', 'Shape', 'Gather', 'Conv']);
  expect([...folded.graph.initializers.keys()].sort()).toEqual(['s.order', 'w1', 'w2']);
});

test('two shuffles that share a node: one is folded, and both still compute the same', async () => {
  const model = build({
    inputs: { x: ['batch', 12] },
    weights: { apart: int64s([-1, 2, 6]), six: int64s([-1, 12]), w: [12, 2] },
    nodes: [
      'a = Reshape(x, apart)',
      't = Transpose(a) {perm: [0, 2, 1]}',
      'b = Reshape(t, apart)',
      'u = Transpose(b) {perm: [0, 2, 1]}',
      'c = Reshape(u, six)',
      'y = MatMul(c, w)',
    ],
  });
  const folded = foldShuffles(model);
  expect(foldShuffles(folded)).toBe(folded);
  await expectSameFunction(model, folded);
});

describe('nets of ShuffleNet', () => {
  /** Two branches joined, shuffled and split in halves, of which one goes through another layer. */
  const second: Blueprint = {
    inputs: { x: ['batch', 3, 4, 4] },
    outputs: ['y'],
    weights: {
      w1: [4, 3, 1, 1],
      w2: [4, 3, 1, 1],
      w3: [4, 4, 1, 1],
      w4: [5, 8, 1, 1],
      apart: int64s([-1, 2, 4, 4, 4]),
      together: int64s([-1, 8, 4, 4]),
    },
    opset: 18,
    nodes: [
      'a = Conv(x, w1)',
      'b = Conv(x, w2)',
      'c = Concat(a, b) {axis: 1}',
      'd = Reshape(c, apart)',
      'e = Transpose(d) {perm: [0, 2, 1, 3, 4]}',
      'f = Reshape(e, together)',
      'p, q = Split(f) {axis: 1, num_outputs: 2}',
      'r = Relu(q)',
      's = Conv(r, w3)',
      't = Concat(p, s) {axis: 1}',
      'y = Conv(t, w4)',
    ],
  };

  /** A grouped convolution, whose channels meet those of another group in the next one. */
  const first: Blueprint = {
    inputs: { x: ['batch', 3, 4, 4] },
    outputs: ['y'],
    weights: {
      w0: [8, 3, 1, 1],
      w1: [12, 4, 1, 1],
      w2: [12, 1, 3, 3],
      w3: [8, 6, 1, 1],
      w4: [5, 16, 1, 1],
      apart: int64s([-1, 2, 6, 4, 4]),
      together: int64s([-1, 12, 4, 4]),
    },
    nodes: [
      'h = Conv(x, w0)',
      'a = Conv(h, w1) {group: 2}',
      'd = Reshape(a, apart)',
      'e = Transpose(d) {perm: [0, 2, 1, 3, 4]}',
      'f = Reshape(e, together)',
      'g = Conv(f, w2) {group: 12, pads: [1, 1, 1, 1]}',
      'k = Conv(g, w3) {group: 2}',
      't = Concat(k, h) {axis: 1}',
      'y = Conv(t, w4)',
    ],
  };

  test('every channel of v2 is a neuron', () => {
    expect(groupSizes(build(second))).toEqual([2, 2, 2, 2, 4]);
  });

  test.each([
    ['v1', first],
    ['v2', second],
  ])('%s pruned, and side by side', async (_, print) => {
    const model = build(print);
    const pruned = pruneRandomly(model, 1, 'inner');
    const feeds = feedsFor(model);
    expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned, 'inner'), feeds));
    const all = members(print);
    const wide = concat(all, { exact: true }).model;
    expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
  });
});
