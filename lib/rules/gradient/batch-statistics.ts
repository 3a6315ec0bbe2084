/** The gradient of normalising by the statistics of the batch itself. */

import { MICROSOFT } from '../families.js';
import type { Row } from '../table.js';
import { rows } from '../table.js';
import type { Emitter, GradientRule } from './rule.js';
import { arriving, mul, reduceMean, reduceSum, sub, unsqueeze, wanted } from './support.js';

/** All axes but that of the channels. */
export const acrossChannels = (e: Emitter, x: string): readonly number[] =>
  e.shape(x).flatMap((_, axis) => (axis === 1 ? [] : [axis]));

/** A vector over channels, as it broadcasts against [batch, channels, ..]. */
export const overChannels = (e: Emitter, vector: string, like: string): string =>
  unsqueeze(
    e,
    vector,
    Array.from({ length: Math.max(0, e.shape(like).length - 2) }, (_, i) => i + 1),
  );

/** What the gradients are made of: vectors over channels but for x and the arriving gradient. */
export interface Normalised {
  readonly gradient: string;
  readonly x: string;
  readonly scale: string;
  readonly mean: string;
  /** 1 / sqrt(variance + epsilon). */
  readonly inverse: string;
}

/** Makers of the gradients by x, scale and bias; with n = (x - mean) inverse, by x: scale inverse (g - mean(g) - n mean(g n)). */
export function normalisedGradients(
  e: Emitter,
  { gradient, x, scale, mean, inverse }: Normalised,
): readonly (() => string)[] {
  const across = acrossChannels(e, x);
  const spread = (vector: string) => overChannels(e, vector, x);
  const normalised = mul(e, sub(e, x, spread(mean)), spread(inverse));
  const product = mul(e, gradient, normalised);
  const byX = () => {
    const inner = sub(e, gradient, spread(reduceMean(e, gradient, across, false)));
    const outer = mul(e, normalised, spread(reduceMean(e, product, across, false)));
    return mul(e, sub(e, inner, outer), spread(mul(e, scale, inverse)));
  };
  return [byX, () => reduceSum(e, product, across, false), () => reduceSum(e, gradient, across, false)];
}

/** com.microsoft::BatchNormInternal (orttraining 1.19.2), whose last outputs are the mean and 1 / sqrt(variance). */
const batchNormInternal: GradientRule = (context) => {
  const [x, scale, mean, inverse] = [context.input(0), context.input(1), context.output(3), context.output(4)];
  return wanted(context, ...normalisedGradients(context, { gradient: arriving(context), x, scale, mean, inverse }));
};

export const batchStatisticsGradients: readonly Row<GradientRule>[] = rows(
  ['BatchNormInternal'],
  batchNormInternal,
  1,
  MICROSOFT,
);
