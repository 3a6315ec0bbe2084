/** Structure cases of attention: four heads of four features. */
import { elementCount } from '../../../lib/ir/numeric.js';
import { floats, int64s } from '../../support/weights.js';
import type { StructureCase } from './case.js';

type Rest = Partial<StructureCase>;

/** The same numbers in all members. */
const values = (dims: readonly number[]) =>
  floats(
    Array.from({ length: elementCount(dims) }, (_, i) => Math.cos(i)),
    dims,
  );

const MULTIPLIES = /Attention multiplies these neurons/;

/** x [batch, 5, 6] -> queries q, keys k, values v of 16 features -> `nodes`, which make a -> y. */
const over = (nodes: readonly string[], { weights, ...rest }: Rest = {}): StructureCase => ({
  opset: 23,
  groups: [4],
  inputs: { x: ['batch', 5, 6] },
  outputs: ['y'],
  weights: { wq: [6, 16], wk: [6, 16], wv: [6, 16], bq: [16], w2: [16, 3], ...weights },
  nodes: [
    'p = MatMul(x, wq)',
    'q = Add(p, bq)',
    'k = MatMul(x, wk)',
    'v = MatMul(x, wv)',
    ...nodes,
    'y = MatMul(a, w2)',
  ],
  inner: { groups: [4, 4], mixes: MULTIPLIES },
  ...rest,
});

/** Splits one of q, k, v into heads of four features. */
const heads = (name: string): readonly string[] => [
  `${name}r = Reshape(${name}, split)`,
  `${name}4 = Transpose(${name}r) {perm: [0, 2, 1, 3]}`,
];
const split = { split: int64s([0, 0, -1, 4]), join: int64s([0, 0, -1]) };

/** Joins the heads of b. */
const join = ['bt = Transpose(b) {perm: [0, 2, 1, 3]}', 'a = Reshape(bt, join)'];

const joined: readonly StructureCase[] = [
  over(['a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 4}']),
  over(['a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 4, is_causal: 1, scale: 0.3, softcap: 2.0}']),
  over(['a = Attention(q, k, v, m) {q_num_heads: 4, kv_num_heads: 4}'], { weights: { m: values([5, 5]) } }),
  // A mask a head: ALiBi.
  over(['a = Attention(q, k, v, m) {q_num_heads: 4, kv_num_heads: 4}'], { weights: { m: [4, 5, 5] } }),
  // Values of other features than queries and keys.
  over(['a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 4}'], {
    weights: { wq: [6, 32], wk: [6, 32], bq: [32] },
    inner: { groups: [8, 4], mixes: MULTIPLIES },
  }),
  // One head: its features are the neurons.
  over(['a = Attention(q, k, v) {q_num_heads: 1, kv_num_heads: 1}'], {
    groups: [16, 16],
    mixes: MULTIPLIES,
    inner: { groups: [16, 16], mixes: MULTIPLIES },
  }),
  // Two heads of queries share one of keys and values: both go with it.
  over(['a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 2}'], {
    weights: { wk: [6, 8], wv: [6, 8] },
    groups: [2],
    after: [4, 4],
  }),
  over(['a = Attention(q, k, v) {q_num_heads: 8, kv_num_heads: 4}'], {
    weights: { wq: [6, 32], bq: [32], w2: [32, 3] },
    inner: { groups: [4, 4], mixes: MULTIPLIES },
  }),
  // One head of keys for all.
  over(['a = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 1}'], {
    weights: { wk: [6, 4], wv: [6, 4] },
    groups: [4, 4],
    mixes: MULTIPLIES,
  }),
  // The scores of all heads, and what is cached of keys and values.
  over(
    [
      'b, keys, values, scores = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 4}',
      'r = ReduceMax(keys, at)',
      'z = ReduceMax(values, at)',
      's = Add(r, z)',
      't = Reshape(s, join)',
      'm = ReduceMax(scores, last)',
      'e = Unsqueeze(m, last)',
      'f = Flatten(m)',
      'a = Mul(b, t)',
    ],
    {
      weights: { at: int64s([2]), last: int64s([-1]), join: int64s([0, 1, -1]) },
      inner: { groups: [4], mixes: MULTIPLIES },
    },
  ),
];

