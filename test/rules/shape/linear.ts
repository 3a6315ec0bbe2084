/** Shape cases of matrix products and normalisations. */
import { positive } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const vectors = { s: [3], b: [3], m: [3], v: positive([3]) };

export const linearCases: readonly ShapeCase[] = [
  { inputs: { x: ['batch', 5] }, weights: { w: [5, 7], c: [7] }, nodes: ['y = Gemm(x, w, c)'] },
  { inputs: { x: [5, 'batch'] }, weights: { w: [7, 5] }, nodes: ['y = Gemm(x, w) {transA: 1, transB: 1, alpha: 0.5}'] },
  { inputs: { x: ['batch', 5] }, weights: { w: [5, 7] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: ['batch', 1, 4, 5] }, weights: { w: [3, 5, 7] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: ['batch', 4, 5] }, weights: { w: [5] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [5] }, weights: { w: [3, 5, 7] }, nodes: ['y = MatMul(x, w)'] },
  { inputs: { x: [5] }, weights: { w: [5] }, nodes: ['y = MatMul(x, w)'] },
  ...['bij,bjk->bik', 'bij,bjk', ' b i j , b j k -> k b ', '...ij,...jk->...ik', '...ij,bjk->b...k', 'bij,bjk->'].map(
    (equation): ShapeCase => ({
      inputs: { x: ['batch', 4, 5], w: ['batch', 5, 7] },
      nodes: [`y = Einsum(x, w) {equation: '${equation}'}`],
    }),
  ),
  { inputs: { x: [4, 4] }, nodes: ["y = Einsum(x) {equation: 'ii->i'}", "z = Einsum(x) {equation: 'ii'}"] },
  { inputs: { x: ['batch', 3, 4, 4] }, weights: vectors, nodes: ['y = BatchNormalization(x, s, b, m, v)'] },
  {
    inputs: { x: ['batch', 3, 4] },
    weights: vectors,
    nodes: ['y, p, q = BatchNormalization(x, s, b, m, v) {training_mode: 1}'],
  },
  { opset: 9, inputs: { x: ['batch', 3] }, weights: vectors, nodes: ['y = BatchNormalization(x, s, b, m, v)'] },
  { inputs: { x: ['batch', 3, 4] }, weights: { s: [3], b: [3] }, nodes: ['y = InstanceNormalization(x, s, b)'] },
  { inputs: { x: ['batch', 5, 3] }, weights: { s: [3], b: [3] }, nodes: ['y = LayerNormalization(x, s, b)'] },
  { inputs: { x: ['batch', 5, 3] }, weights: { s: [5, 3] }, nodes: ['y = LayerNormalization(x, s) {axis: 1}'] },
  { inputs: { x: ['batch', 5, 3] }, weights: { s: [3] }, nodes: ['y, m, d = LayerNormalization(x, s)'] },
  {
    opset: 21,
    inputs: { x: ['batch', 6, 4] },
    weights: { s: [6], b: [6] },
    nodes: ['y = GroupNormalization(x, s, b) {num_groups: 2}'],
  },
  { inputs: { x: ['batch', 5, 3] }, weights: { s: [3] }, nodes: ['y = SimplifiedLayerNormalization(x, s)'] },
  { opset: 23, inputs: { x: ['batch', 5, 3] }, weights: { s: [3] }, nodes: ['y = RMSNormalization(x, s)'] },
  { inputs: { x: ['batch', 3, 4, 4] }, nodes: ['y = LRN(x) {size: 3}'] },
  { inputs: { x: ['batch', 3, 4] }, nodes: ['y = LpNormalization(x)'] },
  { inputs: { x: ['batch', 3, 4, 4] }, nodes: ['y = MeanVarianceNormalization(x)'] },
  ...['Softmax', 'LogSoftmax', 'Hardmax'].flatMap((op): readonly ShapeCase[] => [
    { inputs: { x: ['batch', 3, 4] }, nodes: [`y = ${op}(x) {axis: 1}`] },
    { opset: 11, inputs: { x: ['batch', 3, 4] }, nodes: [`y = ${op}(x)`] },
  ]),
];
