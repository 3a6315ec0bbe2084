/** Gradients of activations (com.microsoft, orttraining 1.19.2): the arriving gradient is input 0. */
import { int, text } from '../../ir/attributes.js';
import { floatOf } from '../../ir/nodes.js';
import { MICROSOFT } from '../families.js';
import { add, div, mask, mul, reduceSum, scalar, sub, times } from '../gradient/support.js';
import { type Row, rows } from '../table.js';
import { axisOf } from './axis.js';
import { backward } from './backward.js';
import type { LoweringContext, LoweringRule } from './rule.js';

/** The slope is told by the output, or by an input of the same sign. */
const byOutput =
  (opType: string): LoweringRule =>
  (c) =>
    backward(c, { opType, inputs: [c.input(1)], outputs: [c.input(1)] }, c.input(0), [0]);

/** The slope is told by the input. */
const byInput =
  (opType: string, domain = ''): LoweringRule =>
  (c) =>
    backward(c, { opType, domain, inputs: [c.input(1)], outputs: [''] }, c.input(0), [0]);

/** 1 above 0. The operand is the output or the input of the Relu. */
const reluGrad: LoweringRule = (c) => {
  const y = c.input(1);
  return [mul(c, c.input(0), mask(c, c.emit('Greater', [y, scalar(c, 0, y)]), y))];
};

const byTanh = new Map([text('approximate', 'tanh')]);

const fastGelu =
  (operand: (c: LoweringContext) => string): LoweringRule =>
  (c) =>
    backward(c, { opType: 'Gelu', attributes: byTanh, inputs: [operand(c)], outputs: [''] }, c.input(0), [0]);

const quickGelu: LoweringRule = (c) => {
  const x = c.input(1);
  const y = mul(c, x, c.emit('Sigmoid', [times(c, x, floatOf(c.node, 'alpha', 1.702))]));
  return backward(c, { opType: 'QuickGelu', domain: MICROSOFT, inputs: [x], outputs: [y] }, c.input(0), [0]);
};

const withBias = (c: LoweringContext): string => add(c, c.input(1), c.input(2));

const biasGelu: LoweringRule = (c) =>
  backward(c, { opType: 'Gelu', domain: MICROSOFT, inputs: [withBias(c)], outputs: [''] }, c.input(0), [0]);

/** y (g - sum(g y)). */
const softmax: LoweringRule = (c) => {
  const [g, y] = [c.input(0), c.input(1)];
  return [mul(c, y, sub(c, g, reduceSum(c, mul(c, g, y), [axisOf(c, c.input(1), -1)], true)))];
};

/** g - exp(y) sum(g). */
const logSoftmax: LoweringRule = (c) => {
  const [g, y] = [c.input(0), c.input(1)];
  return [sub(c, g, mul(c, c.emit('Exp', [y]), reduceSum(c, g, [axisOf(c, c.input(1), -1)], true)))];
};

/** Inputs: gradient, mask, ratio, training_mode. */
const dropout: LoweringRule = (c) => {
  const g = c.input(0);
  const ratio = c.input(2) === '' ? scalar(c, 0.5, g) : c.emit('Cast', [c.input(2)], int('to', c.dtype(g) ?? 1));
  const kept = div(c, mul(c, g, mask(c, c.input(1), g)), sub(c, scalar(c, 1, g), ratio));
  return [c.input(3) === '' ? kept : c.emit('Where', [c.input(3), kept, g])];
};

export const activationLowerings: readonly Row<LoweringRule>[] = [
  ...rows(['ReluGrad'], reluGrad, 1, MICROSOFT),
  ...rows(['SigmoidGrad'], byOutput('Sigmoid'), 1, MICROSOFT),
  ...rows(['TanhGrad'], byOutput('Tanh'), 1, MICROSOFT),
  ...rows(['LeakyReluGrad'], byOutput('LeakyRelu'), 1, MICROSOFT),
  ...rows(['GeluGrad'], byInput('Gelu', MICROSOFT), 1, MICROSOFT),
  ...rows(
    ['FastGeluGrad'],
    fastGelu((c) => c.input(1)),
    1,
    MICROSOFT,
  ),
  ...rows(['QuickGeluGrad'], quickGelu, 1, MICROSOFT),
  ...rows(['BiasGeluGrad_dX'], biasGelu, 1, MICROSOFT),
  ...rows(['BiasFastGeluGrad_dX'], fastGelu(withBias), 1, MICROSOFT),
  ...rows(['SoftmaxGrad_13'], softmax, 1, MICROSOFT),
  ...rows(['LogSoftmaxGrad_13'], logSoftmax, 1, MICROSOFT),
  ...rows(['DropoutGrad'], dropout, 1, MICROSOFT),
];
