/** Structure cases of operators that move, sample or resample places of images. */
import { floats, int64s } from '../../support/weights.js';
import { conv, type StructureCase } from './case.js';

/** Channels behind a block of 2x2 places: every neuron stands 4 times. */
const blocks: readonly StructureCase[] = [
  conv(['c = Conv(h, v)', 'd = DepthToSpace(c) {blocksize: 2}', 'a = Relu(d)'], {
    weights: { v: [32, 8, 1, 1] },
    groups: [8, 8],
  }),
  conv(['c = Conv(h, v)', "d = DepthToSpace(c) {blocksize: 2, mode: 'CRD'}", 'a = Relu(d)'], {
    weights: { v: [32, 8, 1, 1] },
    groups: [8, 8],
  }),
  // A single channel is the neuron of the whole block.
  ...['DCR', 'CRD'].map((mode) =>
    conv(['c = Conv(h, v)', `d = DepthToSpace(c) {blocksize: 2, mode: '${mode}'}`, 'a = Relu(d)'], {
      weights: { v: [4, 8, 1, 1] },
      width: 1,
      groups: [8, 1],
      after: [4, 1],
    }),
  ),
  conv(['a = SpaceToDepth(h) {blocksize: 2}'], { width: 32 }),
  // There and back.
  conv(['s = SpaceToDepth(h) {blocksize: 3}', 'a = DepthToSpace(s) {blocksize: 3}']),
  // Pixel shuffle as older exporters write it.
  conv(
    ['c = Conv(h, v)', 'r = Reshape(c, split)', 't = Transpose(r) {perm: [0, 1, 4, 2, 5, 3]}', 'a = Reshape(t, back)'],
    {
      weights: { v: [32, 8, 1, 1], split: int64s([0, 8, 2, 2, 6, 6]), back: int64s([0, 8, 12, 12]) },
      groups: [8, 8],
    },
  ),
  {
    groups: [4],
    inputs: { x: ['batch', 6, 9] },
    outputs: ['y'],
    weights: { w1: [16, 6], image: int64s([6, 6]), block: int64s([2, 2]), w2: [3, 4, 1, 1] },
    nodes: ['h = MatMul(w1, x)', 'a = Col2Im(h, image, block) {strides: [2, 2]}', 'y = Conv(a, w2)'],
    opset: 18,
  },
];

const twice = { none: floats([]), s: floats([1, 1, 2, 2]) };

const resampled: readonly StructureCase[] = [
  ...['nearest', 'linear', 'cubic'].map((mode) =>
    conv([`a = Resize(h, none, s) {mode: '${mode}'}`], { weights: twice }),
  ),
  conv(['a = Resize(h, s)'], { opset: 10, weights: twice }),
  // Sizes that name the channels.
  conv(["a = Resize(h, none, none, z) {mode: 'nearest'}"], {
    inputs: { x: [2, 3, 6, 6] },
    weights: { none: floats([]), z: int64s([2, 8, 9, 9]) },
  }),
  conv(['s = Shape(h) {end: 1}', 't = Concat(s, z) {axis: 0}', 'a = Resize(h, none, none, t)'], {
    weights: { none: floats([]), z: int64s([8, 9, 9]) },
  }),
  conv(['a = Resize(h, , , z) {axes: [2, 3]}'], { opset: 18, weights: { z: int64s([4, 4]) } }),
  conv(['a = Resize(h, , , z) {axes: [3, 1]}'], { opset: 18, weights: { z: int64s([4, 8]) } }),
  conv(['a = Upsample(h, s)'], { opset: 9, weights: twice }),
  conv(['a = Upsample(h) {scales: [1.0, 1.0, 2.0, 2.0]}'], { opset: 7 }),
  // Channels that are resampled are fixed, and so are those of a crop.
  conv(['a = Resize(h, none, s)'], {
    weights: { none: floats([]), s: floats([1, 2, 1, 1]) },
    width: 16,
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /mean/,
  }),
  conv(["a = Resize(h, r, s) {mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize'}"], {
    weights: { r: floats([0, 0, 0, 0, 1, 1, 1, 1]), s: floats([1, 1, 2, 2]) },
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /mean/,
  }),
];