const separate: readonly StructureCase[] = [
  over([...['q', 'k', 'v'].flatMap(heads), 'b = Attention(q4, k4, v4)', ...join], { weights: split }),
  over([...['q', 'k', 'v'].flatMap(heads), 'b = Attention(q4, k4, v4) {is_causal: 1}', ...join], {
    opset: 24,
    weights: split,
  }),
  over([...['q', 'k', 'v'].flatMap(heads), 'b = Attention(q4, k4, v4)', ...join], {
    weights: { ...split, wk: [6, 8], wv: [6, 8] },
    groups: [2],
    after: [4, 4],
  }),
  // Former keys and values, which are fixed as the graph's inputs are: only the features of queries must agree with them.
  over([...['q', 'k', 'v'].flatMap(heads), 'b, pk2, pv2 = Attention(q4, k4, v4, , pk, pv)', ...join], {
    inputs: { x: ['batch', 5, 6], pk: ['batch', 4, 3, 4], pv: ['batch', 4, 3, 4] },
    weights: split,
    groups: [],
    inner: { groups: [] },
    pruneRefused: 'NO_NEURONS',
    approximate: /./,
  }),
];

const angles = { c: ['batch', 5, 2], s: ['batch', 5, 2] } as const;

/** Eight features a head, turned in four pairs. */
const wide = { wq: [6, 32], wk: [6, 32], bq: [32], split: int64s([0, 0, 4, -1]), join: int64s([0, 0, -1]) };

/** Queries and keys are turned by constant angles. */
const turned: readonly StructureCase[] = [
  over(
    [
      'qr = RotaryEmbedding(q, c, s) {num_heads: 4}',
      'kr = RotaryEmbedding(k, c, s) {num_heads: 4}',
      'a = Attention(qr, kr, v) {q_num_heads: 4, kv_num_heads: 4}',
    ],
    // The angles are the graph's inputs: whole heads may go, features of a head not.
    { inputs: { x: ['batch', 5, 6], ...angles }, inner: { groups: [4] } },
  ),
  // Four pairs are turned, the other eight features of a head pass.
  over(
    [
      'qr = RotaryEmbedding(q, c, s) {num_heads: 4, rotary_embedding_dim: 8}',
      'kr = RotaryEmbedding(k, c, s) {num_heads: 4, rotary_embedding_dim: 8}',
      'a = Attention(qr, kr, v) {q_num_heads: 4, kv_num_heads: 4}',
    ],
    {
      inputs: { x: [2, 5, 6] },
      weights: { wq: [6, 64], wk: [6, 64], bq: [64], c: values([2, 5, 4]), s: values([2, 5, 4]) },
      inner: { groups: [4, 8, 4], mixes: MULTIPLIES },
    },
  ),
  ...[0, 1].map((interleaved) =>
    over(
      [
        ...['q', 'k', 'v'].flatMap(heads),
        `qr4 = RotaryEmbedding(q4, c, s, at) {interleaved: ${interleaved}}`,
        `kr4 = RotaryEmbedding(k4, c, s, at) {interleaved: ${interleaved}}`,
        'b = Attention(qr4, kr4, v4)',
        ...join,
      ],
      {
        inputs: { x: [2, 5, 6] },
        weights: { ...wide, c: values([9, 4]), s: values([9, 4]), at: int64s([0, 1, 2, 3, 4, 4, 5, 6, 7, 8], [2, 5]) },
        inner: { groups: [4, 4], mixes: MULTIPLIES },
      },
    ),
  ),
];

export const attentionCases: readonly StructureCase[] = [...joined, ...separate, ...turned];
