/** Backward passes, one rule an operator. An operator without one is refused where a gradient would have to pass through it. */
import { type Table, tableOf } from '../table.js';
import { batchStatisticsGradients } from './batch-statistics.js';
import { convolutionGradients } from './convolution.js';
import { elementwiseGradients } from './elementwise.js';
import { linearGradients } from './linear.js';
import { poolingGradients } from './pooling.js';
import type { GradientRule } from './rule.js';
import { stoppedGradients } from './stops.js';

export const GRADIENT_RULES: Table<GradientRule> = tableOf(
  batchStatisticsGradients,
  convolutionGradients,
  elementwiseGradients,
  linearGradients,
  poolingGradients,
  stoppedGradients,
);
