/** Structure cases of Einsum. */
import { floats } from '../../support/weights.js';
import { dense, type StructureCase, sequence } from './case.js';

const ein = (equation: string, a: string, b: string): string => `Einsum(${a}, ${b}) {equation: '${equation}'}`;

const products: readonly StructureCase[] = [
  dense([`a = ${ein('bi,io->bo', 'h', 'v')}`], { weights: { v: [8, 8] }, groups: [8, 8] }),
  // The weight first, turned, its result implied.
  dense([`p = ${ein('oi,bi->bo', 'v', 'h')}`, 'a = Relu(p)'], { weights: { v: [4, 8] }, groups: [8, 4], width: 4 }),
  dense([`t = ${ein('ij,jk', 'h', 'v')}`, 'a = Relu(t)'], { weights: { v: [8, 8] }, groups: [8, 8] }),
  sequence([`a = ${ein('...i,io->...o', 'h', 'v')}`], { weights: { v: [8, 8] }, groups: [8, 8] }),
  sequence([`a = ${ein('b...,...->b...', 'h', 'v')}`], { weights: { v: [5, 8] } }),
  // Neurons one by one, and a row stretched over them.
  dense([`a = ${ein('bi,i->bi', 'h', 'v')}`], { weights: { v: [8] } }),
  dense([`a = ${ein('bi,bi->bi', 'h', 'h')}`]),
  dense([`a = ${ein('...i,...->...i', 'h', 'v')}`], { weights: { v: floats([2]) } }),
  // Transposing and summing.
  dense(["t = Einsum(h) {equation: 'bi->ib'}", "a = Einsum(t) {equation: 'ib->bi'}"]),
  dense(["s = Einsum(h) {equation: 'bi->b'}", 'u = Unsqueeze(s) {axes: [1]}', 'a = Mul(h, u)'], {
    opset: 12,
    mixes: /Einsum sums over neurons/,
  }),
  // A product with a vector leaves no axis of it.
  {
    groups: [8],
    inputs: { x: ['batch', 6] },
    outputs: ['y'],
    weights: { w1: [6, 8], v: [8] },
    nodes: ['h = MatMul(x, w1)', 'a = Relu(h)', `y = ${ein('bi,i->b', 'a', 'v')}`],
  },
  // Three operands at once.
  dense(["a = Einsum(h, v, u) {equation: 'bi,ij,j->bi'}"], {
    weights: { v: [8, 5], u: [5] },
    groups: [8],
    approximate: /all neurons share "u"/,
  }),
  dense(["m = Einsum(h, h) {equation: 'bi,bj->bij'}", "a = Einsum(m) {equation: 'bii->bi'}"], {
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /./,
  }),
];

/** Attention as T5 and BERT in Einsum write it: four heads of four features, with heads as an axis of each weight. */
const attention: StructureCase = {
  groups: [4],
  inputs: { x: ['batch', 5, 6] },
  outputs: ['y'],
  weights: { wq: [6, 4, 4], wk: [6, 4, 4], wv: [6, 4, 4], bq: [4, 4], w2: [4, 4, 3] },
  nodes: [
    `p = ${ein('bse,ehd->bshd', 'x', 'wq')}`,
    'q = Add(p, bq)',
    `k = ${ein('bte,ehd->bthd', 'x', 'wk')}`,
    `v = ${ein('bte,ehd->bthd', 'x', 'wv')}`,
    `s = ${ein('bshd,bthd->bhst', 'q', 'k')}`,
    't = Softmax(s)',
    `a = ${ein('bhst,bthd->bshd', 't', 'v')}`,
    `y = ${ein('bshd,hde->bse', 'a', 'w2')}`,
  ],
  inner: { groups: [4, 4], mixes: /multiplies two activations/ },
};

/** A weight for each head. */
const heads: StructureCase = {
  groups: [4],
  inputs: { x: ['batch', 5, 6] },
  outputs: ['y'],
  weights: { w1: [6, 4, 4], v: [4, 4, 3], w2: [4, 3, 2] },
  nodes: [
    `h = ${ein('bse,ehd->bshd', 'x', 'w1')}`,
    `g = ${ein('bshd,hdf->bshf', 'h', 'v')}`,
    'a = Relu(g)',
    `y = ${ein('bshf,hfo->bso', 'a', 'w2')}`,
  ],
};

export const einsumCases: readonly StructureCase[] = [...products, attention, heads];