const sampled: readonly StructureCase[] = [
  conv(['a = GridSample(h, g)'], { inputs: { x: ['batch', 3, 6, 6], g: ['batch', 4, 5, 2] } }),
  // The grid is computed of the neurons: they are summed to two numbers, whose mean the members see.
  conv(
    [
      'p = GlobalAveragePool(h)',
      'f = Flatten(p)',
      'l = Gemm(f, wt)',
      't = Reshape(l, shape)',
      'g = AffineGrid(t, size)',
      'a = GridSample(h, g)',
    ],
    {
      opset: 20,
      inputs: { x: [2, 3, 6, 6] },
      weights: { wt: [8, 6], shape: int64s([2, 2, 3]), size: int64s([2, 8, 4, 4]) },
      approximate: /mean/,
    },
  ),
  conv(['a = RoiAlign(h, r, i) {output_height: 2, output_width: 2}'], {
    inputs: { x: [2, 3, 6, 6] },
    weights: { r: floats([0, 0, 4, 4, 1, 1, 5, 5, 2, 0, 5, 3], [3, 4]), i: int64s([0, 1, 0]) },
  }),
  conv(['a = MaxRoiPool(h, r) {pooled_shape: [2, 2]}'], {
    inputs: { x: [2, 3, 6, 6] },
    weights: { r: floats([0, 0, 0, 4, 4, 1, 1, 1, 5, 5], [2, 5]) },
  }),
];

const transposed: readonly StructureCase[] = [
  // Whole groups are neurons; within groups each side has its own.
  conv(['a = ConvTranspose(h, v, c) {group: 2}'], {
    weights: { v: [8, 4, 3, 3], c: [8] },
    groups: [2],
    after: [4, 4],
    inner: { groups: [4, 4] },
  }),
  conv(['a = ConvTranspose(h, v, c) {group: 4, strides: [2, 2]}'], {
    weights: { v: [8, 2, 3, 3], c: [8] },
    groups: [4],
  }),
  // Depthwise, and with a multiplier.
  conv(['a = ConvTranspose(h, v, c) {group: 8}'], { weights: { v: [8, 1, 3, 3], c: [8] }, inner: { groups: [8] } }),
  conv(['a = ConvTranspose(h, v, c) {group: 8}'], { weights: { v: [8, 2, 3, 3], c: [16] }, width: 16 }),
];

const deformed: readonly StructureCase[] = [
  conv(['a = DeformConv(h, v, o, c)'], {
    opset: 19,
    inputs: { x: ['batch', 3, 6, 6], o: ['batch', 18, 4, 4] },
    weights: { v: [6, 8, 3, 3], c: [6] },
    width: 6,
    groups: [8, 6],
  }),
  conv(['a = DeformConv(h, v, o, , m) {group: 2}'], {
    opset: 22,
    inputs: { x: ['batch', 3, 6, 6], o: ['batch', 18, 4, 4], m: ['batch', 9, 4, 4] },
    weights: { v: [6, 4, 3, 3] },
    width: 6,
    groups: [2],
    after: [4, 3],
  }),
  // Two groups of channels with offsets of their own: the same channels of both are one neuron.
  conv(['a = DeformConv(h, v, o) {offset_group: 2}'], {
    opset: 19,
    inputs: { x: ['batch', 3, 6, 6], o: ['batch', 36, 4, 4] },
    weights: { v: [6, 8, 3, 3] },
    width: 6,
    groups: [4, 6],
  }),
  // Offsets computed of the neurons.
  conv(['o = Conv(h, u)', 'a = DeformConv(h, v, o)'], {
    opset: 19,
    weights: { u: [18, 8, 3, 3], v: [6, 8, 3, 3] },
    width: 6,
    groups: [8, 6],
    approximate: /mean/,
  }),
];

export const pixelCases: readonly StructureCase[] = [...blocks, ...resampled, ...sampled, ...transposed, ...deformed];
