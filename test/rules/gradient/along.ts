/** Gradient cases of operators that work along axes by the order of positions there. */
import { int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const sums: readonly GradientCase[] = [0, 1].flatMap((exclusive) =>
  [0, 1].map((reverse) => ({
    inputs: { x: ['batch', 4] },
    weights: { at: int64s([-1], []) },
    nodes: [`y = CumSum(x, at) {exclusive: ${exclusive}, reverse: ${reverse}}`],
  })),
);

export const alongCases: readonly GradientCase[] = [
  ...sums,
  { inputs: { x: ['batch', 3, 3] }, nodes: ['y = Trilu(x) {upper: 0}'] },
  { inputs: { x: ['batch', 3, 4] }, weights: { k: int64s([1], []) }, nodes: ['y = Trilu(x, k)'] },
  {
    inputs: { x: [2, 4, 2] },
    weights: { n: int64s([3, 2]) },
    nodes: ['y = ReverseSequence(x, n) {time_axis: 1, batch_axis: 0}'],
  },
];
