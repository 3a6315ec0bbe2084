/** Shapes of convolution and pooling (ONNX Conv, ConvTranspose, MaxPool, AveragePool, "auto_pad"). */
import { shapeConflict } from '../../errors.js';
import { type Dim, divide, isSymbolic, multiply, type Shape, shapeText } from '../../ir/dim.js';
import { INT64 } from '../../ir/dtype.js';
import { intOf, intsOf, nodeText, stringOf } from '../../ir/nodes.js';
import { GLOBAL_POOL, POOL } from '../families.js';
import { type Row, rows } from '../table.js';
import { type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { expectRank, unknownDim } from './support.js';

/** One spatial axis of a sliding window. */
interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding in front, and on both sides together. */
  readonly begin: number;
  readonly pad: number;
}

function windows(context: ShapeContext, kernel: readonly number[]): readonly Window[] {
  const { node } = context;
  const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map((name) => intsOf(node, name));
  return kernel.map((size, i) => ({
    kernel: size,
    stride: strides?.[i] ?? 1,
    dilation: dilations?.[i] ?? 1,
    begin: pads?.[i] ?? 0,
    pad: (pads?.[i] ?? 0) + (pads?.[i + kernel.length] ?? 0),
  }));
}

/** How many places a window takes along an axis. */
function places(length: number, window: Window, autoPad: string, ceil: boolean): number {
  const extent = (window.kernel - 1) * window.dilation + 1;
  if (autoPad.startsWith('SAME')) return Math.ceil(length / window.stride);
  const free = length + (autoPad === 'VALID' ? 0 : window.pad) - extent;
  const count = (ceil ? Math.ceil(free / window.stride) : Math.floor(free / window.stride)) + 1;
  // A window that starts in the padding behind the end is dropped (PyTorch's rule, ONNX since opset 19).
  return ceil && (count - 1) * window.stride >= length + window.begin ? count - 1 : count;
}

function slide(context: ShapeContext, spatial: Shape, kernel: readonly number[]): readonly Dim[] {
  const autoPad = stringOf(context.node, 'auto_pad', 'NOTSET');
  const ceil = intOf(context.node, 'ceil_mode', 0) === 1;
  if (kernel.length !== spatial.length)
    throw shapeConflict(nodeText(context.node), `a kernel of ${kernel.length} axes over ${spatial.length}`);
  const each = windows(context, kernel);
  return spatial.map((length, i) => {
    const window = each[i] as Window;
    if (!isSymbolic(length)) return places(length, window, autoPad, ceil);
    const keeps =
      window.stride === 1 && (autoPad.startsWith('SAME') || window.pad === (window.kernel - 1) * window.dilation);
    return keeps ? length : unknownDim(context, i + 2);
  });
}

const numbers = (shape: Shape): readonly number[] | undefined =>
  shape.some(isSymbolic) ? undefined : (shape as readonly number[]);

/** The kernel of a convolution. Throws SHAPE_CONFLICT where weight, input and groups contradict each other. */
function kernelOf(context: ShapeContext, x: Shape, weight: Shape, outAxis: 0 | 1): readonly number[] | undefined {
  expectRank(context, x, 3);
  expectRank(context, weight, 3);
  if (x.length !== weight.length)
    throw shapeConflict(nodeText(context.node), `a weight ${shapeText(weight)} for ${shapeText(x)}`);
  const group = intOf(context.node, 'group', 1);
  const [channels, taken] = [x[1] as Dim, outAxis === 0 ? multiply(weight[1] as Dim, group) : (weight[0] as Dim)];
  const differ = !isSymbolic(channels) && !isSymbolic(taken) && channels !== taken;
  if (!(group >= 1) || differ || divide(weight[0] as Dim, group) === undefined)
    throw shapeConflict(
      nodeText(context.node),
      `${shapeText(x)} cannot be taken by ${shapeText(weight)}, ${group} groups`,
    );
  return numbers(weight.slice(2));
}

