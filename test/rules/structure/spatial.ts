/** Structure cases of convolution and pooling, and of constants. */
import { memoryBytes } from '../../../lib/ir/bytes.js';
import { FLOAT } from '../../../lib/ir/dtype.js';
import { int64s } from '../../support/weights.js';
import { conv, flat, type StructureCase, sequence } from './case.js';

const held = (values: readonly number[], dims: readonly number[]) => ({
  name: '',
  dtype: FLOAT,
  dims,
  data: memoryBytes(new Uint8Array(Float32Array.from(values).buffer)),
});

export const spatialCases: readonly StructureCase[] = [
  conv(['a = Conv(h, v, c) {strides: [2, 2], dilations: [1, 2]}'], {
    weights: { v: [6, 8, 3, 3], c: [6] },
    width: 6,
    groups: [8, 6],
  }),
  // Features along a spatial axis: a kernel of length 1 takes them one by one, one as long as the axis contracts them.
  sequence(['a = Conv(h, v, c)'], {
    weights: { v: [5, 5, 1], c: [5] },
    approximate: /neurons of all members/,
  }),
  {
    groups: [8, 6],
    inputs: { x: ['batch', 5, 6] },
    outputs: ['y'],
    weights: { w1: [6, 8], one: int64s([1]), v: [6, 1, 2, 8], c: [6], w2: [3, 6, 1, 1] },
    nodes: [
      'h = MatMul(x, w1)',
      'u = Unsqueeze(h, one)',
      'a = Conv(u, v, c) {kernel_shape: [2, 8]}',
      'y = Conv(a, w2)',
    ],
  },
  // A residual stream: one group.
  conv(['r = Relu(h)', 'c = Conv(r, v) {pads: [1, 1, 1, 1]}', 'a = Add(c, h)'], { weights: { v: [8, 8, 3, 3] } }),
  // Depthwise: a neuron goes through alone.
  conv(['a = Conv(h, v, c) {group: 8}'], { weights: { v: [8, 1, 3, 3], c: [8] } }),
  // Depthwise with a multiplier: two outputs for each input.
  conv(['a = Conv(h, v, c) {group: 8}'], { weights: { v: [16, 1, 3, 3], c: [16] }, width: 16 }),
  // Two groups of 4 in, 3 out: whole groups are neurons.
  conv(['a = Conv(h, v, c) {group: 2}'], {
    weights: { v: [6, 4, 3, 3], c: [6] },
    width: 6,
    groups: [2],
    after: [4, 3],
  }),
  conv(['a = Conv(h, v, c) {group: 4}'], { weights: { v: [4, 2, 3, 3], c: [4] }, width: 4, groups: [4], after: [2] }),
  conv(['a = ConvTranspose(h, v, c) {strides: [2, 2]}'], {
    weights: { v: [8, 6, 3, 3], c: [6] },
    width: 6,
    groups: [8, 6],
  }),
  ...['MaxPool', 'AveragePool', 'LpPool'].map((op) => conv([`a = ${op}(h) {kernel_shape: [2, 2], strides: [2, 2]}`])),
  // Over the places of a sequence, whose features lie on the last axis: there the window is a single one.
  ...['MaxPool', 'AveragePool', 'LpPool'].map((op) =>
    sequence(['u = Unsqueeze(h, one)', `p = ${op}(u) {kernel_shape: [2, 1], strides: [2, 1]}`, 'a = Squeeze(p, one)'], {
      weights: { one: int64s([1]) },
    }),
  ),
  ...['GlobalMaxPool', 'GlobalAveragePool', 'GlobalLpPool'].map((op) => conv([`a = ${op}(h)`])),
  flat(['g = GlobalAveragePool(h)', 'a = Flatten(g)'], 8),
  // Indices of a pooling count over all channels.
  conv(['a, i = MaxPool(h) {kernel_shape: [2, 2]}'], {
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /not linear/,
  }),
  // Weights that Constant nodes hold.
  {
    groups: [3],
    inputs: { x: ['batch', 2] },
    outputs: ['y'],
    parts: { w: held([1, 2, 3, 4, 5, 6], [2, 3]), v: held([1, -1, 2], [3, 1]) },
    nodes: [
      'w = Constant() {value: @w}',
      'v = Constant() {value: @v}',
      'h = MatMul(x, w)',
      'a = Relu(h)',
      'y = MatMul(a, v)',
    ],
  },
];
