/** Structure cases of operators that move data. */
import { REDUCE } from '../../../lib/rules/families.js';
import { int64s } from '../../support/weights.js';
import { conv, dense, flat, type StructureCase, sequence } from './case.js';

const reshapes: readonly StructureCase[] = [
  flat(['a = Flatten(h)'], 128),
  flat(['a = Reshape(h, t)'], 128, { weights: { t: int64s([0, -1]) } }),
  flat(['a = Reshape(h, t)'], 128, { weights: { t: int64s([-1, 128]) } }),
  // Channels last: the channel runs fastest.
  flat(['n = Transpose(h) {perm: [0, 2, 3, 1]}', 'a = Flatten(n)'], 128),
  flat(['n = Transpose(h) {perm: [0, 2, 3, 1]}', 'a = Reshape(n, t)'], 128, { weights: { t: int64s([-1, 128]) } }),
  // In the middle: height, channel, width.
  flat(['n = Transpose(h) {perm: [0, 2, 1, 3]}', 'a = Reshape(n, t)'], 128, { weights: { t: int64s([-1, 128]) } }),
  // The target from Shape, as the older exporter writes it.
  flat(
    [
      's = Shape(h)',
      'n = Gather(s, zero)',
      'n1 = Unsqueeze(n, zeros)',
      't = Concat(n1, rest) {axis: 0}',
      'a = Reshape(h, t)',
    ],
    128,
    { weights: { zero: int64s([0], []), zeros: int64s([0]), rest: int64s([-1]) } },
  ),
  flat(
    [
      's = Shape(h)',
      'n = Gather(s, zero)',
      'n1 = Unsqueeze(n, zeros)',
      't = Concat(n1, rest) {axis: 0}',
      'a = Reshape(h, t)',
    ],
    128,
    { weights: { zero: int64s([0], []), zeros: int64s([0]), rest: int64s([128]) } },
  ),
  // There and back; batch and neurons in one axis.
  dense(
    [
      's = Shape(h)',
      'n = Size(h)',
      'n1 = Unsqueeze(n, zeros)',
      'f = Reshape(h, n1)',
      'r = Relu(f)',
      'a = Reshape(r, s)',
    ],
    {
      weights: { zeros: int64s([0]) },
    },
  ),
  sequence(['m = Reshape(h, t)', 'r = Relu(m)', 'a = Reshape(r, u)'], {
    weights: { t: int64s([-1, 8]), u: int64s([-1, 5, 8]) },
  }),
  // Two heads of 4: whole heads are the neurons.
  sequence(['m = Reshape(h, t)', 'r = Relu(m)', 'a = Reshape(r, u)'], {
    weights: { t: int64s([0, 0, 2, 4]), u: int64s([0, 0, 8]) },
    groups: [2],
    after: [4],
  }),
  sequence(['m = Reshape(h, t)', 'r = Relu(m)', 'a = Reshape(r, u)'], {
    weights: { t: int64s([-1, 5, 2, 4]), u: int64s([-1, 5, 8]) },
    groups: [2],
    after: [4],
  }),
  sequence(
    [
      's = Shape(h) {start: 2}',
      'd = Div(s, two)',
      't = Concat(rest, d) {axis: 0}',
      'm = Reshape(h, t)',
      'r = Relu(m)',
      'a = Reshape(r, u)',
    ],
    { weights: { two: int64s([2]), rest: int64s([-1]), u: int64s([-1, 5, 8]) }, groups: [2], after: [4] },
  ),
  // Both batch and places are open.
  sequence(['m = Reshape(h, t)', 'r = Relu(m)', 's = Shape(h)', 'a = Reshape(r, s)'], {
    inputs: { x: ['batch', 'places', 6] },
    weights: { t: int64s([0, 0, 2, 4]) },
    groups: [2],
    after: [4],
  }),
  // Shapes without common factors.
  dense(['m = Reshape(h, t)', 'r = Relu(m)', 'a = Reshape(r, u)'], {
    inputs: { x: [3, 6] },
    weights: { t: int64s([4, 6]), u: int64s([3, 8]) },
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /not linear/,
  }),
  conv(['g = GlobalAveragePool(h)', 's = Squeeze(g, at)', 'r = Relu(s)', 'a = Unsqueeze(r, at)'], {
    weights: { at: int64s([2, 3]) },
  }),
  conv(['g = GlobalAveragePool(h)', 's = Squeeze(g) {axes: [2, 3]}', 'a = Unsqueeze(s) {axes: [2, 3]}'], { opset: 12 }),
  dense(['t = Transpose(h)', 'r = Relu(t)', 'a = Transpose(r) {perm: [1, 0]}']),
];

