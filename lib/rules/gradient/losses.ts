/** Gradients of ONNX's own losses, for graphs that end in one. */
import { int } from '../../ir/attributes.js';
import { INT64 } from '../../ir/dtype.js';
import { intOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { logSoftmaxGradient } from './softmax.js';
import { add, arriving, countAlong, div, mask, mul, neg, reduceSum, sub, unsqueeze, wanted } from './support.js';

const CLASS_AXIS = 1;

/** What the labels say, for scores [batch, classes, ..]. */
interface Targets {
  /** The weight of the label at its class, 0 elsewhere and where the label is to be ignored; in the shape of the scores. */
  readonly weighted: string;
  /** The weight of each label: [batch, 1, ..]. */
  readonly weights: string;
}

/** A vector with an entry for each class, to broadcast against scores of `rank` axes. */
const byClass = (context: GradientContext, vector: string, rank: number): string =>
  unsqueeze(
    context,
    vector,
    Array.from({ length: rank - 2 }, (_, at) => at + 1),
  );

function targetsOf(context: GradientContext): Targets {
  const [scores, weights] = [context.input(0), context.input(2)];
  const rank = context.shape(scores).length;
  const labels = unsqueeze(context, context.emit('Cast', [context.input(1)], int('to', INT64)), [CLASS_AXIS]);
  const classes = byClass(context, countAlong(context, scores, CLASS_AXIS), rank);
  const here = context.emit('Equal', [labels, classes]);
  const hot = mask(context, ignoring(context, here, labels), scores);
  const weighted = weights === '' ? hot : mul(context, hot, byClass(context, weights, rank));
  return { weighted, weights: reduceSum(context, weighted, [CLASS_AXIS], true) };
}

/** Not at labels that are to be ignored. */
function ignoring(context: GradientContext, here: string, labels: string): string {
  const ignored = intOf(context.node, 'ignore_index', undefined);
  if (ignored === undefined) return here;
  const counts = context.emit('Not', [context.emit('Equal', [labels, context.int64s([ignored], [])])]);
  return context.emit('And', [here, counts]);
}

/** What a loss at each label arrives as: the loss's own gradient, for a mean a share of it. */
function share(context: GradientContext, { weights }: Targets): string {
  const g = arriving(context);
  const how = stringOf(context.node, 'reduction', 'mean');
  if (how === 'none') return unsqueeze(context, g, [CLASS_AXIS]);
  return how === 'sum' ? g : div(context, g, context.emit('ReduceSum', [weights], int('keepdims', 0)));
}

/** By logarithms of probabilities: -weight at the label. */
const negativeLogLikelihood: GradientRule = (context) =>
  wanted(context, () => {
    const targets = targetsOf(context);
    return mul(context, neg(context, targets.weighted), share(context, targets));
  });

/** By scores: the probabilities without the label's, and what the second output (logarithms of probabilities) brings. */
const crossEntropy: GradientRule = (context) =>
  wanted(context, () => {
    const made =
      context.output(1) === ''
        ? context.emit('LogSoftmax', [context.input(0)], int('axis', CLASS_AXIS))
        : context.output(1);
    const targets = targetsOf(context);
    const expected = mul(context, context.emit('Exp', [made]), targets.weights);
    const byLoss = mul(context, sub(context, expected, targets.weighted), share(context, targets));
    const second = context.gradient(1);
    return second === undefined
      ? byLoss
      : add(context, byLoss, logSoftmaxGradient(context, second, made, [CLASS_AXIS]));
  });

export const lossGradients: readonly Row<GradientRule>[] = [
  ...rows(['NegativeLogLikelihoodLoss'], negativeLogLikelihood, 12),
  ...rows(['SoftmaxCrossEntropyLoss'], crossEntropy, 12),
];
