import { describe, test } from '@jest/globals';
import type { Blueprint } from '../../support/build.js';
import { expectGradients } from '../../support/gradients.js';

const CASES: readonly (readonly [string, Blueprint])[] = [
  ['Gemm', { inputs: { x: ['batch', 3] }, weights: { w: [3, 4], b: [4] }, nodes: ['y = Gemm(x, w, b)'] }],
  [
    'Gemm of turned matrices, scaled',
    {
      inputs: { x: [3, 2] },
      weights: { w: [4, 3], b: [2, 1] },
      nodes: ['y = Gemm(x, w, b) {transA: 1, transB: 1, alpha: 0.5, beta: 2.0}'],
    },
  ],
  ['MatMul', { inputs: { x: ['batch', 3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] }],
  ['MatMul, one matrix for a batch', { inputs: { x: [2, 5, 3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] }],
  ['MatMul, batches that broadcast', { inputs: { x: [3, 1, 2, 4], w: [2, 4, 3] }, nodes: ['y = MatMul(x, w)'] }],
  ['MatMul by a vector', { inputs: { x: [2, 5, 3] }, weights: { w: [3] }, nodes: ['y = MatMul(x, w)'] }],
  ['MatMul of a vector', { inputs: { x: [3] }, weights: { w: [2, 3, 4] }, nodes: ['y = MatMul(x, w)'] }],
];

describe('gradients of products', () => {
  test.each(CASES)('%s', (_, print) =>
    expectGradients(print, [...Object.keys(print.inputs), ...Object.keys(print.weights ?? {})]),
  );
});
