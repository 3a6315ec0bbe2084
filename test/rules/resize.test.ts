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

/** Eight heads of queries, two for each of keys and values. */
const heads = (...nodes: readonly string[]): StructureCase => ({
  opset: 23,
  groups: [4],
  inputs: { x: ['batch', 5, 6], c: ['batch', 5, 1] },
  outputs: ['y'],
  weights: { wq: [6, 16], wk: [6, 8], wv: [6, 8], w2: [16, 3] },
  nodes: ['q = MatMul(x, wq)', 'k = MatMul(x, wk)', 'v = MatMul(x, wv)', ...nodes, 'y = MatMul(a, w2)'],
});

type Rewritten = readonly [string, StructureCase, string];

const REWRITTEN: readonly Rewritten[] = [
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
  // The size of a head is computed of the features and the heads, of which there are half as many now.
  [
    'Reshape',
    sequence(
      [
        's = Shape(h) {start: 2}',
        'd = Div(s, two)',
        't = Concat(rest, d) {axis: 0}',
        'm = Reshape(h, t)',
        'r = Relu(m)',
        'a = Reshape(r, u)',
      ],
      { weights: { two: int64s([2]), rest: int64s([-1]), u: int64s([-1, 5, 8]) } },
    ),
    'm = Reshape(h, [-1, 4])',
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
  [
    'Conv',
    sequence(
      [
        'u = Unsqueeze(h, i)',
        'c = Conv(u, v) {kernel_shape: [2, 8]}',
        'd = Squeeze(c, j)',
        'a = Transpose(d) {perm: [0, 2, 1]}',
      ],
      {
        weights: { i: int64s([1]), j: int64s([3]), v: [8, 1, 2, 8] },
      },
    ),
    'c = Conv(u, v) {kernel_shape: [2, 4]}',
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
    'Gather',
    dense(['a = Gather(h, i) {axis: 1}'], { weights: { i: int64s([3, 1, 0, 2, 7, 5, 6, -4]) } }),
    'a = Gather(h, [3, 1, 0, 2]) {axis: 1}',
  ],
  [
    'Tile',
    dense(['m = ReduceMax(x) {axes: [1]}', 'r = Tile(m, t)', 'a = Mul(h, r)'], { weights: { t: int64s([1, 8]) } }),
    'r = Tile(m, [1, 4])',
  ],
  ['Tile', dense(['a = Tile(h, t)'], { weights: { t: int64s([1, 2]) }, width: 16 }), 'a = Tile(h, [1, 2])'],
  [
    'ConstantOfShape',
    dense(['z = ConstantOfShape(n)', 'a = Add(h, z)'], { weights: { n: int64s([8]) } }),
    'z = ConstantOfShape([4])',
  ],
  ...['RandomNormal', 'RandomUniform'].map(
    (op): Rewritten => [op, dense([`r = ${op}() {shape: [1, 8]}`, 'a = Mul(h, r)']), `r = ${op}() {shape: [1, 4]}`],
  ),
  [
    'CenterCropPad',
    conv(['a = CenterCropPad(h, t) {axes: [1, -1]}'], { opset: 18, weights: { t: int64s([8, 4]) } }),
    'a = CenterCropPad(h, [4, 4]) {axes: [1, -1]}',
  ],
  [
    'Pad',
    conv(['p = Pad(h, t)', 'c = Conv(h, v) {pads: [1, 1, 1, 1]}', 'a = Add(p, c)'], {
      weights: { t: int64s([0, 0, 0, 0, 0, 8, 0, 0]), v: [16, 8, 3, 3] },
      width: 16,
    }),
    'p = Pad(h, [0, 0, 0, 0, 0, 4, 0, 0])',
  ],
  ...(
    [
      ['LSTM', 4],
      ['GRU', 3],
      ['RNN', 1],
    ] as const
  ).map(
    ([op, gates]): Rewritten => [
      op,
      {
        groups: [8],
        inputs: { x: [5, 'batch', 6] },
        outputs: ['y'],
        weights: { w: [1, gates * 8, 6], r: [1, gates * 8, 8], v: [8, 3] },
        nodes: [`h = ${op}(x, w, r) {hidden_size: 8}`, 'y = MatMul(h, v)'],
      },
      `h = ${op}(x, w, r) {hidden_size: 4}`,
    ],
  ),
  [
    'Resize',
    conv(['a = Resize(h, , , z)'], { inputs: { x: [2, 3, 6, 6] }, weights: { z: int64s([2, 8, 9, 9]) } }),
    'a = Resize(h, , , [2, 4, 9, 9])',
  ],
  [
    'ConvTranspose',
    conv(['a = ConvTranspose(h, v) {group: 4}'], { weights: { v: [8, 2, 3, 3] } }),
    'a = ConvTranspose(h, v) {group: 2}',
  ],
  [
    'DeformConv',
    conv(['a = DeformConv(h, v, o) {group: 4}'], {
      opset: 19,
      inputs: { x: ['batch', 3, 6, 6], o: ['batch', 18, 4, 4] },
      weights: { v: [8, 2, 3, 3] },
    }),
    'a = DeformConv(h, v, o) {group: 2}',
  ],
  [
    'Attention',
    heads('a = Attention(q, k, v) {q_num_heads: 8, kv_num_heads: 4}'),
    'a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 2}',
  ],
  [
    'RotaryEmbedding',
    heads('r = RotaryEmbedding(q, c, c) {num_heads: 8}', 'a = Attention(r, k, v) {q_num_heads: 8, kv_num_heads: 4}'),
    'r = RotaryEmbedding(q, c, c) {num_heads: 4}',
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
