/** Cross entropy and its gradient (ONNX SoftmaxCrossEntropyLoss 13; com.microsoft, orttraining 1.19.2). */
import { int } from '../../ir/attributes.js';
import { intOf, stringOf } from '../../ir/nodes.js';
import { MICROSOFT } from '../families.js';
import { div, mask, mul, neg, reduceSum, sub, unsqueeze } from '../gradient/support.js';
import { type Row, rows } from '../table.js';
import type { LoweringContext, LoweringRule } from './rule.js';

const CLASS_AXIS = 1;

/** Labels, and how much each of them counts; undefined where all count the same. */
interface Judged {
  readonly hot: string;
  readonly weights: string | undefined;
  readonly labels: string;
}

/** What is left out of the loss: an attribute, or in the Internal operators an operand. */
function ignored(c: LoweringContext, operand: number | undefined): string | undefined {
  const name = operand === undefined ? '' : c.input(operand);
  if (name !== '') return c.emit('Cast', [name], int('to', 7));
  const index = intOf(c.node, 'ignore_index', undefined);
  return index === undefined ? undefined : c.int64s([index], []);
}

function judge(c: LoweringContext, like: string, labelAt: number, ignoreAt: number | undefined): Judged {
  const classes = c.shape(like)[CLASS_AXIS];
  if (typeof classes !== 'number') return c.refuse('the number of classes is not known');
  const labels = c.emit('Cast', [c.input(labelAt)], int('to', 7));
  const hot = c.emit('OneHot', [labels, c.int64s([classes], []), c.reals([0, 1], [2], like)], int('axis', CLASS_AXIS));
  const given = c.input(labelAt + 1);
  const perClass = given === '' ? undefined : mul(c, hot, spread(c, given, c.shape(like).length));
  const ofLabel = perClass && reduceSum(c, perClass, [CLASS_AXIS], false);
  const left = ignored(c, ignoreAt);
  if (left === undefined) return { hot, labels, weights: ofLabel };
  const counted = mask(c, c.emit('Not', [c.emit('Equal', [labels, left])]), like);
  return { hot, labels, weights: ofLabel ? mul(c, ofLabel, counted) : counted };
}

/** One number a class, along the axis of classes. */
const spread = (c: LoweringContext, perClass: string, rank: number): string =>
  unsqueeze(
    c,
    perClass,
    Array.from({ length: rank - 2 }, (_, i) => i + 1),
  );

/** What the sum over all labels is divided by for the mean. */
const weightOf = (c: LoweringContext, { weights, labels }: Judged, like: string): string =>
  weights
    ? c.emit('ReduceSum', [weights], int('keepdims', 0))
    : c.emit('Cast', [c.emit('Size', [labels])], int('to', c.dtype(like) ?? 1));

/** -w log p(label), summed or averaged. */
const crossEntropy =
  (ignoreAt: number | undefined): LoweringRule =>
  (c) => {
    const logP = c.emit('LogSoftmax', [c.input(0)], int('axis', CLASS_AXIS));
    const judged = judge(c, logP, 1, ignoreAt);
    const each = neg(c, reduceSum(c, mul(c, judged.hot, logP), [CLASS_AXIS], false));
    const weighted = judged.weights ? mul(c, each, judged.weights) : each;
    return [reduced(c, weighted, judged, logP), logP];
  };

function reduced(c: LoweringContext, losses: string, judged: Judged, like: string): string {
  const reduction = stringOf(c.node, 'reduction', 'mean');
  if (reduction === 'none') return losses;
  const sum = c.emit('ReduceSum', [losses], int('keepdims', 0));
  return reduction === 'sum' ? sum : div(c, sum, weightOf(c, judged, like));
}

/** Of the logits: (p - hot) w, times the loss's own gradient. */
const crossEntropyGrad =
  (ignoreAt: number | undefined): LoweringRule =>
  (c) => {
    const logP = c.input(1);
    const judged = judge(c, logP, 2, ignoreAt);
    const reduction = stringOf(c.node, 'reduction', 'mean');
    const arriving = c.input(0);
    const seed = reduction === 'mean' ? div(c, arriving, weightOf(c, judged, logP)) : arriving;
    const perLabel = judged.weights ? mul(c, judged.weights, seed) : seed;
    const towards = sub(c, c.emit('Exp', [logP]), judged.hot);
    const isOneNumber = c.shape(perLabel).length === 0;
    const gradient = mul(c, towards, isOneNumber ? perLabel : unsqueeze(c, perLabel, [CLASS_AXIS]));
    return [c.input(ignoreAt === undefined ? 4 : 5) === '' ? gradient : plusBias(c, gradient, ignoreAt)];
  };

/** What a fused sum of gradients adds. */
const plusBias = (c: LoweringContext, gradient: string, ignoreAt: number | undefined): string =>
  c.emit('Add', [gradient, c.input(ignoreAt === undefined ? 4 : 5)]);

/** com.microsoft::Scale: x by a number, or divided by it. */
const scale: LoweringRule = (c) => {
  const factor = c.emit('Cast', [c.input(1)], int('to', c.dtype(c.input(0)) ?? 1));
  const one = c.shape(c.input(1)).length === 0 ? factor : c.emit('Reshape', [factor, c.int64s([], [0])]);
  return [c.emit(intOf(c.node, 'scale_down', 0) === 0 ? 'Mul' : 'Div', [c.input(0), one])];
};

export const lossLowerings: readonly Row<LoweringRule>[] = [
  ...rows(['SoftmaxCrossEntropyLoss'], crossEntropy(undefined)),
  ...rows(['SoftmaxCrossEntropyLossInternal'], crossEntropy(3), 1, MICROSOFT),
  ...rows(['SoftmaxCrossEntropyLossGrad'], crossEntropyGrad(undefined), 1, MICROSOFT),
  ...rows(['SoftmaxCrossEntropyLossInternalGrad'], crossEntropyGrad(4), 1, MICROSOFT),
  ...rows(['Scale'], scale, 1, MICROSOFT),
];
