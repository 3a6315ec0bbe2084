/** Gradient cases of products of matrices. */
import type { GradientCase } from './case.js';

const gemms: readonly GradientCase[] = [0, 1].flatMap((transA) =>
  [0, 1].map((transB) => ({
    inputs: { x: transA ? [3, 2] : [2, 3] },
    weights: { w: transB ? [4, 3] : [3, 4], b: [2, 1] },
    nodes: [`y = Gemm(x, w, b) {transA: ${transA}, transB: ${transB}, alpha: 0.5, beta: 2.0}`],
  })),
);

export const linearCases: readonly GradientCase[] = [
  ...gemms,
  { inputs: { x: ['batch', 3] }, weights: { w: [3, 4], b: [4] }, nodes: ['y = Gemm(x, w, b)'] },
  { inputs: { x: ['batch', 3] }, weights: { w: [3, 4], b: [] }, nodes: ['y = Gemm(x, w, b) {beta: 0.5}'] },
  { inputs: { x: [2, 3] }, weights: { w: [3, 4] }, nodes: ['y = Gemm(x, w)'] },
  { inputs: { x: ['batch', 3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] },
  // One matrix for a batch, one batch of them, and batches that broadcast.
  { inputs: { x: ['batch', 5, 3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: ['batch', 2, 3], w: [3, 'batch'] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: ['batch', 5, 3], w: ['batch', 3, 4] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [5, 3] }, weights: { w: [2, 3, 4] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [3, 1, 2, 4], w: [2, 4, 3] }, nodes: ['y = MatMul(x, w)'] },
  // Vectors.
  { inputs: { x: ['batch', 5, 3] }, weights: { w: [3] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [3] }, weights: { w: [2, 3, 4] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [3] }, weights: { w: [3, 4] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [4, 3] }, weights: { w: [3] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [3] }, weights: { w: [3] }, nodes: ['y = MatMul(x, w)'] },
];
