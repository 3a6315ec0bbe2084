/** Shape cases of operators that move data. */
import { memoryBytes } from '../../../lib/ir/bytes.js';
import { INT64 } from '../../../lib/ir/dtype.js';
import { REDUCE } from '../../../lib/rules/families.js';
import { floats, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const image = { x: ['batch', 6, 4, 5] } as const;

const reshapes: readonly ShapeCase[] = [
  {
    inputs: image,
    nodes: ['a = Flatten(x)', 'b = Flatten(x) {axis: 0}', 'c = Flatten(x) {axis: -1}', 'd = Flatten(x) {axis: 4}'],
  },
  { inputs: image, weights: { t: int64s([0, -1]) }, nodes: ['y = Reshape(x, t)'] },
  { inputs: image, weights: { t: int64s([-1, 2, 3, 20]) }, nodes: ['y = Reshape(x, t)'] },
  { inputs: { x: [2, 3] }, weights: { t: int64s([0, 3, 1, -1]) }, nodes: ['y = Reshape(x, t)'] },
  { inputs: { x: [0, 3] }, weights: { t: int64s([3, 0]) }, nodes: ['y = Reshape(x, t) {allowzero: 1}'] },
  {
    inputs: image,
    weights: { zero: int64s([0], []), axes: int64s([0]), rest: int64s([120]) },
    nodes: [
      's = Shape(x)',
      'n = Gather(s, zero)',
      'n1 = Unsqueeze(n, axes)',
      't = Concat(n1, rest) {axis: 0}',
      'y = Reshape(x, t)',
    ],
  },
  { inputs: { x: ['batch', 1, 3, 1] }, weights: { axes: int64s([1, -1]) }, nodes: ['y = Squeeze(x, axes)'] },
  { inputs: { x: [1, 3, 1] }, nodes: ['y = Squeeze(x)'] },
  {
    opset: 11,
    inputs: { x: ['batch', 1, 3] },
    nodes: ['y = Squeeze(x) {axes: [1]}', 'z = Unsqueeze(y) {axes: [0, -1]}'],
  },
  { inputs: { x: ['batch', 3] }, weights: { axes: int64s([2, 0]) }, nodes: ['y = Unsqueeze(x, axes)'] },
  { inputs: image, nodes: ['a = Transpose(x)', 'b = Transpose(x) {perm: [0, 2, 3, 1]}'] },
  { inputs: { x: [3, 1] }, weights: { t: int64s([2, 1, 4]) }, nodes: ['y = Expand(x, t)'] },
  { inputs: { x: ['batch', 1] }, weights: { t: int64s([1, 4]) }, nodes: ['y = Expand(x, t)'] },
  { inputs: image, weights: { t: int64s([1, 2, 1, 3]) }, nodes: ['y = Tile(x, t)'] },
];

const joins: readonly ShapeCase[] = [
  {
    inputs: { a: ['batch', 3, 4], b: ['batch', 5, 4] },
    nodes: ['y = Concat(a, b, a) {axis: 1}', 'z = Concat(y, a) {axis: -2}'],
  },
  { inputs: { a: ['batch', 3], b: ['batch', 3] }, nodes: ['y = Concat(a, b) {axis: 0}'] },
  { inputs: { a: ['batch', 3], b: [2, 3] }, nodes: ['y = Concat(a, b) {axis: 0}'], open: ['y'] },
  { inputs: image, weights: { sizes: int64s([1, 5]) }, nodes: ['a, b = Split(x, sizes) {axis: 1}'] },
  { inputs: image, nodes: ['a, b, c = Split(x) {axis: -3}'] },
  { opset: 11, inputs: image, nodes: ['a, b = Split(x) {axis: 1, split: [4, 2]}', 'c, d = Split(x) {axis: 1}'] },
  { opset: 18, inputs: { x: ['batch', 7] }, nodes: ['a, b, c = Split(x) {axis: 1, num_outputs: 3}'] },
  {
    inputs: { x: [6], 'sizes: int64': [2] },
    feeds: { sizes: int64s([2, 4]) },
    nodes: ['a, b = Split(x, sizes)'],
    open: ['a', 'b'],
  },
];

/** `[start, end, axis, step]` of a Slice with operands. */
const sliced = (
  start: readonly number[],
  end: readonly number[],
  axes: readonly number[],
  steps: readonly number[],
): ShapeCase => ({
  inputs: { x: ['batch', 7, 5] },
  weights: { s: int64s(start), e: int64s(end), a: int64s(axes), t: int64s(steps) },
  nodes: ['y = Slice(x, s, e, a, t)'],
});

const slices: readonly ShapeCase[] = [
  sliced([1, 0], [5, 9], [1, 2], [2, 1]),
  sliced([-3], [-1], [1], [1]),
  sliced([-1], [-100], [1], [-1]),
  sliced([100], [0], [-1], [-2]),
  sliced([-100], [-100], [1], [-1]),
  sliced([3], [3], [1], [1]),
  sliced([4], [2], [1], [1]),
  sliced([0], [2 ** 62], [1], [3]),
  {
    // An open end on its way through other nodes: exporters write it as a scalar.
    inputs: { x: ['batch', 7, 5] },
    weights: { end: int64s([2 ** 62], []), zero: int64s([0]), s: int64s([1]), a: int64s([1]) },
    nodes: [
      'c = Constant() {value_int: 4611686018427387904}',
      'e = Unsqueeze(c, zero)',
      'y = Slice(x, s, e, a)',
    ].concat(['i = Identity(end)', 'f = Unsqueeze(i, zero)', 'z = Slice(x, s, f, a)']),
  },
  {
    // Beyond 2^53 numbers are not exact here: what is computed with them is not known.
    inputs: { x: ['batch', 7, 5] },
    weights: { huge: int64s([2 ** 62]), more: int64s([2 ** 62 - 2 ** 20]), a: int64s([1]) },
    nodes: ['e = Sub(huge, more)', 'n = Neg(huge)', 'm = Mul(huge, huge)', 'y = Slice(x, n, e, a)'],
    open: ['y'],
  },
  {
    opset: 9,
    inputs: { x: [4, 7] },
    nodes: ['y = Slice(x) {starts: [1, -3], ends: [3, 100]}', 'z = Slice(x) {starts: [2], ends: [5], axes: [1]}'],
  },
  // An open end that a Constant node holds: INT64_MAX is no exact number here.
  {
    inputs: { x: ['batch', 7] },
    weights: { one: int64s([1]) },
    parts: {
      last: {
        name: '',
        dtype: INT64,
        dims: [1],
        data: memoryBytes(new Uint8Array(BigInt64Array.of(2n ** 63n - 1n).buffer)),
      },
    },
    nodes: ['e = Constant() {value: @last}', 'd = Shape(x)', 'c = Slice(d, one, e)', 'y = Slice(x, one, e, one)'],
  },
  { inputs: image, weights: { s: int64s([1]), e: int64s([3]) }, nodes: ['d = Shape(x)', 'y = Slice(d, s, e)'] },
  // One position of an open axis is there; of two, one may be missing.
  { inputs: { x: ['batch', 3] }, weights: { s: int64s([0]), e: int64s([1]) }, nodes: ['y = Slice(x, s, e)'] },
  {
    inputs: { x: ['batch', 3] },
    weights: { s: int64s([0]), e: int64s([2]) },
    nodes: ['y = Slice(x, s, e)'],
    open: ['y'],
  },
];

const pads: readonly ShapeCase[] = [
  // Pads of PyTorch, last axis first, turned round as older exporters do it.
  {
    inputs: { x: ['batch', 3, 8, 9] },
    weights: {
      given: int64s([1, 2, 3, 4]),
      none: int64s([0, 0, 0, 0]),
      pairs: int64s([-1, 2]),
      from: int64s([-1]),
      to: int64s([-(2 ** 40)]),
      at: int64s([0]),
      back: int64s([-1]),
    },
    nodes: [
      'all = Concat(given, none) {axis: 0}',
      'rows = Reshape(all, pairs)',
      'turned = Slice(rows, from, to, at, from)',
      'columns = Transpose(turned) {perm: [1, 0]}',
      'flat = Reshape(columns, back)',
      'p = Cast(flat) {to: 7}',
      "y = Pad(x, p) {mode: 'reflect'}",
    ],
  },
  { inputs: image, weights: { p: int64s([0, 0, 1, 2, 0, 0, 3, -1]) }, nodes: ['y = Pad(x, p)'] },
  {
    opset: 18,
    inputs: image,
    weights: { p: int64s([1, 0, 2, 3]), none: floats([0], []), i: int64s([-1, 1]) },
    nodes: ['y = Pad(x, p, none, i)', 'z = Pad(x, p, , i)'],
  },
  {
    opset: 18,
    inputs: image,
    weights: { t: int64s([9, 2]), s: int64s([2, 8, 4, 3]) },
    nodes: ['y = CenterCropPad(x, t) {axes: [1, -1]}', 'z = CenterCropPad(x, s)'],
  },
  { inputs: {}, nodes: ['y = RandomNormal() {shape: [2, 3]}', 'z = RandomUniform() {shape: [4], dtype: 11}'] },
  { opset: 10, inputs: { x: [2, 3] }, nodes: ['y = Pad(x) {pads: [0, 1, 0, 2]}'] },
  { inputs: { x: ['batch', 3] }, weights: { p: int64s([1, 0, 0, 0]) }, nodes: ['y = Pad(x, p)'], open: ['y'] },
];

/** Axes became an operand with opset 13 for ReduceSum and 18 for the others. */
const reductions = REDUCE.flatMap((op): readonly ShapeCase[] => [
  {
    opset: 11,
    inputs: image,
    nodes: [`a = ${op}(x) {axes: [1, -1]}`, `b = ${op}(x) {axes: [2], keepdims: 0}`, `c = ${op}(x)`],
  },
  {
    opset: 18,
    inputs: image,
    weights: { i: int64s([2, 3]), none: int64s([]) },
    nodes: [
      `a = ${op}(x, i) {keepdims: 0}`,
      `b = ${op}(x, i)`,
      `c = ${op}(x) {keepdims: 0}`,
      `d = ${op}(x, none) {noop_with_empty_axes: 1}`,
    ],
  },
]);

export const movingCases: readonly ShapeCase[] = [...reshapes, ...joins, ...slices, ...pads, ...reductions];