export const conv: ShapeRule = (context) => {
  const [x, weight] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  if (!x.shape || !weight.shape) return [{ dtype: x.dtype, shape: undefined }];
  const kernel = kernelOf(context, x.shape, weight.shape, 0);
  if (!kernel) return [{ dtype: x.dtype, shape: undefined }];
  return [{ dtype: x.dtype, shape: [x.shape[0], weight.shape[0], ...slide(context, x.shape.slice(2), kernel)] }];
};

const convTranspose: ShapeRule = (context) => {
  const [x, weight] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  const kernel = x.shape && weight.shape && kernelOf(context, x.shape, weight.shape, 1);
  if (!x.shape || !weight.shape || !kernel) return [{ dtype: x.dtype, shape: undefined }];
  const extra = intsOf(context.node, 'output_padding');
  const wanted = intsOf(context.node, 'output_shape');
  const same = stringOf(context.node, 'auto_pad', 'NOTSET').startsWith('SAME');
  const spatial = windows(context, kernel).map((window, i) => {
    const length = x.shape?.[i + 2] as Dim;
    if (wanted) return wanted[i] as number;
    if (isSymbolic(length)) return unknownDim(context, i + 2);
    if (same) return length * window.stride;
    return (length - 1) * window.stride + (extra?.[i] ?? 0) + (window.kernel - 1) * window.dilation + 1 - window.pad;
  });
  const channels = multiply(weight.shape[1] as Dim, intOf(context.node, 'group', 1));
  return [{ dtype: x.dtype, shape: [x.shape[0] as Dim, channels, ...spatial] }];
};

const pool: ShapeRule = (context) => {
  const x = context.input(0) ?? UNKNOWN;
  const kernel = intsOf(context.node, 'kernel_shape');
  if (!x.shape || !kernel) return [{ dtype: x.dtype, shape: undefined }];
  expectRank(context, x.shape, 3);
  const shape = [...x.shape.slice(0, 2), ...slide(context, x.shape.slice(2), kernel)];
  return [
    { dtype: x.dtype, shape },
    { dtype: INT64, shape },
  ];
};

const globalPool: ShapeRule = (context) => {
  const x = context.input(0) ?? UNKNOWN;
  return [{ dtype: x.dtype, shape: x.shape?.map((dim, axis) => (axis < 2 ? dim : 1)) }];
};

/** In the shape that is given; without one, in the shape from which the windows would have made the input. */
const maxUnpool: ShapeRule = (context) => {
  const x = context.input(0) ?? UNKNOWN;
  const given = context.input(2);
  if (given) return [{ dtype: x.dtype, shape: given.content }];
  const kernel = intsOf(context.node, 'kernel_shape');
  if (!x.shape || !kernel) return [{ dtype: x.dtype, shape: undefined }];
  const spatial = windows(context, kernel).map((window, i) => {
    const length = x.shape?.[i + 2] as Dim;
    if (isSymbolic(length)) return unknownDim(context, i + 2);
    return (length - 1) * window.stride + window.kernel - window.pad;
  });
  return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...spatial] }];
};

/** RoiAlign, MaxRoiPool: a small image for each region. */
const regions: ShapeRule = (context) => {
  const [x, rois] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  const [channels, count] = [x.shape?.[1], rois.shape?.[0]];
  const { node } = context;
  const size = intsOf(node, 'pooled_shape') ?? [intOf(node, 'output_height', 1), intOf(node, 'output_width', 1)];
  return [
    { dtype: x.dtype, shape: channels === undefined || count === undefined ? undefined : [count, channels, ...size] },
  ];
};

export const spatialShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['ConvTranspose'], convTranspose),
  ...rows(POOL, pool),
  ...rows(GLOBAL_POOL, globalPool),
  ...rows(['MaxUnpool'], maxUnpool),
  ...rows(['DeformConv'], conv, 19),
  ...rows(['RoiAlign', 'MaxRoiPool'], regions),
];
