/** Shape cases of operators that move, sample or resample places of images. */
import { floats, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

const image = { x: ['batch', 4, 6, 7] } as const;

const sized = (attributes: string, sizes: readonly number[], rest: Partial<ShapeCase> = {}): ShapeCase => ({
  opset: 18,
  inputs: image,
  weights: { z: int64s(sizes) },
  nodes: [`y = Resize(x, , , z) {${attributes}}`],
  ...rest,
});

const resized: readonly ShapeCase[] = [
  { opset: 10, inputs: image, weights: { s: floats([1, 1, 2, 1.5]) }, nodes: ['y = Resize(x, s)'] },
  {
    opset: 11,
    inputs: image,
    weights: { r: floats([]), s: floats([1, 1, 0.34, 1.1]) },
    nodes: ["y = Resize(x, r, s) {mode: 'linear'}"],
  },
  sized('axes: [2, 3]', [9, 5]),
  sized("axes: [2, 3], keep_aspect_ratio_policy: 'not_larger'", [9, 9]),
  sized("axes: [3, 2], keep_aspect_ratio_policy: 'not_smaller'", [9, 9]),
  // The sizes that older exporters compute from Shape.
  {
    inputs: image,
    weights: { none: floats([]), from: int64s([0]), to: int64s([2]), z: int64s([12, 14]) },
    nodes: [
      's = Shape(x)',
      'front = Slice(s, from, to)',
      'sizes = Concat(front, z) {axis: 0}',
      "y = Resize(x, none, none, sizes) {mode: 'nearest'}",
    ],
  },
  {
    inputs: { x: ['batch', 4, 'h', 7] },
    weights: { none: floats([]), s: floats([1, 1, 2, 1]) },
    nodes: ['y = Resize(x, none, s)'],
  },
  {
    inputs: { x: ['batch', 4, 'h', 7] },
    weights: { none: floats([]), s: floats([1, 1, 1.5, 1]) },
    nodes: ['y = Resize(x, none, s)'],
    open: ['y'],
  },
  // A crop tells a part of the image.
  {
    inputs: image,
    weights: { r: floats([0, 0, 0, 0.5, 1, 1, 0.5, 1]), s: floats([1, 1, 2, 2]) },
    nodes: ["y = Resize(x, r, s) {mode: 'linear', coordinate_transformation_mode: 'tf_crop_and_resize'}"],
    open: ['y'],
  },
  { opset: 9, inputs: image, weights: { s: floats([1, 1, 2, 3]) }, nodes: ['y = Upsample(x, s)'] },
  { opset: 7, inputs: image, nodes: ['y = Upsample(x) {scales: [1.0, 1.0, 2.0, 3.0]}'] },
];

const sampled: readonly ShapeCase[] = [
  { inputs: { ...image, g: ['batch', 5, 3, 2] }, nodes: ['y = GridSample(x, g)'] },
  { opset: 20, inputs: { x: ['batch', 4, 6, 7, 8], g: ['batch', 5, 3, 2, 3] }, nodes: ['y = GridSample(x, g)'] },
  { opset: 20, inputs: { t: [2, 2, 3] }, weights: { z: int64s([2, 4, 5, 6]) }, nodes: ['y = AffineGrid(t, z)'] },
  { opset: 20, inputs: { t: [2, 3, 4] }, weights: { z: int64s([2, 4, 5, 6, 7]) }, nodes: ['y = AffineGrid(t, z)'] },
  {
    opset: 16,
    inputs: image,
    weights: { r: floats([0, 0, 4, 4, 1, 1, 5, 5, 2, 0, 6, 3], [3, 4]), i: int64s([0, 1, 0]) },
    nodes: ['y = RoiAlign(x, r, i) {output_height: 2, output_width: 3}', 'z = RoiAlign(x, r, i)'],
  },
  {
    inputs: image,
    weights: { r: floats([0, 0, 0, 4, 4, 1, 1, 1, 5, 5], [2, 5]) },
    nodes: ['y = MaxRoiPool(x, r) {pooled_shape: [2, 3]}'],
  },
];

const blocks: readonly ShapeCase[] = [
  { inputs: { x: ['batch', 8, 3, 5] }, nodes: ['y = DepthToSpace(x) {blocksize: 2}'] },
  { inputs: { x: ['batch', 8, 3, 5] }, nodes: ["y = DepthToSpace(x) {blocksize: 2, mode: 'CRD'}"] },
  { inputs: { x: ['batch', 3, 4, 6] }, nodes: ['y = SpaceToDepth(x) {blocksize: 2}'] },
  {
    opset: 18,
    inputs: { x: ['batch', 12, 20] },
    weights: { i: int64s([5, 6]), k: int64s([2, 2]) },
    nodes: ['y = Col2Im(x, i, k)'],
  },
];

const deformed: readonly ShapeCase[] = [
  {
    opset: 19,
    inputs: { x: ['batch', 4, 6, 7], o: ['batch', 18, 4, 5] },
    weights: { w: [8, 4, 3, 3] },
    nodes: ['y = DeformConv(x, w, o)'],
  },
  {
    opset: 22,
    inputs: { x: ['batch', 4, 6, 7], o: ['batch', 36, 3, 4], m: ['batch', 18, 3, 4] },
    weights: { w: [8, 2, 3, 3], b: [8] },
    nodes: ['y = DeformConv(x, w, o, b, m) {group: 2, offset_group: 2, strides: [2, 2], pads: [1, 1, 1, 1]}'],
  },
];

export const pixelCases: readonly ShapeCase[] = [...resized, ...sampled, ...blocks, ...deformed];
