/** Gradients of Softmax and LogSoftmax (ONNX 13: along one axis; older ones, over all axes behind it, have none). */
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, axisIn, mul, reduceSum, sub, wanted } from './support.js';

const along = (context: GradientContext): readonly number[] => [
  axisIn(context, -1, context.shape(context.input(0)).length),
];

/** By the scores s, where y = softmax(s) along `axes`: y (g - sum(g y)). */
export function softmaxGradient(context: GradientContext, g: string, y: string, axes: readonly number[]): string {
  return mul(context, y, sub(context, g, reduceSum(context, mul(context, g, y), axes, true)));
}

/** By the scores s, where y = log softmax(s) along `axes`: g - e^y sum(g). */
export function logSoftmaxGradient(context: GradientContext, g: string, y: string, axes: readonly number[]): string {
  return sub(context, g, mul(context, context.emit('Exp', [y]), reduceSum(context, g, axes, true)));
}

const softmax: GradientRule = (context) =>
  wanted(context, () => softmaxGradient(context, arriving(context), context.output(0), along(context)));

const logSoftmax: GradientRule = (context) =>
  wanted(context, () => logSoftmaxGradient(context, arriving(context), context.output(0), along(context)));

export const softmaxGradients: readonly Row<GradientRule>[] = [
  ...rows(['Softmax'], softmax, 13),
  ...rows(['LogSoftmax'], logSoftmax, 13),
];
