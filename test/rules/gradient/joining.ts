/** Gradient cases of Concat and Split. */
import { int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

export const joiningCases: readonly GradientCase[] = [
  { inputs: { a: ['batch', 2], b: ['batch', 3] }, weights: {}, nodes: ['y = Concat(a, b) {axis: -1}'] },
  { inputs: { a: ['n', 2], b: ['m', 2] }, nodes: ['y = Concat(a, b) {axis: 0}'] },
  { inputs: { a: ['n', 2] }, weights: { b: [1, 2] }, nodes: ['y = Concat(a, b, a) {axis: 0}'], by: ['a'] },
  { inputs: { a: ['batch', 2] }, nodes: ['y = Concat(a) {axis: 1}'] },
  {
    inputs: { x: ['batch', 5] },
    weights: { n: int64s([2, 3]) },
    nodes: ['a, b = Split(x, n) {axis: 1}', 'y = Sin(b)'],
  },
  { inputs: { x: [6, 2] }, nodes: ['a, b, c = Split(x)', 'p = Mul(a, c)', 'y = Sub(p, b)'] },
  {
    inputs: { x: ['batch', 5] },
    nodes: ['a, b = Split(x) {axis: -1, num_outputs: 2}', 'p = ReduceSum(b)', 'y = Mul(a, p)'],
    opset: 18,
  },
];
