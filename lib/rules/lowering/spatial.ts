/** Gradients of convolution and pooling (orttraining 1.19.2; those of pooling are in ONNX's own domain). */
import { MICROSOFT } from '../families.js';
import { type Row, rows } from '../table.js';
import { backward } from './backward.js';
import type { LoweringContext, LoweringRule } from './rule.js';

const usedOf = (c: LoweringContext): readonly number[] => [0, 1, 2].filter((index) => c.isUsed(index));

/** Gradient, x, weight: by x, weight, bias. */
const convGrad =
  (opType: string): LoweringRule =>
  (c) => {
    const bias = c.isUsed(2) ? ['bias'] : [];
    return backward(c, { opType, inputs: [c.input(1), c.input(2), ...bias], outputs: [''] }, c.input(0), usedOf(c));
  };

/** Gradient and the places of the maxima, which the pooling itself gave. */
const maxPoolGrad: LoweringRule = (c) => {
  const pool = c.producer(c.input(1));
  if (pool?.opType !== 'MaxPool') return c.refuse('the MaxPool that it belongs to is not found');
  return backward(c, pool, c.input(0), [0]);
};

/** Only the gradient; its name tells the pooling, as orttraining names them. */
const averagePoolGrad: LoweringRule = (c) => {
  const pool = c.producer(c.input(0).replace(/_grad(_\d+)?$/, ''));
  if (pool?.opType !== 'AveragePool') return c.refuse('the AveragePool that it belongs to is not found');
  return backward(c, pool, c.input(0), [0]);
};

export const spatialLowerings: readonly Row<LoweringRule>[] = [
  ...rows(['ConvGrad'], convGrad('Conv'), 1, MICROSOFT),
  ...rows(['ConvTransposeGrad'], convGrad('ConvTranspose'), 1, MICROSOFT),
  ...rows(['MaxPoolGrad'], maxPoolGrad),
  ...rows(['AveragePoolGrad'], averagePoolGrad),
];