const joins: readonly StructureCase[] = [
  dense(['g = Gemm(x, v1)', 'a = Concat(h, g) {axis: 1}'], { weights: { v1: [6, 4] }, width: 12, groups: [8, 4] }),
  dense(['a = Concat(h, h) {axis: -1}'], { width: 16 }),
  dense(['r = Relu(h)', 'a = Concat(h, x, r) {axis: 1}'], { width: 22 }),
  dense(['a = Concat(h, h) {axis: 0}']),
  dense(['a = Concat(h, h) {axis: 0}'], { inputs: { x: [3, 6] } }),
  // A gate: both halves are one group. Without it each half is a group of its own.
  dense(['p, q = Split(h) {axis: 1}', 's = Sigmoid(q)', 'a = Mul(p, s)'], { width: 4, groups: [4] }),
  dense(['p, q = Split(h) {axis: 1}', 's = Sigmoid(q)', 'a = Concat(p, s) {axis: 1}'], { groups: [4, 4] }),
  dense(['p, q = Split(h, sizes) {axis: 1}', 's = Sigmoid(q)', 'a = Concat(s, p) {axis: 1}'], {
    weights: { sizes: int64s([2, 6]) },
    groups: [2, 6],
  }),
  dense(['p, q = Split(h) {axis: 1, split: [2, 6]}', 's = Sigmoid(q)', 'a = Concat(s, p) {axis: 1}'], {
    opset: 12,
    groups: [2, 6],
  }),
  dense(['p, q, r = Split(h) {axis: 1, num_outputs: 3}', 's = Sigmoid(q)', 'a = Concat(s, r, p) {axis: 1}'], {
    opset: 18,
    groups: [3, 3, 2],
  }),
];

const picks: readonly StructureCase[] = [
  conv(['a = Slice(h, s, e, at)'], { weights: { s: int64s([1]), e: int64s([-1]), at: int64s([2]) } }),
  conv(['s = Slice(h) {starts: [0, 1], ends: [100, 3], axes: [1, 2]}', 'a = Relu(s)'], { opset: 9 }),
  // The whole axis, told by bounds that hold at any width.
  // The first half of an open batch: where it ends is known only when the model runs, but not along the neurons.
  dense(['s = Shape(h)', 'n = Gather(s, first)', 'e = Div(n, two)', 'a = Slice(h, first, e, first)'], {
    weights: { first: int64s([0]), two: int64s([2]) },
  }),
  dense(['a = Slice(h, s, e, at)'], { weights: { s: int64s([0]), e: int64s([2 ** 40]), at: int64s([1]) } }),
  // The whole axis by bounds that hold for this width or narrower ones: wider, they are rewritten.
  dense(['a = Slice(h, s, e, at)'], { weights: { s: int64s([0]), e: int64s([8]), at: int64s([1]) } }),
  dense(['a = Slice(h, s, e, at)'], { weights: { s: int64s([-8]), e: int64s([2 ** 40]), at: int64s([1]) } }),
  // Backwards: what a wider axis adds is turned round with the rest.
  dense(['a = Slice(h, s, e, at, step)'], {
    weights: { s: int64s([-1]), e: int64s([-(2 ** 40)]), at: int64s([1]), step: int64s([-1]) },
  }),
  dense(['p = Slice(h, s, e, at)', 'q = Slice(h, e, z, at)', 'g = Sigmoid(q)', 'a = Mul(p, g)'], {
    width: 4,
    groups: [4],
    weights: { s: int64s([0]), e: int64s([4]), z: int64s([8]), at: int64s([1]) },
  }),
  dense(['a = Gather(h, i) {axis: 1}'], {
    weights: { i: int64s([3, 1, 0, 2, 7, 5, 6, -4]) },
  }),
  dense(['i = Range(from, to, step)', 'a = Gather(h, i) {axis: 1}'], {
    weights: { from: int64s([0], []), to: int64s([8], []), step: int64s([1], []) },
  }),
  sequence(['a = Gather(h, i) {axis: 1}'], { weights: { i: int64s([4, 0]) } }),
  sequence(['a = Gather(h, i) {axis: 1}'], { weights: { i: int64s([4], []) } }),
  sequence(['a = Gather(h, i) {axis: 1}'], { weights: { i: int64s([4, 1, 2, 3], [2, 2]) } }),
  // A neuron picked by its number is fixed, and so are the others.
  dense(['i = Gather(h, zero2) {axis: 1}', 'a = Unsqueeze(i, ones)'], {
    weights: { zero2: int64s([0], []), ones: int64s([1]) },
    width: 1,
    groups: [],
    pruneRefused: 'NO_NEURONS',
    approximate: /mean/,
  }),
];

const positiveOnly = new Set(['ReduceLogSum']);

const reductions: readonly StructureCase[] = [
  // A split attention's radix: the parts are summed up, so that the channels are the neurons and not the parts.
  conv(['r = Conv(h, k)', 'v = Reshape(r, parts)', 'a = ReduceSum(v, radix) {keepdims: 0}'], {
    weights: { k: [16, 8, 1, 1], parts: int64s([-1, 2, 8, 6, 6]), radix: int64s([1]) },
    groups: [8, 8],
  }),
  ...REDUCE.flatMap((op): readonly StructureCase[] => [
    conv([`p = ${positiveOnly.has(op) ? 'Exp' : 'Tanh'}(h)`, `a = ${op}(p) {axes: [2, 3]}`], { opset: 11 }),
    flat([`p = ${positiveOnly.has(op) ? 'Exp' : 'Tanh'}(h)`, `a = ${op}(p, at) {keepdims: 0}`], 8, {
      opset: 18,
      weights: { at: int64s([2, 3]) },
    }),
    conv([`p = ${positiveOnly.has(op) ? 'Exp' : 'Tanh'}(h)`, `r = ${op}(p, at)`, 'a = Mul(r, h)'], {
      opset: 18,
      weights: { at: int64s([1]) },
      mixes: new RegExp(op),
    }),
  ]),
];

export const movingCases: readonly StructureCase[] = [...reshapes, ...joins, ...picks, ...reductions];
