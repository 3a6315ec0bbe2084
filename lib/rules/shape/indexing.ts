/** Shapes of operators that pick or place by index or by value. */
import { type Dim, isSymbolic } from '../../ir/dim.js';
import { INT64 } from '../../ir/dtype.js';
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, unknownDim, withAxis, withoutAxis } from './support.js';

const gather: ShapeRule = (context) => {
  const [data, indices] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  if (!data.shape || !indices.shape) return [{ dtype: data.dtype, shape: undefined }];
  const at = axisOf(context, intOf(context.node, 'axis', 0), data.shape.length);
  const shape = [...data.shape.slice(0, at), ...indices.shape, ...data.shape.slice(at + 1)];
  const picked =
    data.shape.length === 1 && data.content && indices.content?.map((index) => data.content?.at(index as number));
  return [
    {
      dtype: data.dtype,
      shape,
      content: picked && !picked.includes(undefined) ? (picked as readonly Dim[]) : undefined,
    },
  ];
};

/** y has a place for each index. */
const gatherElements: ShapeRule = (context) => [{ dtype: context.input(0)?.dtype, shape: context.input(1)?.shape }];

const gatherND: ShapeRule = (context) => {
  const [data, indices] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  const count = indices.shape?.at(-1);
  if (!data.shape || !indices.shape || count === undefined || isSymbolic(count))
    return [{ dtype: data.dtype, shape: undefined }];
  const behind = intOf(context.node, 'batch_dims', 0) + count;
  return [{ dtype: data.dtype, shape: [...indices.shape.slice(0, -1), ...data.shape.slice(behind)] }];
};

/** The data with some elements replaced. */
const scatter: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape }];
};

/** Along `at` another length. */
const resized = (shape: readonly Dim[], at: number, length: Dim): readonly Dim[] =>
  shape.map((dim, axis) => (axis === at ? length : dim));

/** One known number of an operand. */
const single = (context: ShapeContext, index: number): Dim | undefined => context.input(index)?.content?.[0];

const oneHot: ShapeRule = (context) => {
  const [indices, dtype] = [context.input(0)?.shape, context.input(2)?.dtype];
  if (!indices) return [{ dtype, shape: undefined }];
  const at = axisOf(context, intOf(context.node, 'axis', -1), indices.length + 1);
  return [{ dtype, shape: withAxis(indices, at, single(context, 1) ?? unknownDim(context, at)) }];
};

/** TopK: k as operand since opset 10. */
const topK: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  if (!shape)
    return [
      { dtype, shape },
      { dtype: INT64, shape },
    ];
  const at = axisOf(context, intOf(context.node, 'axis', -1), shape.length);
  const k = context.node.inputs[1] ? single(context, 1) : intOf(context.node, 'k', undefined);
  const made = resized(shape, at, k ?? unknownDim(context, at));
  return [
    { dtype, shape: made },
    { dtype: INT64, shape: made },
  ];
};

const argument: ShapeRule = (context) => {
  const shape = context.input(0)?.shape;
  if (!shape) return [{ dtype: INT64, shape }];
  const at = axisOf(context, intOf(context.node, 'axis', 0), shape.length);
  const keep = intOf(context.node, 'keepdims', 1) === 1;
  return [{ dtype: INT64, shape: keep ? resized(shape, at, 1) : withoutAxis(shape, at) }];
};

/** As many as hold: all axes but one stay, or all become one. */
const compress: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const named = intOf(context.node, 'axis', undefined);
  if (named === undefined) return [{ dtype, shape: [unknownDim(context, 0)] }];
  const at = shape && axisOf(context, named, shape.length);
  return [
    { dtype, shape: at === undefined ? undefined : resized(shape as readonly Dim[], at, unknownDim(context, at)) },
  ];
};

/** NonZero: the coordinates of as many as there are. */
const nonZero: ShapeRule = (context) => {
  const rank = context.input(0)?.shape?.length;
  return [{ dtype: INT64, shape: rank === undefined ? undefined : [rank, unknownDim(context, 1)] }];
};

/** Unique: the values, and where they first stand, came from and how often. */
const unique: ShapeRule = (context) => {
  const values = compress(context)[0] as Facts;
  const list = (output: number): Facts => ({ dtype: INT64, shape: [unknownDim(context, 0, output)] });
  return [values, list(1), list(2), list(3)];
};

/** NonMaxSuppression: image, class and box of each that is left. */
const nonMaxSuppression: ShapeRule = (context) => [{ dtype: INT64, shape: [unknownDim(context, 0), 3] }];

export const indexingShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Gather'], gather),
  ...rows(['GatherElements'], gatherElements),
  ...rows(['GatherND'], gatherND),
  ...rows(['Scatter', 'ScatterElements', 'ScatterND'], scatter),
  ...rows(['OneHot'], oneHot),
  ...rows(['TopK'], topK),
  ...rows(['ArgMax', 'ArgMin'], argument),
  ...rows(['Compress'], compress),
  ...rows(['NonZero'], nonZero),
  ...rows(['Unique'], unique),
  ...rows(['NonMaxSuppression'], nonMaxSuppression),
];
