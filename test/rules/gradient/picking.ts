/** Gradient cases of operators that pick or place by index; some indices stand twice. */
import { int32s, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

/** Before opset 16 nothing adds by index. */
const OPSETS = [13, 16, 18];

const lookups: readonly GradientCase[] = OPSETS.flatMap((opset): readonly GradientCase[] => [
  // Indices that are known when the model runs.
  {
    opset,
    inputs: { 'i: int64': ['batch', 3] },
    weights: { table: [4, 2] },
    nodes: ['y = Gather(table, i)'],
    feeds: integers('i', [2, 3], [0, 3, 3, -1, 1, 3]),
  },
  {
    opset,
    inputs: { x: ['batch', 4, 2], 'i: int32': ['n'] },
    nodes: ['y = Gather(x, i) {axis: 1}'],
    feeds: new Map([['i', { dtype: 6, dims: [3], data: Int32Array.from([2, -3, 1]) }]]),
  },
  {
    opset,
    inputs: { x: [4], 'i: int64': [] },
    nodes: ['y = Gather(x, i)'],
    feeds: integers('i', [], [2]),
  },
  { opset, inputs: { x: ['batch', 4] }, weights: { i: int64s([1, 1, -1, 0]) }, nodes: ['y = Gather(x, i) {axis: -1}'] },
]);

const gathers: readonly GradientCase[] = [
  // No index twice: one place, neighbours, any order.
  { inputs: { x: ['batch', 4] }, weights: { i: int64s([-1], []) }, nodes: ['y = Gather(x, i) {axis: 1}'] },
  { inputs: { x: ['batch', 4] }, weights: { i: int64s([1, 2]) }, nodes: ['y = Gather(x, i) {axis: 1}'] },
  {
    inputs: { x: ['batch', 5, 2] },
    weights: { i: int32s([3, 0, 4, 1], [2, 2]) },
    nodes: ['y = Gather(x, i) {axis: 1}'],
  },
  { inputs: { x: ['batch', 2] }, weights: { i: int64s([1, 0, 1]) }, nodes: ['y = Gather(x, i)'] },
  { inputs: { x: ['batch', 'places', 2] }, weights: { i: int64s([0], []) }, nodes: ['y = Gather(x, i) {axis: 1}'] },
  { inputs: { x: ['batch', 'places', 2] }, weights: { i: int64s([-1], []) }, nodes: ['y = Gather(x, i) {axis: 1}'] },
];

const elements: readonly GradientCase[] = OPSETS.flatMap((opset): readonly GradientCase[] => [
  {
    opset,
    inputs: { x: [2, 4] },
    weights: { i: int64s([0, 0, 3, -1, 2, 1], [2, 3]) },
    nodes: ['y = GatherElements(x, i) {axis: 1}'],
  },
  {
    opset,
    inputs: { x: [3, 2] },
    weights: { i: int64s([1, 1, 1, 0], [2, 2]) },
    nodes: ['y = GatherElements(x, i)'],
  },
]);

const places: readonly GradientCase[] = OPSETS.flatMap((opset): readonly GradientCase[] => [
  {
    opset,
    inputs: { x: [2, 3, 2] },
    weights: { i: int64s([0, 1, 1, -1, 0, 1], [3, 2]) },
    nodes: ['y = GatherND(x, i)'],
  },
  {
    opset,
    inputs: { x: ['batch', 3, 2], 'i: int64': ['batch', 2, 1] },
    nodes: ['y = GatherND(x, i) {batch_dims: 1}'],
    feeds: integers('i', [2, 2, 1], [0, 0, 2, -2]),
  },
  { opset, inputs: { x: [2, 3] }, weights: { i: int64s([1, 2, 0, 0, 1, 2], [3, 2]) }, nodes: ['y = GatherND(x, i)'] },
]);

const scatters: readonly GradientCase[] = [
  {
    inputs: { x: [2, 4], u: [2, 2] },
    weights: { i: int64s([0, -1, 2, 1], [2, 2]) },
    nodes: ['y = ScatterElements(x, i, u) {axis: 1}'],
    opset: 13,
  },
  {
    inputs: { x: [2, 4], u: [2, 2] },
    weights: { i: int64s([0, 0, 2, 1], [2, 2]) },
    nodes: ["y = ScatterElements(x, i, u) {axis: 1, reduction: 'add'}"],
  },
  {
    inputs: { x: ['batch', 4], u: [2, 4] },
    weights: { i: int64s([1, 0], [2, 1]) },
    nodes: ['y = ScatterND(x, i, u)'],
    opset: 13,
  },
  {
    inputs: { x: ['batch', 4], u: [3, 4] },
    weights: { i: int64s([1, 0, 1], [3, 1]) },
    nodes: ["y = ScatterND(x, i, u) {reduction: 'add'}"],
  },
];

const best: readonly GradientCase[] = [
  { inputs: { x: ['batch', 5] }, weights: { k: int64s([2]) }, nodes: ['y, i = TopK(x, k)'], outputs: ['y'] },
  {
    inputs: { x: ['batch', 5, 2] },
    weights: { k: int64s([3]) },
    nodes: ['y, i = TopK(x, k) {axis: 1, largest: 0}'],
    outputs: ['y'],
  },
];

export const pickingCases: readonly GradientCase[] = [
  ...lookups,
  ...gathers,
  ...elements,
  ...places,
  ...scatters,
  ...best,
];

function integers(name: string, dims: readonly number[], values: readonly number[]) {
  return new Map([[name, { dtype: 7, dims, data: BigInt64Array.from(values.map(BigInt)) }]]);
}
