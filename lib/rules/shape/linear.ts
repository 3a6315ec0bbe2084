/** Shapes of matrix products and normalisations. */
import { shapeConflict } from '../../errors.js';
import { type Dim, isSymbolic, type Shape, shapeText } from '../../ir/dim.js';
import { FLOAT } from '../../ir/dtype.js';
import { flagOf, intOf, nodeText } from '../../ir/nodes.js';
import { BROADCASTS_SINCE } from '../families.js';
import { type Row, rows } from '../table.js';
import { type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, broadcastShape, expectRank } from './support.js';

function expectEqual(context: ShapeContext, a: Shape, b: Shape, x: Dim | undefined, y: Dim | undefined): void {
  if (x === undefined || y === undefined || isSymbolic(x) || isSymbolic(y) || x === y) return;
  throw shapeConflict(nodeText(context.node), `cannot multiply ${shapeText(a)} by ${shapeText(b)}`);
}

const gemm: ShapeRule = (context) => {
  const [a, b] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  if (!a.shape || !b.shape) return [{ dtype: a.dtype, shape: undefined }];
  expectRank(context, a.shape, 2);
  expectRank(context, b.shape, 2);
  const [ta, tb] = [flagOf(context.node, 'transA'), flagOf(context.node, 'transB')];
  expectEqual(context, a.shape, b.shape, a.shape[ta ? 0 : 1], b.shape[tb ? 1 : 0]);
  return [{ dtype: a.dtype, shape: [a.shape[ta ? 1 : 0] as Dim, b.shape[tb ? 0 : 1] as Dim] }];
};

export const matMul: ShapeRule = (context) => {
  const [a, b] = [context.input(0) ?? UNKNOWN, context.input(1) ?? UNKNOWN];
  if (!a.shape || !b.shape) return [{ dtype: a.dtype, shape: undefined }];
  expectRank(context, a.shape, 1);
  expectRank(context, b.shape, 1);
  expectEqual(context, a.shape, b.shape, a.shape.at(-1), b.shape.length > 1 ? b.shape.at(-2) : b.shape[0]);
  const batch = broadcastShape(context, [a.shape.slice(0, -2), b.shape.slice(0, -2)]) ?? [];
  const rows = a.shape.length > 1 ? [a.shape.at(-2) as Dim] : [];
  const columns = b.shape.length > 1 ? [b.shape.at(-1) as Dim] : [];
  return [{ dtype: a.dtype, shape: [...batch, ...rows, ...columns] }];
};

/** Normalisations keep the shape; further outputs (statistics) stay unknown. */
const sameShape: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape }];
};

/** Also the mean and the inverse deviation, over the axes from `axis` on (LayerNormalization 17). */
const layerNormalization: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const first = shape && axisOf(context, intOf(context.node, 'axis', -1), shape.length);
  const statistic = { dtype: FLOAT, shape: shape?.map((dim, axis) => (axis < (first ?? 0) ? dim : 1)) };
  return [{ dtype, shape }, statistic, statistic];
};

/**
 * Also the statistics of each channel: running mean and variance in training (BatchNormalization 14), before that the saved ones too.
 */
const batchNormalization: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const channels = shape?.[1];
  const statistic = { dtype: context.input(3)?.dtype, shape: channels === undefined ? undefined : [channels] };
  return [{ dtype, shape }, statistic, statistic, statistic, statistic];
};

export const linearShapes: readonly Row<ShapeRule>[] = [
  ...rows(['LayerNormalization'], layerNormalization),
  ...rows(['BatchNormalization'], batchNormalization),
  ...rows(['Gemm'], gemm, BROADCASTS_SINCE),
  ...rows(['MatMul'], matMul),
  ...rows(
    [
      'InstanceNormalization',
      'GroupNormalization',
      'RMSNormalization',
      'SimplifiedLayerNormalization',
      'LRN',
      'LpNormalization',
      'MeanVarianceNormalization',
      'Softmax',
      'LogSoftmax',
      'Hardmax',
    ],
    sameShape,
  ),
];
