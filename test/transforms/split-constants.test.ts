/** Constants that a graph cuts up, as constants of their own. */
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../lib/transforms/concat.js';
import { splitConstants } from '../../lib/transforms/split-constants.js';
import { type Blueprint, build, members } from '../support/build.js';
import { groupSizes, masked, pruneRandomly } from '../support/oracle.js';
import { source } from '../support/print.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';

const print: Blueprint = {
  inputs: { x: ['batch', 6], m: ['batch', 6] },
  weights: {
    w: [6, 24],
    b: [24],
    sizes: int64s([8, 16]),
    one: int64s([1], []),
    from: int64s([2]),
    to: int64s([4]),
    at: int64s([0]),
  },
  nodes: [],
};
const parts = (nodes: readonly string[]) => splitConstants(build({ ...print, nodes }));

describe('is cut up', () => {
  test.each<readonly [string, readonly string[], readonly string[]]>([
    [
      'by a Split',
      ['p, q = Split(w, sizes) {axis: 1}', 'y = MatMul(x, p)', 'z = MatMul(x, q)'],
      ['y = MatMul(x, p)', 'z = MatMul(x, q)'],
    ],
    ['evenly', ['p, q, r = Split(w) {axis: -1}', 'y = MatMul(x, q)'], ['y = MatMul(x, q)']],
    ['by a Slice', ['p = Slice(w, from, to, at)', 'y = Concat(p, p) {axis: 0}'], ['y = Concat(p, p) {axis: 0}']],
    ['by a Gather of one position', ['p = Gather(w, one)', 'y = Add(b, p)'], ['y = Add(b, p)']],
    ['by a Gather of several', ['p = Gather(b, sizes)', 'y = Exp(p)'], ['y = Exp(p)']],
    [
      'again',
      ['p, q = Split(w, sizes) {axis: 1}', 'r = Gather(q, one)', 's = MatMul(x, p)', 'y = Exp(r)'],
      ['s = MatMul(x, p)', 'y = Exp(r)'],
    ],
  ])('%s', async (_, nodes, expected) => {
    const made = parts(nodes);
    expect(source(made)).toEqual(expected);
    expect(splitConstants(made)).toBe(made);
    await expectSameFunction(made, build({ ...print, nodes }));
  });
});

describe('stays', () => {
  test.each([
    ['what is used whole too', ['p, q = Split(w, sizes) {axis: 1}', 'r = MatMul(x, w)', 'y = MatMul(x, p)']],
    ['a part that the graph gives out', ['y, q = Split(w, sizes) {axis: 1}']],
    ['a table of rows', ['s = Shape(x) {end: 1}', 'p = Gather(w, s)', 'y = Exp(p)']],
  ])('%s', (_, nodes) => {
    const model = build({ ...print, nodes });
    expect(splitConstants(model)).toBe(model);
  });
});

/** Cross attention: queries of one stream, keys and values of another, all projections in one matrix. */
test('projections that PyTorch keeps in one matrix are layers', async () => {
  const attention: Blueprint = {
    inputs: { x: ['batch', 5, 6], m: ['batch', 4, 6] },
    outputs: ['y'],
    weights: { v: [6, 8], u: [6, 8], w: [24, 8], b: [24], sizes: int64s([8, 16]), halves: int64s([8, 8]), w2: [8, 3] },
    nodes: [
      'h = MatMul(x, v)',
      'g = MatMul(m, u)',
      'wq, wkv = Split(w, sizes)',
      'bq, bkv = Split(b, sizes)',
      'tq = Transpose(wq)',
      'tkv = Transpose(wkv)',
      'pq = MatMul(h, tq)',
      'q = Add(pq, bq)',
      'pkv = MatMul(g, tkv)',
      'kv = Add(pkv, bkv)',
      'k, d = Split(kv, halves) {axis: 2}',
      'kt = Transpose(k) {perm: [0, 2, 1]}',
      's = MatMul(q, kt)',
      'p = Softmax(s)',
      'a = MatMul(p, d)',
      'y = MatMul(a, w2)',
    ],
  };
  const model = splitConstants(build(attention));
  expect(groupSizes(model)).toEqual([8, 8, 8, 8]);
  const [first, second] = members(attention);
  const wide = concat([first, second], { exact: false }).model;
  expect(groupSizes(wide)).toEqual([16, 16, 16, 16]);
  await runModel(wide);
});

test('a layer that is cut up is pruned and fused as two are', async () => {
  const cut: Blueprint = {
    ...print,
    outputs: ['y'],
    weights: { ...print.weights, w2: [24, 3] },
    nodes: [
      'p, q = Split(w, sizes) {axis: 1}',
      'h = MatMul(x, p)',
      'g = MatMul(m, q)',
      'c = Concat(g, h) {axis: 1}',
      'r = Relu(c)',
      'y = MatMul(r, w2)',
    ],
  };
  const model = build(cut);
  const pruned = pruneRandomly(model);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
  const all = members(cut);
  const wide = concat(all, { exact: true }).model;
  expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
});
