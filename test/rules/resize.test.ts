/** What pruning half of 8 neurons writes into the nodes that name a width. That the result computes is tested in structure/. */
import { describe, expect, test } from '@jest/globals';
import { RESIZE_RULES } from '../../lib/rules/resize/index.js';
import { concat } from '../../lib/transforms/concat.js';
import { prune } from '../../lib/transforms/prune.js';
import { type Blueprint, build, members } from '../support/build.js';
import { masked, PRUNE, pruneRandomly } from '../support/oracle.js';
import { sourceOf } from '../support/print.js';
import { expectClose, feedsFor, runModel } from '../support/run.js';
import { int64s } from '../support/weights.js';
import { conv, dense, flat, type StructureCase, sequence } from './structure/case.js';

const REWRITTEN: readonly (readonly [string, StructureCase, string])[] = [
  ['Reshape', flat(['a = Reshape(h, t)'], 128, { weights: { t: int64s([-1, 128]) } }), 'a = Reshape(h, [-1, 64])'],
  ['Reshape', flat(['a = Reshape(h, t)'], 128, { weights: { t: int64s([0, 128]) } }), 'a = Reshape(h, [0, 64])'],
  ['Reshape', flat(['a = Reshape(h, t)'], 128, { weights: { t: int64s([0, -1]) } }), 'a = Reshape(h, [0, -1])'],
  // The target is computed of the batch, which is open, and the width, which is written down.
  [
    'Reshape',
    flat(['s = Shape(h) {end: 1}', 't = Concat(s, n) {axis: 0}', 'a = Reshape(h, t)'], 128, {
      weights: { n: int64s([128]) },
    }),
    'a = Reshape(h, [-1, 64])',
  ],
  // Two open lengths that stay on their axes are copied.
  [
    'Reshape',
    sequence(['s = Shape(h) {end: 2}', 't = Concat(s, n) {axis: 0}', 'a = Reshape(h, t)'], {
      inputs: { x: ['batch', 'places', 6] },
      weights: { n: int64s([8]) },
    }),
    'a = Reshape(h, [0, 0, 4])',
  ],
  [
    'Split',
    dense(['p, q = Split(h, n) {axis: 1}', 'a = Concat(p, q) {axis: 1}'], { weights: { n: int64s([2, 6]) } }),
    'p, q = Split(h, [1, 3]) {axis: 1}',
  ],
  ['Split', dense(['p, q = Split(h) {axis: 1}', 'a = Concat(p, q) {axis: 1}']), 'p, q = Split(h) {axis: 1}'],
  [
    'Split',
    dense(['p, q = Split(h) {axis: 1, split: [2, 6]}', 'a = Concat(p, q) {axis: 1}'], { opset: 11 }),
    'p, q = Split(h) {axis: 1, split: [1, 3]}',
  ],
  // Three parts of 3, 3 and 2 become 1, 1 and 1.
  [
    'Split',
    dense(['p, q, r = Split(h) {axis: 1, num_outputs: 3}', 'a = Concat(p, q, r) {axis: 1}'], { opset: 18 }),
    'p, q, r = Split(h) {axis: 1, num_outputs: 3}',
  ],
  ['Conv', conv(['a = Conv(h, v) {group: 8}'], { weights: { v: [8, 1, 3, 3] } }), 'a = Conv(h, v) {group: 4}'],
  [
    'Conv',
    conv(['a = Conv(h, v) {group: 4}'], { weights: { v: [4, 2, 3, 3] }, width: 4 }),
    'a = Conv(h, v) {group: 2}',
  ],
  [
    'Expand',
    dense(['u = Unsqueeze(h, i)', 'e = Expand(u, t)', 'a = ReduceSum(e, i) {keepdims: 0}'], {
      weights: { i: int64s([1]), t: int64s([1, 5, 8]) },
    }),
    'e = Expand(u, [1, 5, 4])',
  ],
  [
    'Slice',
    conv(['a = Slice(h, s, e, i)'], { weights: { s: int64s([0]), e: int64s([2]), i: int64s([2]) } }),
    'a = Slice(h, [0], [2], [2])',
  ],
  [
    'Gather',
    sequence(['a = Gather(h, i) {axis: 1}'], { weights: { i: int64s([0, 2]) } }),
    'a = Gather(h, [0, 2]) {axis: 1}',
  ],
  [
    'GroupNormalization',
    conv(['a = GroupNormalization(h, s, b) {num_groups: 4}'], { opset: 21, weights: { s: [8], b: [8] } }),
    'a = GroupNormalization(h, s, b) {num_groups: 2}',
  ],
];

