/** Shapes of ONNX's own losses. */
import { stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeRule, UNKNOWN } from './rule.js';

/** A number, or one for each label; SoftmaxCrossEntropyLoss has the logarithms of probabilities beside it. */
const loss: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const each = stringOf(context.node, 'reduction', 'mean') === 'none';
  return [
    { dtype, shape: each ? context.input(1)?.shape : [] },
    { dtype, shape },
  ];
};

export const lossShapes: readonly Row<ShapeRule>[] = rows(
  ['NegativeLogLikelihoodLoss', 'SoftmaxCrossEntropyLoss'],
  loss,
  12,
);
