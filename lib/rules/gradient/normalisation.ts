/** Gradients of normalisations (ONNX BatchNormalization 15, LayerNormalization 17, GroupNormalization 18 and 21, and others). */
import { ints } from '../../ir/attributes.js';
import { FLOAT } from '../../ir/dtype.js';
import { floatOf, intOf, intsOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { acrossChannels, overChannels } from './batch-statistics.js';
import type { Emitter, GradientContext, GradientRule } from './rule.js';
import {
  arriving,
  axesFromFront,
  axisIn,
  div,
  mul,
  neg,
  plus,
  reduceMean,
  reduceSum,
  reshapeLike,
  scalar,
  sub,
  times,
  unsqueeze,
  wanted,
} from './support.js';

/** What was subtracted and divided by is a function of the same elements. */
interface Normal {
  /** (x - mean) * inverse, or x * inverse. */
  readonly normal: string;
  readonly inverse: string;
  readonly axes: readonly number[];
  readonly isCentred: boolean;
}

/** By x, of the gradient by the normal values: inverse (g - mean(g) - normal mean(g normal)); without the mean where none was taken off. */
function byNormal(e: Emitter, g: string, { normal, inverse, axes, isCentred }: Normal): string {
  const centred = isCentred ? sub(e, g, reduceMean(e, g, axes, true)) : g;
  const along = mul(e, normal, reduceMean(e, mul(e, g, normal), axes, true));
  return mul(e, sub(e, centred, along), inverse);
}

const inverseRoot = (e: Emitter, variance: string, epsilon: number): string =>
  e.emit('Reciprocal', [e.emit('Sqrt', [plus(e, variance, epsilon)])]);

/** x with mean 0 and variance 1 over axes; without `isCentred` with mean square 1. */
function normalised(e: Emitter, x: string, axes: readonly number[], epsilon: number, isCentred = true): Normal {
  const centred = isCentred ? sub(e, x, reduceMean(e, x, axes, true)) : x;
  const inverse = inverseRoot(e, reduceMean(e, mul(e, centred, centred), axes, true), epsilon);
  return { normal: mul(e, centred, inverse), inverse, axes, isCentred };
}

const epsilonOf = (c: GradientContext): number => floatOf(c.node, 'epsilon', 1e-5);

/** By the running statistics, as in inference: an affine function of each channel. */
const batchNormalization: GradientRule = (context) => {
  const [x, scale, mean, variance] = [context.input(0), context.input(1), context.input(3), context.input(4)];
  if (intOf(context.node, 'training_mode', 0) !== 0)
    return context.refuse('it takes the statistics of the batch, which only a step that trains normalisations follows');
  const g = arriving(context);
  const inverse = inverseRoot(context, variance, epsilonOf(context));
  const factor = mul(context, scale, inverse);
  const total = (value: string) => reduceSum(context, value, acrossChannels(context, x), false);
  const centred = () => sub(context, x, overChannels(context, mean, x));
  const byScale = () => mul(context, total(mul(context, g, centred())), inverse);
  return wanted(
    context,
    () => mul(context, g, overChannels(context, factor, x)),
    byScale,
    () => total(g),
    () => neg(context, mul(context, total(g), factor)),
    () => times(context, mul(context, mul(context, byScale(), factor), inverse), -0.5),
  );
};

/** Axes from `axis` to the last. */
const lastAxes = (c: GradientContext, x: string): readonly number[] => {
  const rank = c.shape(x).length;
  const first = axisIn(c, -1, rank);
  return Array.from({ length: rank - first }, (_, i) => first + i);
};

/** Mean and inverse deviation as LayerNormalization itself gives them. The forward node is asked for them: see training/share-nodes. */
function layerNormal(c: GradientContext, x: string, axes: readonly number[]): Normal {
  if (c.dtype(x) !== FLOAT) return normalised(c, x, axes, epsilonOf(c));
  const [, mean = '', inverse = ''] = c.emitAll('LayerNormalization', c.node.inputs, 3, ...c.node.attributes);
  return { normal: mul(c, sub(c, x, mean), inverse), inverse, axes, isCentred: true };
}

/** y = normal * scale + bias, both over the last axes. */
const layerNormalization: GradientRule = (context) => {
  const [x, scale, g] = [context.input(0), context.input(1), arriving(context)];
  const made = layerNormal(context, x, lastAxes(context, x));
  return wanted(
    context,
    () => byNormal(context, mul(context, g, scale), made),
    () => mul(context, g, made.normal),
    () => g,
  );
};

/** y = normal * scale, where x was not centred (RMSNormalization 23). */
const rootMeanSquare: GradientRule = (context) => {
  const [x, scale, g] = [context.input(0), context.input(1), arriving(context)];
  const made = normalised(context, x, lastAxes(context, x), epsilonOf(context), false);
  return wanted(
    context,
    () => byNormal(context, mul(context, g, scale), made),
    () => mul(context, g, made.normal),
  );
};

/** Each image of each channel by itself. */
const instanceNormalization: GradientRule = (context) => {
  const [x, scale, g] = [context.input(0), context.input(1), arriving(context)];
  const axes = context.shape(x).flatMap((_, axis) => (axis > 1 ? [axis] : []));
  const made = normalised(context, x, axes, epsilonOf(context));
  const total = (value: string) => reduceSum(context, value, acrossChannels(context, x), false);
  return wanted(
    context,
    () => byNormal(context, mul(context, g, overChannels(context, scale, x)), made),
    () => total(mul(context, g, made.normal)),
    () => total(g),
  );
};

/** Groups of channels of each image; a factor for each group (18) or for each channel (21). */
const groupNormalization =
  (isPerGroup: boolean): GradientRule =>
  (context) => {
    const [x, scale, g] = [context.input(0), context.input(1), arriving(context)];
    const groups = intOf(context.node, 'num_groups', 1);
    const apart = (value: string) => context.emit('Reshape', [value, context.int64s([0, groups, -1])]);
    const made = normalised(context, apart(x), [2], epsilonOf(context));
    const scaled = isPerGroup
      ? mul(context, apart(g), unsqueeze(context, scale, [1]))
      : apart(mul(context, g, overChannels(context, scale, x)));
    const total = (value: string) =>
      isPerGroup
        ? reduceSum(context, apart(value), [0, 2], false)
        : reduceSum(context, value, acrossChannels(context, x), false);
    return wanted(
      context,
      () => reshapeLike(context, byNormal(context, scaled, made), x),
      () => total(mul(context, g, reshapeLike(context, made.normal, x))),
      () => total(g),
    );
  };

/** y = (x - mean) / (deviation + 1e-9). */
const meanVariance: GradientRule = (context) =>
  wanted(context, () => {
    const [x, g] = [context.input(0), arriving(context)];
    const axes = axesFromFront(intsOf(context.node, 'axes') ?? [0, 2, 3], context.shape(x).length);
    return byNormal(context, g, normalised(context, x, axes, 0));
  });

/** y = x / |x|, by the sum of magnitudes or the root of the sum of squares along an axis. */
const lpNormalization: GradientRule = (context) =>
  wanted(context, () => {
    const [x, y, g] = [context.input(0), context.output(0), arriving(context)];
    const axis = axisIn(context, -1, context.shape(x).length);
    const isSquare = intOf(context.node, 'p', 2) === 2;
    const norm = reduceNorm(context, x, axis, isSquare ? 'ReduceL2' : 'ReduceL1');
    // Where all are 0 so is y.
    const safe = context.emit('Where', [
      context.emit('Equal', [norm, scalar(context, 0, norm)]),
      scalar(context, 1, norm),
      norm,
    ]);
    const along = reduceSum(context, mul(context, g, y), [axis], true);
    const direction = isSquare ? y : context.emit('Sign', [x]);
    return div(context, sub(context, g, mul(context, direction, along)), safe);
  });

/** Axes are an operand since opset 18. */
const reduceNorm = (e: Emitter, x: string, axis: number, opType: string): string =>
  e.opset >= 18 ? e.emit(opType, [x, e.int64s([axis])]) : e.emit(opType, [x], ints('axes', [axis]));

export const normalisationGradients: readonly Row<GradientRule>[] = [
  ...rows(['BatchNormalization'], batchNormalization),
  ...rows(['LayerNormalization'], layerNormalization),
  ...rows(['RMSNormalization', 'SimplifiedLayerNormalization'], rootMeanSquare),
  ...rows(['InstanceNormalization'], instanceNormalization),
  ...rows(['GroupNormalization'], groupNormalization(true)),
  ...rows(['GroupNormalization'], groupNormalization(false), 21),
  ...rows(['MeanVarianceNormalization'], meanVariance),
  ...rows(['LpNormalization'], lpNormalization),
];