test.each(REWRITTEN)('%s of %j', (op, each, expected) => {
  const lines = sourceOf(pruneRandomly(build(each)).model, op);
  expect(lines).toContain(expected);
});

test('every rule has a case', () => {
  const used = new Set(REWRITTEN.map(([op]) => op));
  expect([...RESIZE_RULES.keys()].filter((op) => !used.has(op))).toEqual([]);
});

describe('an even Split gets sizes where they are no longer even', () => {
  test('as an operand', () => {
    const print = dense(['p, q, r = Split(h) {axis: 1, num_outputs: 3}', 'a = Concat(q, r, p) {axis: 1}'], {
      opset: 18,
    });
    const wide = concat(members(print), { exact: true }).model;
    expect(sourceOf(wide, 'Split')).toEqual(['p, q, r = Split(h, [6, 6, 4]) {axis: 1}']);
  });

  test('as an attribute before opset 13', async () => {
    const model = build(dense(['p, q = Split(h) {axis: 1}', 'a = Concat(q, p) {axis: 1}'], { opset: 12 }));
    const pruned = prune(model, { ...PRUNE, ignore: ['p'] });
    expect(sourceOf(pruned.model, 'Split')).toEqual(['p, q = Split(h) {axis: 1, split: [4, 2]}']);
    const feeds = feedsFor(model);
    expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
  });
});

test('a 0 that copied another length, which was the same by chance, becomes a number', async () => {
  const print = flat(['s = Reshape(h, split)', 'r = Tanh(s)', 'a = Reshape(r, t)'], 128, {
    weights: { split: int64s([0, 2, 0, 4, 4]), t: int64s([0, -1]) },
  });
  const model = build(print);
  const pruned = pruneRandomly(model, 1, 'inner');
  expect(sourceOf(pruned.model, 'Reshape')).toEqual(['s = Reshape(h, [0, 2, 2, 4, 4])', 'a = Reshape(r, [0, -1])']);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned, 'inner'), feeds));
});

test('an operand that others use too is not changed for them', () => {
  const print = flat(
    ['b = Reshape(h, t)', 's = Cast(t) {to: 6}', 'd = ReduceSum(s)', 'n = Cast(d) {to: 1}', 'a = Mul(b, n)'],
    128,
    {
      weights: { t: int64s([-1, 128]) },
    },
  );
  const pruned = pruneRandomly(build(print)).model;
  expect(sourceOf(pruned, 'Cast')).toContain('s = Cast([-1, 128]) {to: 6}');
  expect(sourceOf(pruned, 'Reshape')).toEqual(['b = Reshape(h, [-1, 64])']);
});

test('a target with several open lengths of its own keeps them as the model computes them', async () => {
  const print: Blueprint = {
    inputs: { x: ['batch', 'steps', 4] },
    weights: {
      w1: [4, 8],
      w2: [8, 3],
      first: int64s([0]),
      next: int64s([1]),
      rest: int64s([2, 4]),
      whole: int64s([8]),
      flat: int64s([-1, 8]),
    },
    nodes: [
      'h = MatMul(x, w1)',
      't = Reshape(h, flat)',
      's = Shape(x)',
      'b = Gather(s, first)',
      'n = Gather(s, next)',
      'split = Concat(b, n, rest) {axis: 0}',
      'heads = Reshape(t, split)',
      'a = Tanh(heads)',
      'joined = Concat(b, n, whole) {axis: 0}',
      'm = Reshape(a, joined)',
      'y = MatMul(m, w2)',
    ],
  };
  const model = build(print);
  for (const factors of ['inner', 'outer'] as const) {
    const pruned = pruneRandomly(model, 1, factors);
    expect(sourceOf(pruned.model, 'Where')).toHaveLength(1);
    const feeds = feedsFor(model, {
      sizes: new Map([
        ['batch', 3],
        ['steps', 5],
      ]),
    });
    expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned, factors), feeds));
  }
});
