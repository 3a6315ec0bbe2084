/** Shapes of operators that move, sample or resample places of images. */
import { type Dim, divide, isSymbolic, multiply, productOf, type Shape } from '../../ir/dim.js';
import { floatsOf, intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, expectRank, unknownDim } from './support.js';

/** Channels to space and back move a square factor between the channel and the two spatial axes. */
const depthToSpace: ShapeRule = (context) => {
  const x = context.input(0) ?? UNKNOWN;
  const size = intOf(context.node, 'blocksize', 1);
  const [n, c, h, w] = x.shape ?? [];
  if (n === undefined || c === undefined || h === undefined || w === undefined)
    return [{ dtype: x.dtype, shape: undefined }];
  const channels = divide(c, size * size) ?? unknownDim(context, 1);
  return [{ dtype: x.dtype, shape: [n, channels, multiply(h, size), multiply(w, size)] }];
};

const spaceToDepth: ShapeRule = (context) => {
  const x = context.input(0) ?? UNKNOWN;
  const size = intOf(context.node, 'blocksize', 1);
  const [n, c, h, w] = x.shape ?? [];
  if (n === undefined || c === undefined || h === undefined || w === undefined)
    return [{ dtype: x.dtype, shape: undefined }];
  const [rowsOf, columns] = [divide(h, size) ?? unknownDim(context, 2), divide(w, size) ?? unknownDim(context, 3)];
  return [{ dtype: x.dtype, shape: [n, multiply(c, size * size), rowsOf, columns] }];
};

const col2Im: ShapeRule = (context) => {
  const [x, image, blocks] = [0, 1, 2].map((index) => context.input(index) ?? UNKNOWN) as [Facts, Facts, Facts];
  const [n, columns] = x.shape ?? [];
  const channels = columns !== undefined && blocks.content ? divide(columns, productOf(blocks.content)) : undefined;
  const known = n !== undefined && image.content !== undefined;
  const shape = known ? [n, channels ?? unknownDim(context, 1), ...(image.content as readonly Dim[])] : undefined;
  return [{ dtype: x.dtype, shape }];
};

/** `dim` scaled by a factor, rounded down as ONNX says; single precision is what the factors are written in. */
function scaled(context: ShapeContext, dim: Dim, axis: number, factor: number | undefined): Dim {
  if (factor === 1) return dim;
  if (factor === undefined) return unknownDim(context, axis);
  if (isSymbolic(dim)) return Number.isInteger(factor) ? multiply(dim, factor) : unknownDim(context, axis);
  return Math.floor(Math.fround(dim * factor));
}

/** Sizes under `keep_aspect_ratio_policy`: all axes by the smallest or greatest of the factors. */
function sized(context: ShapeContext, from: Shape, sizes: readonly Dim[]): readonly Dim[] {
  const policy = stringOf(context.node, 'keep_aspect_ratio_policy', 'stretch');
  if (policy === 'stretch') return sizes;
  if (from.some(isSymbolic) || sizes.some(isSymbolic)) return from.map((_, k) => unknownDim(context, k));
  const factors = (sizes as readonly number[]).map((size, k) => size / (from[k] as number));
  const factor = policy === 'not_larger' ? Math.min(...factors) : Math.max(...factors);
  return (from as readonly number[]).map((dim) => Math.floor(dim * factor + 0.5));
}

/** Resize: X and scales (opset 10), or X, roi, scales and sizes, the last two for the axes of `axes` (18). */
const resize: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const axes = intsOf(context.node, 'axes')?.map((at) => axisOf(context, at, shape.length)) ?? [...shape.keys()];
  const crops = stringOf(context.node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize';
  const told = context.node.inputs[3] ? context.input(3)?.content : undefined;
  const sizes =
    told &&
    sized(
      context,
      axes.map((at) => shape[at] as Dim),
      told,
    );
  const scales = crops ? undefined : context.input(context.opset > 10 ? 2 : 1)?.reals;
  const made = shape.map((dim, at): Dim => {
    const k = axes.indexOf(at);
    if (k < 0) return dim;
    return sizes ? (sizes[k] ?? unknownDim(context, at)) : scaled(context, dim, at, scales?.[k]);
  });
  return [{ dtype, shape: made }];
};

const upsample: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const scales = context.node.inputs[1] ? context.input(1)?.reals : floatsOf(context.node, 'scales');
  return [{ dtype, shape: shape?.map((dim, at) => scaled(context, dim, at, scales?.[at])) }];
};

const gridSample: ShapeRule = (context) => {
  const [x, grid] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  if (!x.shape || !grid.shape) return [{ dtype: x.dtype, shape: undefined }];
  expectRank(context, x.shape, 3);
  return [{ dtype: x.dtype, shape: [...x.shape.slice(0, 2), ...grid.shape.slice(1, -1)] }];
};

/** A grid of 2 or 3 coordinates for an image of the size [N, C, (D,) H, W]. */
const affineGrid: ShapeRule = (context) => {
  const [theta, size] = [context.input(0) ?? UNKNOWN, context.input(1)?.content];
  return [{ dtype: theta.dtype, shape: size && [size[0] as Dim, ...size.slice(2), size.length - 2] }];
};

export const pixelShapes: readonly Row<ShapeRule>[] = [
  ...rows(['DepthToSpace'], depthToSpace),
  ...rows(['SpaceToDepth'], spaceToDepth),
  ...rows(['Col2Im'], col2Im),
  ...rows(['Resize'], resize, 10),
  ...rows(['Upsample'], upsample, 7),
  ...rows(['GridSample'], gridSample),
  ...rows(['AffineGrid'], affineGrid),
];
