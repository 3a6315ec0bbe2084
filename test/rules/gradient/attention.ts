/** Gradient cases of Attention and RotaryEmbedding; in double precision they are products of matrices. */

import type { ExactFunction } from '../../support/gradients.js';
import { bools, doubles, floats, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const ROOT = { root: doubles([1 / Math.sqrt(3)], []) };

/** Heads as an axis. `mask`: how scores s become the probabilities' scores t. */
const heads = (node: string, mask: string, { inputs, weights, ...rest }: Partial<GradientCase> = {}): GradientCase => ({
  opset: 23,
  inputs: { q: ['batch', 2, 4, 3], k: ['batch', 2, 5, 3], v: ['batch', 2, 5, 2], ...inputs },
  weights: { ...weights },
  by: ['q', 'k', 'v'],
  nodes: [node],
  exact: {
    weights: { ...ROOT, ...weights, never: doubles([-1e30], []) },
    nodes: [
      'turned = Transpose(k) {perm: [0, 1, 3, 2]}',
      'products = MatMul(q, turned)',
      's = Mul(products, root)',
      mask,
      'p = Softmax(t)',
      'y = MatMul(p, v)',
    ],
  },
  ...rest,
});

/** Heads as parts of the last axis: 4 of queries for 2 of keys and values. */
const packed: GradientCase = {
  opset: 23,
  inputs: { q: ['batch', 4, 12], k: ['batch', 5, 6], v: ['batch', 5, 4] },
  nodes: ['y = Attention(q, k, v) {q_num_heads: 4, kv_num_heads: 2, scale: 0.5}'],
  exact: {
    weights: {
      half: doubles([0.5], []),
      heads: int64s([0, 0, 4, 3]),
      keys: int64s([0, 0, 2, 1, 3]),
      values: int64s([0, 0, 2, 1, 2]),
      twiceKeys: int64s([1, 1, 1, 2, 1]),
      flatKeys: int64s([0, 0, 4, 3]),
      flatValues: int64s([0, 0, 4, 2]),
      flat: int64s([0, 0, 8]),
    },
    nodes: [
      'q4 = Reshape(q, heads)',
      'qh = Transpose(q4) {perm: [0, 2, 1, 3]}',
      'k5 = Reshape(k, keys)',
      'k2 = Tile(k5, twiceKeys)',
      'k4 = Reshape(k2, flatKeys)',
      'kh = Transpose(k4) {perm: [0, 2, 3, 1]}',
      'v5 = Reshape(v, values)',
      'v2 = Tile(v5, twiceKeys)',
      'v4 = Reshape(v2, flatValues)',
      'vh = Transpose(v4) {perm: [0, 2, 1, 3]}',
      'products = MatMul(qh, kh)',
      's = Mul(products, half)',
      'p = Softmax(s)',
      'mixed = MatMul(p, vh)',
      'back = Transpose(mixed) {perm: [0, 2, 1, 3]}',
      'y = Reshape(back, flat)',
    ],
  },
};

const SEEN = [1, 1, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 0, 0, 1, 0, 1];

const BEFORE = bools(
  Array.from({ length: 20 }, (_, i) => Number(i % 5 <= Math.floor(i / 5))),
  [4, 5],
);

/** Halves of a rotated head, as ONNX says it: which two elements of a head turn together, and by which entry of the tables. */
interface Turn {
  readonly at: (batch: number, step: number) => number;
  /** Where head h of step s starts in an item, and how many elements of it turn. */
  readonly start: (head: number, step: number) => number;
  readonly pairs: readonly (readonly [number, number])[];
}

/** x of 2 items with 2 heads and 3 steps, rotated pair by pair. */
const rotated =
  (turn: Turn): ExactFunction =>
  (value) => {
    const [x, cos, sin] = ['x', 'cos', 'sin'].map((name) => value(name).data) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    const y = x.slice();
    for (let k = 0; k < 12; k++) {
      const [batch, head, step] = [Math.floor(k / 6), Math.floor(k / 3) % 2, k % 3];
      const from = (batch * x.length) / 2 + turn.start(head, step);
      turn.pairs.forEach(([a, b], pair) => {
        const entry = turn.at(batch, step) * turn.pairs.length + pair;
        const [c, s] = [cos[entry] as number, sin[entry] as number];
        const [left, right] = [x[from + a] as number, x[from + b] as number];
        y[from + a] = c * left - s * right;
        y[from + b] = s * left + c * right;
      });
    }
    return y;
  };

const PLACES = [0, 1, 2, 2, 1, 0];

const rotations: readonly GradientCase[] = [
  {
    opset: 23,
    inputs: { x: ['batch', 2, 3, 4] },
    weights: {
      cos: floats([1, 1, 0.5, 0.8, 0.2, 0.6], [3, 2]),
      sin: floats([0, 0, 0.9, 0.6, 0.98, 0.8], [3, 2]),
      at: int64s(PLACES, [2, 3]),
    },
    nodes: ['y = RotaryEmbedding(x, cos, sin, at)'],
    exact: rotated({
      at: (batch, step) => PLACES[3 * batch + step] as number,
      start: (head, step) => 12 * head + 4 * step,
      pairs: [
        [0, 2],
        [1, 3],
      ],
    }),
  },
  // Heads as parts of the last axis, neighbours turn together, and only the first two elements of a head.
  {
    opset: 23,
    inputs: { x: [2, 3, 8] },
    weights: {
      cos: floats([1, 0.5, 0.2, 0.7, 0.3, 0.1], [2, 3, 1]),
      sin: floats([0, 0.9, 0.98, 0.7, 0.95, 0.99], [2, 3, 1]),
    },
    nodes: ['y = RotaryEmbedding(x, cos, sin) {num_heads: 2, interleaved: 1, rotary_embedding_dim: 2}'],
    exact: rotated({
      at: (batch, step) => 3 * batch + step,
      start: (head, step) => 8 * step + 4 * head,
      pairs: [[0, 1]],
    }),
  },
];

export const attentionCases: readonly GradientCase[] = [
  heads('y = Attention(q, k, v)', 't = Identity(s)'),
  heads('y = Attention(q, k, v) {is_causal: 1}', 't = Where(before, s, never)', { weights: { before: BEFORE } }),
  heads('y = Attention(q, k, v, m)', 't = Add(s, m)', { inputs: { m: [4, 5] }, by: ['q', 'k', 'v', 'm'] }),
  heads('y = Attention(q, k, v, m)', 't = Where(m, s, never)', { weights: { m: bools(SEEN, [4, 5]) } }),
  packed,
  ...rotations,
];
