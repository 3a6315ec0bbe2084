/** Gradient cases of normalisations. Where ONNX Runtime has no kernel in double precision the formula stands beside them. */
import { int64s, positive } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const vectors = { s: [3], b: [3] };

const batch: readonly GradientCase[] = [
  ['batch', 3],
  ['batch', 3, 4],
  ['batch', 3, 2, 3],
].map((x) => ({
  inputs: { x },
  batch: 4,
  weights: { ...vectors, m: [3], v: positive([3]) },
  nodes: ['y = BatchNormalization(x, s, b, m, v) {epsilon: 0.01}'],
  by: ['x', 's', 'b', 'm', 'v'],
}));

const layer: readonly GradientCase[] = [
  { inputs: { x: ['batch', 5, 3] }, weights: vectors, nodes: ['y = LayerNormalization(x, s, b)'] },
  { inputs: { x: ['batch', 5, 3] }, weights: { s: [3] }, nodes: ['y = LayerNormalization(x, s) {epsilon: 0.1}'] },
  {
    inputs: { x: [2, 4, 3] },
    weights: { s: [4, 3], b: [4, 3] },
    nodes: ['y = LayerNormalization(x, s, b) {axis: 1}'],
  },
  { inputs: { x: ['batch', 'length', 3] }, weights: vectors, nodes: ['y = LayerNormalization(x, s, b) {axis: -1}'] },
];

/** RMSNormalization in operators of opset 17. */
const rms = (axes: string) => [
  'e = Constant() {value_float: 0.00001}',
  'q = Mul(x, x)',
  `m = ReduceMean(q) {axes: [${axes}]}`,
  'c = Cast(e) {to: 1}',
  'p = Add(m, c)',
  'd = Sqrt(p)',
  'n = Div(x, d)',
  'y = Mul(n, s)',
];

const meanSquare: readonly GradientCase[] = [
  {
    inputs: { x: ['batch', 5, 3] },
    weights: { s: [3] },
    opset: 23,
    nodes: ['y = RMSNormalization(x, s)'],
    exact: { nodes: rms('2'), opset: 17 },
  },
  {
    inputs: { x: [2, 4, 3] },
    weights: { s: [4, 3] },
    opset: 23,
    nodes: ['y = RMSNormalization(x, s) {axis: 1}'],
    exact: { nodes: rms('1, 2'), opset: 17 },
  },
  {
    inputs: { x: ['batch', 5, 3] },
    weights: { s: [3] },
    nodes: ['y = SimplifiedLayerNormalization(x, s)'],
    exact: { nodes: rms('2') },
  },
];

/** y = (x - mean) / sqrt(variance + 1e-5), over axes of what `before` makes of x. */
const standard = (axes: string, x: string, y: string) => [
  `mean = ReduceMean(${x}) {axes: [${axes}]}`,
  `centred = Sub(${x}, mean)`,
  'square = Mul(centred, centred)',
  `variance = ReduceMean(square) {axes: [${axes}]}`,
  'small = Constant() {value_float: 0.00001}',
  'epsilon = Cast(small) {to: 1}',
  'sum = Add(variance, epsilon)',
  'deviation = Sqrt(sum)',
  `${y} = Div(centred, deviation)`,
];

/** Scale and bias over channels of [batch, channels, h, w]. */
const scaled = (n: string) => [
  'axes = Constant() {value_ints: [1, 2]}',
  'su = Unsqueeze(s, axes)',
  'bu = Unsqueeze(b, axes)',
  `n1 = Mul(${n}, su)`,
  'y = Add(n1, bu)',
];

const instance: readonly GradientCase[] = [
  {
    inputs: { x: ['batch', 3, 2, 4] },
    weights: vectors,
    nodes: ['y = InstanceNormalization(x, s, b)'],
    exact: { nodes: [...standard('2, 3', 'x', 'n'), ...scaled('n')] },
  },
];

const group: readonly GradientCase[] = [
  {
    inputs: { x: ['batch', 4, 2, 3] },
    weights: { s: [4], b: [4] },
    opset: 21,
    nodes: ['y = GroupNormalization(x, s, b) {num_groups: 2}'],
    exact: {
      opset: 17,
      weights: { apart: int64s([0, 2, -1]), whole: int64s([0, 4, 2, 3]) },
      nodes: ['g = Reshape(x, apart)', ...standard('2', 'g', 'n'), 'w = Reshape(n, whole)', ...scaled('w')],
    },
  },
  {
    inputs: { x: ['batch', 4, 2, 3] },
    weights: { s: [2], b: [2] },
    opset: 18,
    nodes: ['y = GroupNormalization(x, s, b) {num_groups: 2}'],
    exact: {
      opset: 17,
      weights: { apart: int64s([0, 2, -1]), whole: int64s([0, 4, 2, 3]), last: int64s([1]) },
      nodes: [
        'g = Reshape(x, apart)',
        ...standard('2', 'g', 'n'),
        'su = Unsqueeze(s, last)',
        'bu = Unsqueeze(b, last)',
        'n1 = Mul(n, su)',
        'n2 = Add(n1, bu)',
        'y = Reshape(n2, whole)',
      ],
    },
  },
];

const others: readonly GradientCase[] = [
  {
    inputs: { x: [2, 3, 2, 3] },
    nodes: ['y = MeanVarianceNormalization(x)'],
    exact: { nodes: standard('0, 2, 3', 'x', 'y').map((each) => each.replace('0.00001', '0.0000000001')) },
  },
  {
    inputs: { x: ['batch', 3, 4] },
    nodes: ['y = MeanVarianceNormalization(x) {axes: [2]}'],
    exact: { nodes: standard('2', 'x', 'y').map((each) => each.replace('0.00001', '0.0000000001')) },
  },
  ...[1, 2].flatMap((p): readonly GradientCase[] => [
    { inputs: { x: ['batch', 3, 4] }, nodes: [`y = LpNormalization(x) {p: ${p}}`] },
    { inputs: { x: [2, 3, 4] }, nodes: [`y = LpNormalization(x) {p: ${p}, axis: 1}`], opset: 18 },
  ]),
];

export const normalisationCases: readonly GradientCase[] = [
  ...batch,
  ...layer,
  ...meanSquare,
  ...instance,
  ...group,
  ...others,
];
