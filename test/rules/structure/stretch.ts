/** Structure cases of operators that repeat, stretch, pad or fill. */
import { floats, int64s } from '../../support/weights.js';
import { conv, dense, type StructureCase, sequence } from './case.js';

const stretches: readonly StructureCase[] = [
  dense(['u = Unsqueeze(h, ones)', 'e = Expand(u, t)', 'a = ReduceMax(e) {axes: [1], keepdims: 0}'], {
    weights: { ones: int64s([1]), t: int64s([1, 5, 8]) },
  }),
  dense(['u = Unsqueeze(h, ones)', 'e = Expand(u, t)', 'a = ReduceMax(e) {axes: [1], keepdims: 0}'], {
    weights: { ones: int64s([1]), t: int64s([5, 1]) },
  }),
  conv(['a = Pad(h, p)'], { weights: { p: int64s([0, 0, 1, 2, 0, 0, 0, 1]) } }),
  conv(['a = Pad(h) {pads: [0, 0, 1, 1, 0, 0, 1, 1]}'], { opset: 10 }),
  // Channels of zeros, which whoever reads them may drop: behind the neurons, on both sides, as attribute, by name.
  conv(['a = Pad(h, p)'], { weights: { p: int64s([0, 0, 0, 0, 0, 2, 0, 0]) }, width: 10 }),
  // A shortcut that is padded to the width of a wider block, as ResNets on CIFAR have it.
  conv(['p = Pad(h, t)', 'c = Conv(h, v, u) {pads: [1, 1, 1, 1]}', 'a = Add(p, c)'], {
    weights: { t: int64s([0, 0, 0, 0, 0, 8, 0, 0]), v: [16, 8, 3, 3], u: [16] },
    width: 16,
    groups: [8, 8],
  }),
  conv(['p = Pad(h) {pads: [0, 4, 0, 0, 0, 4, 0, 0]}', 'c = Conv(h, v, u) {pads: [1, 1, 1, 1]}', 'a = Add(p, c)'], {
    opset: 10,
    weights: { v: [16, 8, 3, 3], u: [16] },
    width: 16,
    groups: [8, 8],
  }),
  conv(['p = Pad(h, t, half, i)', 'c = Conv(h, v, u) {pads: [1, 1, 1, 1]}', 'a = Add(p, c)'], {
    opset: 18,
    weights: { t: int64s([8, 0]), half: floats([0.5], []), i: int64s([-3]), v: [16, 8, 3, 3], u: [16] },
    width: 16,
    groups: [8, 8],
  }),
  ...['reflect', 'edge', 'wrap'].map((mode) =>
    conv([`a = Pad(h, p) {mode: '${mode}'}`], {
      opset: 19,
      weights: { p: int64s([0, 1, 0, 0, 0, 1, 0, 0]) },
      width: 10,
      groups: [],
      pruneRefused: 'NO_NEURONS',
      approximate: /mean/,
    }),
  ),
  conv(['a = Pad(h, p)'], {
    weights: { p: int64s([0, -1, 0, 0, 0, 0, 0, 0]) },
    width: 7,
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /mean/,
  }),
];

const filled: readonly StructureCase[] = [
  dense(['s = Shape(h)', 'z = ConstantOfShape(s)', 'c = Cos(z)', 'a = Add(h, c)']),
  dense(['z = ConstantOfShape(n)', 'c = Cos(z)', 'a = Add(h, c)'], { weights: { n: int64s([8]) } }),
  dense(['r = RandomNormal() {shape: [1, 8], mean: 2.0, scale: 1e-30}', 'a = Mul(h, r)']),
  dense(['r = RandomUniform() {shape: [8], low: 2.0, high: 2.0}', 'a = Mul(h, r)']),
  conv(['a = CenterCropPad(h, t) {axes: [1, 2, 3]}'], { opset: 18, weights: { t: int64s([8, 4, 7]) } }),
  conv(['a = CenterCropPad(h, t) {axes: [1]}'], {
    opset: 18,
    weights: { t: int64s([6]) },
    width: 6,
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /mean/,
  }),
];

const tiles: readonly StructureCase[] = [
  // The neurons twice, one behind the other; and twice along an axis beside theirs.
  dense(['a = Tile(h, t)'], { weights: { t: int64s([1, 2]) }, width: 16 }),
  sequence(['t = Tile(h, n)', 'a = Relu(t)'], { weights: { n: int64s([1, 3, 1]) } }),
  // A single value for each row, repeated for every neuron.
  dense(['m = ReduceMax(x) {axes: [1]}', 'r = Tile(m, t)', 'a = Mul(h, r)'], { weights: { t: int64s([1, 8]) } }),
  dense(['m = ReduceMax(x) {axes: [1]}', 'r = Expand(m, t)', 'a = Mul(h, r)'], { weights: { t: int64s([1, 8]) } }),
  dense(['n = Shape(h)', 'm = ReduceMax(x) {axes: [1]}', 'r = Expand(m, n)', 'a = Mul(h, r)']),
];

export const stretchingCases: readonly StructureCase[] = [...stretches, ...filled, ...tiles];
