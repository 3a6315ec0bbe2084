/** Shape cases of operators that pick or place by index or by value, and of those that work along an axis. */
import { bools, floats, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const image = { x: ['batch', 6, 4, 5] } as const;

const picking: readonly ShapeCase[] = [
  { inputs: image, weights: { i: int64s([0, 2, -1]) }, nodes: ['y = Gather(x, i) {axis: 1}'] },
  {
    inputs: image,
    weights: { i: int64s([0, 2], [1, 2]), j: int64s([1], []) },
    nodes: ['y = Gather(x, i) {axis: -1}', 'z = Gather(x, j) {axis: 1}'],
  },
  { inputs: { x: [3, 4], 'i: int64': [2, 4] }, nodes: ['y = GatherElements(x, i)'] },
  { inputs: { ...image, 'i: int64': ['batch', 3, 2] }, nodes: ['y = GatherND(x, i) {batch_dims: 1}'] },
  { inputs: { x: [3, 4, 5], 'i: int64': [7, 2] }, nodes: ['y = GatherND(x, i)'] },
  { inputs: { x: [3, 4], 'i: int64': [2, 3], u: [2, 3] }, nodes: ['y = ScatterElements(x, i, u) {axis: 1}'] },
  {
    opset: 9,
    inputs: { x: [3, 4] },
    weights: { i: int64s([0, 2], [1, 2]), u: [1, 2] },
    nodes: ['y = Scatter(x, i, u)'],
  },
  { inputs: { x: [3, 4], u: [2, 4] }, weights: { i: int64s([0, 2], [2, 1]) }, nodes: ['y = ScatterND(x, i, u)'] },
  {
    inputs: { 'i: int64': ['batch', 3] },
    weights: { n: int64s([5], []), v: floats([0, 1]) },
    nodes: ['y = OneHot(i, n, v)', 'z = OneHot(i, n, v) {axis: 1}'],
  },
  { inputs: image, weights: { k: int64s([3]) }, nodes: ['y, i = TopK(x, k)', 'z, j = TopK(x, k) {axis: 1}'] },
  { opset: 9, inputs: image, nodes: ['y, i = TopK(x) {k: 2, axis: 2}'] },
  ...['ArgMax', 'ArgMin'].map(
    (op): ShapeCase => ({ inputs: image, nodes: [`y = ${op}(x)`, `z = ${op}(x) {axis: -1, keepdims: 0}`] }),
  ),
  { inputs: { x: [3, 4] }, weights: { c: bools([1, 0, 1]) }, nodes: ['y = Compress(x, c) {axis: 0}'], open: ['y'] },
  { inputs: { x: [3, 4] }, weights: { c: bools([1, 0, 1]) }, nodes: ['y = Compress(x, c)'], open: ['y'] },
  { inputs: { x: [3, 4] }, nodes: ['y = NonZero(x)'], open: ['y'] },
  { inputs: { x: [3, 4] }, nodes: ['y, i, j, n = Unique(x)'], open: ['y', 'i', 'j', 'n'] },
  { inputs: { x: [3, 4] }, nodes: ['y = Unique(x) {axis: 1}'], open: ['y'] },
  {
    inputs: { b: [1, 6, 4], s: [1, 2, 6] },
    weights: { most: int64s([3], []) },
    nodes: ['y = NonMaxSuppression(b, s, most)'],
    open: ['y'],
  },
];

const along: readonly ShapeCase[] = [
  { inputs: image, weights: { at: int64s([1], []) }, nodes: ['y = CumSum(x, at)'] },
  { opset: 26, inputs: image, weights: { at: int64s([1], []) }, nodes: ['y = CumProd(x, at)'] },
  { inputs: { x: [5, 3, 4] }, weights: { n: int64s([1, 5, 2]) }, nodes: ['y = ReverseSequence(x, n)'] },
  { inputs: image, nodes: ['y = Trilu(x)'] },
  {
    opset: 24,
    inputs: { x: ['batch', 3, 7, 4], u: ['batch', 3, 2, 4], 'i: int64': ['batch'] },
    nodes: ['y = TensorScatter(x, u, i)'],
  },
  { inputs: { x: ['batch', 4, 3, 3] }, nodes: ['y = Det(x)'] },
  { inputs: { x: [3, 4] }, nodes: ['y = EyeLike(x)', 'z = EyeLike(x) {dtype: 7, k: 1}'] },
  { inputs: { x: ['batch', 4] }, nodes: ['y = Multinomial(x) {sample_size: 5}', 'z = Multinomial(x) {dtype: 7}'] },
  { inputs: { x: ['batch', 8, 1] }, nodes: ['y = DFT(x)', 'z = DFT(x) {onesided: 1}'] },
  {
    opset: 20,
    inputs: { x: ['batch', 8, 3, 1] },
    weights: { n: int64s([6], []), at: int64s([1], []) },
    nodes: ['y = DFT(x, , at) {onesided: 1}', 'z = DFT(x, n, at)', 'v = DFT(x)'],
  },
  ...['BlackmanWindow', 'HammingWindow', 'HannWindow'].map(
    (op): ShapeCase => ({
      inputs: {},
      weights: { n: int64s([7], []) },
      nodes: [`y = ${op}(n)`, `z = ${op}(n) {output_datatype: 11}`],
    }),
  ),
  {
    inputs: {},
    weights: {
      bins: int64s([8], []),
      n: int64s([32], []),
      rate: int64s([8000], []),
      low: floats([0], []),
      high: floats([4000], []),
    },
    nodes: ['y = MelWeightMatrix(bins, n, rate, low, high)'],
  },
];

export const indexingCases: readonly ShapeCase[] = [...picking, ...along];
