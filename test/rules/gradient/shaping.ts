/** Gradient cases of operators that reshape, stretch and repeat. A square behind them makes the elements tell. */
import { int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

/** Two open axes: lengths that no single -1 tells. */
const OPEN = { x: ['batch', 'steps', 2] };

export const shapingCases: readonly GradientCase[] = [
  { inputs: { x: ['batch', 3, 2] }, nodes: ['y = Flatten(x)'] },
  { inputs: OPEN, nodes: ['y = Flatten(x) {axis: 2}'] },
  { inputs: { x: ['batch', 3, 2] }, weights: { t: int64s([0, -1]) }, nodes: ['y = Reshape(x, t)'] },
  { inputs: OPEN, weights: { t: int64s([-1]) }, nodes: ['y = Reshape(x, t)'] },
  { inputs: { x: ['batch', 1, 2, 1] }, weights: { at: int64s([1, -1]) }, nodes: ['y = Squeeze(x, at)'] },
  { inputs: { x: [2, 1, 3] }, nodes: ['y = Squeeze(x)'] },
  { inputs: OPEN, weights: { at: int64s([0, -1]) }, nodes: ['y = Unsqueeze(x, at)'] },
  { inputs: { x: ['batch', 3, 2] }, nodes: ['y = Transpose(x)'] },
  { inputs: { x: ['batch', 3, 2] }, nodes: ['y = Transpose(x) {perm: [1, 2, 0]}'] },
  { inputs: { x: [3, 1] }, weights: { t: int64s([2, 1, 4]) }, nodes: ['y = Expand(x, t)'] },
  {
    inputs: { x: ['batch', 4] },
    weights: { b: [1, 4] },
    nodes: ['n = Shape(x)', 'e = Expand(b, n)', 'y = Mul(e, x)'],
  },
  { inputs: { x: ['batch', 3] }, weights: { n: int64s([1, 2]) }, nodes: ['y = Tile(x, n)'] },
  { inputs: OPEN, weights: { n: int64s([2, 1, 3]) }, nodes: ['y = Tile(x, n)'] },
  { inputs: { x: ['batch', 2], 'n: int64': [2] }, nodes: ['y = Tile(x, n)'], feeds: counts(2, 3) },
  { inputs: { x: ['batch', 2, 4, 2] }, nodes: ['y = SpaceToDepth(x) {blocksize: 2}'] },
  { inputs: { x: ['batch', 8, 2, 3] }, nodes: ['y = DepthToSpace(x) {blocksize: 2}'] },
  { inputs: { x: ['batch', 8, 2, 3] }, nodes: ["y = DepthToSpace(x) {blocksize: 2, mode: 'CRD'}"] },
  { inputs: { x: ['batch', 8, 'rows', 2] }, nodes: ["y = DepthToSpace(x) {blocksize: 2, mode: 'CRD'}"] },
];

function counts(...values: readonly number[]) {
  return new Map([['n', { dtype: 7, dims: [values.length], data: BigInt64Array.from(values.map(BigInt)) }]]);
}
