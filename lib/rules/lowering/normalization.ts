/** Normalisations in training and their gradients (com.microsoft, orttraining 1.19.2). */
import { int } from '../../ir/attributes.js';
import { FLOAT } from '../../ir/dtype.js';
import { flagOf, floatOf } from '../../ir/nodes.js';
import { MICROSOFT } from '../families.js';
import { acrossChannels, normalisedGradients, overChannels } from '../gradient/batch-statistics.js';
import { add, div, mul, plus, reduceMean, reduceSum, scalar, sub, times } from '../gradient/support.js';
import { type Row, rows } from '../table.js';
import { axisOf } from './axis.js';
import type { LoweringContext, LoweringRule } from './rule.js';

const inverseRoot = (c: LoweringContext, variance: string): string =>
  c.emit('Reciprocal', [c.emit('Sqrt', [plus(c, variance, floatOf(c.node, 'epsilon', 1e-5))])]);

/** Over n - 1 instead of n elements of each channel (PyTorch's running variance). */
function unbiased(c: LoweringContext, variance: string, x: string): string {
  const across = new Set(acrossChannels(c, x));
  const lengths = c.shape(x).filter((_, axis) => across.has(axis));
  const known = lengths.every((length): length is number => typeof length === 'number');
  const count = known
    ? scalar(
        c,
        lengths.reduce((a, b) => a * b, 1),
        x,
      )
    : c.emit('Cast', [div(c, c.emit('Size', [x]), c.emit('Size', [variance]))], int('to', c.dtype(x) ?? FLOAT));
  const others = c.emit('Max', [plus(c, count, -1), scalar(c, 1, x)]);
  return mul(c, variance, div(c, count, others));
}

/** x, scale, bias, running mean and variance; also gives the next running ones, the mean and 1/sqrt(variance). */
const batchNormInternal: LoweringRule = (c) => {
  const [x, scale, bias] = [c.input(0), c.input(1), c.input(2)];
  const across = acrossChannels(c, x);
  const spread = (vector: string) => overChannels(c, vector, x);
  const mean = reduceMean(c, x, across, false);
  const centred = sub(c, x, spread(mean));
  const variance = reduceMean(c, mul(c, centred, centred), across, false);
  const inverse = inverseRoot(c, variance);
  const y = add(c, mul(c, centred, spread(mul(c, inverse, scale))), spread(bias));
  const momentum = floatOf(c.node, 'momentum', 0.9);
  const next = (running: string, now: string) => add(c, times(c, running, momentum), times(c, now, 1 - momentum));
  return [
    y,
    c.isUsed(1) ? next(c.input(3), mean) : undefined,
    c.isUsed(2) ? next(c.input(4), flagOf(c.node, 'unbiased') ? unbiased(c, variance, x) : variance) : undefined,
    mean,
    inverse,
  ];
};

/** Gradient, x, scale, mean, 1/sqrt(variance): by x, scale, bias. */
const batchNormGrad: LoweringRule = (c) => {
  const [gradient, x, scale, mean, inverse] = [c.input(0), c.input(1), c.input(2), c.input(3), c.input(4)];
  const makers = normalisedGradients(c, { gradient, x, scale, mean, inverse });
  return makers.map((make, index) => (c.isUsed(index) ? make() : undefined));
};

/** Gradient, x, scale, mean, 1/sqrt(variance): by x, scale, bias; `mean` is left out where nothing was centred. */
const layerNormGrad =
  (isCentred: boolean): LoweringRule =>
  (c) => {
    const [g, x, scale] = [c.input(0), c.input(1), c.input(2)];
    const rank = c.shape(x).length;
    const first = axisOf(c, x, -1);
    const axes = Array.from({ length: rank - first }, (_, i) => first + i);
    const leading = Array.from({ length: first }, (_, i) => i);
    const inverse = c.input(isCentred ? 4 : 3);
    const normalised = mul(c, isCentred ? sub(c, x, c.input(3)) : x, inverse);
    const scaled = mul(c, g, scale);
    const byX = () => {
      const centred = isCentred ? sub(c, scaled, reduceMean(c, scaled, axes, true)) : scaled;
      return mul(
        c,
        inverse,
        sub(c, centred, mul(c, normalised, reduceMean(c, mul(c, scaled, normalised), axes, true))),
      );
    };
    return [
      c.isUsed(0) ? byX() : undefined,
      c.isUsed(1) ? reduceSum(c, mul(c, g, normalised), leading, false) : undefined,
      c.isUsed(2) ? reduceSum(c, g, leading, false) : undefined,
    ];
  };

export const normalizationLowerings: readonly Row<LoweringRule>[] = [
  ...rows(['BatchNormInternal'], batchNormInternal, 1, MICROSOFT),
  ...rows(['BatchNormalizationGrad'], batchNormGrad, 1, MICROSOFT),
  ...rows(['LayerNormalizationGrad'], layerNormGrad(true), 1, MICROSOFT),
  ...rows(['SimplifiedLayerNormalizationGrad'], layerNormGrad(false), 1, MICROSOFT),
];
