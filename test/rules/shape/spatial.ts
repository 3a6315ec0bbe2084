/** Shape cases of convolution and pooling. */
import { GLOBAL_POOL } from '../../../lib/rules/families.js';
import type { ShapeCase } from './case.js';

const image = { x: ['batch', 4, 9, 10] } as const;
const conv = (attributes: string, dims: readonly number[] = [6, 4, 3, 3]): ShapeCase => ({
  inputs: image,
  weights: { w: dims },
  nodes: [`y = Conv(x, w) {${attributes}}`],
});
const up = (attributes: string, dims: readonly number[] = [4, 3, 3, 3]): ShapeCase => ({
  inputs: image,
  weights: { w: dims },
  nodes: [`y = ConvTranspose(x, w) {${attributes}}`],
});
const pool = (op: string, attributes: string, opset = 17): ShapeCase => ({
  opset,
  inputs: image,
  nodes: [`y = ${op}(x) {${attributes}}`],
});

const convolutions: readonly ShapeCase[] = [
  conv(''),
  conv('pads: [1, 0, 2, 1], strides: [2, 3]'),
  conv('dilations: [2, 3]'),
  conv("auto_pad: 'SAME_UPPER', strides: [2, 2]"),
  conv("auto_pad: 'SAME_LOWER', strides: [3, 1]"),
  conv("auto_pad: 'VALID', strides: [2, 2]"),
  conv('group: 2', [6, 2, 3, 3]),
  conv('group: 4', [4, 1, 1, 5]),
  { inputs: { x: ['batch', 4, 9] }, weights: { w: [6, 4, 3], b: [6] }, nodes: ['y = Conv(x, w, b) {pads: [1, 1]}'] },
  { inputs: { x: [1, 2, 4, 5, 6] }, weights: { w: [3, 2, 2, 2, 2] }, nodes: ['y = Conv(x, w)'] },
  // An open height stays itself where the window keeps it, and is open where it does not.
  {
    inputs: { x: ['batch', 4, 'h', 10] },
    weights: { w: [6, 4, 3, 3] },
    nodes: ['y = Conv(x, w) {pads: [1, 1, 1, 1]}'],
  },
  { inputs: { x: ['batch', 4, 'h', 10] }, weights: { w: [6, 4, 3, 3] }, nodes: ['y = Conv(x, w)'], open: ['y'] },
];

const transposed: readonly ShapeCase[] = [
  up(''),
  up('strides: [2, 3], pads: [1, 0, 1, 2]'),
  up('strides: [2, 2], output_padding: [1, 0]'),
  up('dilations: [2, 2]'),
  up('group: 2', [4, 3, 3, 3]),
  up("auto_pad: 'SAME_UPPER', strides: [2, 2]"),
  up("auto_pad: 'VALID', strides: [2, 2]"),
  up('strides: [2, 2], output_shape: [19, 20]'),
];

const SLIDING = ['MaxPool', 'AveragePool'] as const;

const poolings: readonly ShapeCase[] = [
  ...SLIDING.flatMap((op) => [
    pool(op, 'kernel_shape: [2, 2]'),
    pool(op, 'kernel_shape: [3, 2], strides: [2, 2], pads: [1, 0, 1, 1]'),
    pool(op, "kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_UPPER'"),
    pool(op, 'kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1'),
    pool(op, 'kernel_shape: [2, 3], strides: [2, 3], pads: [1, 1, 1, 1], ceil_mode: 1'),
    pool(op, 'kernel_shape: [2, 2], strides: [3, 3], pads: [1, 1, 1, 1], ceil_mode: 1'),
    pool(op, 'kernel_shape: [2, 2], strides: [4, 4], ceil_mode: 1'),
    // A last window that would start in the padding behind is dropped; in front there may be less padding than behind.
    pool(op, 'kernel_shape: [3, 3], strides: [4, 3], pads: [2, 0, 0, 2], ceil_mode: 1', 22),
  ]),
  pool('MaxPool', 'kernel_shape: [3, 3], dilations: [2, 2]'),
  pool('AveragePool', 'kernel_shape: [3, 3], dilations: [2, 2]', 19),
  { inputs: image, nodes: ['y, i = MaxPool(x) {kernel_shape: [2, 2]}'] },
  { inputs: { x: ['batch', 4, 9] }, nodes: ['y = MaxPool(x) {kernel_shape: [2]}'] },
  pool('LpPool', 'kernel_shape: [2, 2], strides: [2, 2]'),
  pool('LpPool', 'kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1', 18),
  ...GLOBAL_POOL.map((op) => pool(op, '')),
  {
    inputs: { x: ['batch', 2, 4, 6] },
    nodes: [
      'a, i = MaxPool(x) {kernel_shape: [2, 2], strides: [2, 2]}',
      'y = MaxUnpool(a, i) {kernel_shape: [2, 2], strides: [2, 2]}',
    ],
  },
  {
    inputs: image,
    nodes: [
      's = Shape(x)',
      'a, i = MaxPool(x) {kernel_shape: [2, 2], strides: [3, 3]}',
      'y = MaxUnpool(a, i, s) {kernel_shape: [1, 1]}',
    ],
  },
];

export const spatialCases: readonly ShapeCase[] = [...convolutions, ...transposed, ...poolings];
