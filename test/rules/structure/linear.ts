/** Structure cases of matrix products. */
import { dense, flat, type StructureCase, sequence } from './case.js';

export const linearCases: readonly StructureCase[] = [
  dense(['a = Gemm(h, v, c)'], { weights: { v: [8, 8], c: [8] }, groups: [8, 8] }),
  dense(['a = Gemm(h, v, c) {transB: 1, alpha: 0.5, beta: 2.0}'], {
    weights: { v: [4, 8], c: [4] },
    groups: [8, 4],
    width: 4,
  }),
  dense(['t = Transpose(h)', 'u = Relu(t)', 'a = Gemm(u, v) {transA: 1}'], { weights: { v: [8, 8] }, groups: [8, 8] }),
  // The weight on the left side: neurons are rows.
  dense(['t = Transpose(h)', 'u = Gemm(v, t)', 'r = Relu(u)', 'a = Transpose(r)'], {
    weights: { v: [4, 8] },
    groups: [8, 4],
    width: 4,
  }),
  dense(['t = Transpose(h)', 'u = MatMul(v, t)', 'r = Relu(u)', 'a = Transpose(r)'], {
    weights: { v: [4, 8] },
    groups: [8, 4],
    width: 4,
  }),
  dense(['a = MatMul(h, v)'], { weights: { v: [8, 8] }, groups: [8, 8] }),
  sequence(['p = MatMul(h, v)', 'a = Add(p, c)'], { weights: { v: [8, 8], c: [8] }, groups: [8, 8] }),
  // A batch of matrices, one for each of the 5 places.
  {
    groups: [8],
    inputs: { x: ['batch', 5, 1, 6] },
    outputs: ['y'],
    weights: { w1: [5, 6, 8], w2: [5, 8, 3] },
    nodes: ['h = MatMul(x, w1)', 'a = Relu(h)', 'y = MatMul(a, w2)'],
  },
  // A product with a vector contracts the neurons and leaves none.
  {
    groups: [8],
    inputs: { x: ['batch', 6] },
    outputs: ['y'],
    weights: { w1: [6, 8], v: [8], w2: [1] },
    nodes: ['h = MatMul(x, w1)', 'a = Relu(h)', 'y = MatMul(a, v)'],
  },
  // The vector on the left; the input is one; the neurons stay beside the axis that a vector contracts.
  {
    groups: [8],
    inputs: { x: ['batch', 6] },
    outputs: ['y'],
    weights: { w1: [6, 8], v: [8] },
    nodes: ['h = MatMul(x, w1)', 'r = Relu(h)', 'a = Transpose(r)', 'y = MatMul(v, a)'],
  },
  {
    groups: [8],
    inputs: { x: [6] },
    outputs: ['y'],
    weights: { w1: [6, 8], w2: [8, 3] },
    nodes: ['h = MatMul(x, w1)', 'a = Relu(h)', 'y = MatMul(a, w2)'],
  },
  flat(['r = Relu(h)', 'p = MatMul(r, v)', 'a = Flatten(p)'], 32, {
    weights: { v: [4] },
    approximate: /neurons of all members/,
  }),
  flat(['r = Relu(h)', 'p = MatMul(v, r)', 'a = Flatten(p)'], 32, {
    weights: { v: [4] },
    approximate: /neurons of all members/,
  }),
  // Attention: the product of two activations.
  sequence(
    [
      'q = MatMul(h, wq)',
      'k = MatMul(h, wk)',
      'v = MatMul(h, wv)',
      't = Transpose(k) {perm: [0, 2, 1]}',
      's = MatMul(q, t)',
      'p = Softmax(s)',
      'a = MatMul(p, v)',
    ],
    { weights: { wq: [8, 4], wk: [8, 4], wv: [8, 8] }, groups: [8, 4, 8], mixes: /multiplies two activations/ },
  ),
];
