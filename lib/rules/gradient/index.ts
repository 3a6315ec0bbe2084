/** Backward passes, one rule an operator. An operator without one is refused where a gradient would have to pass through it. */
import { type Table, tableOf } from '../table.js';
import { alongGradients } from './along.js';
import { attentionGradients } from './attention.js';
import { batchStatisticsGradients } from './batch-statistics.js';
import { convolutionGradients } from './convolution.js';
import { einsumGradients } from './einsum.js';
import { elementwiseGradients } from './elementwise.js';
import { joiningGradients } from './joining.js';
import { linearGradients } from './linear.js';
import { lossGradients } from './losses.js';
import { normalisationGradients } from './normalisation.js';
import { pickingGradients } from './picking.js';
import { poolingGradients } from './pooling.js';
import { recurrentGradients } from './recurrent/index.js';
import { reductionGradients } from './reductions.js';
import { resamplingGradients } from './resampling.js';
import type { GradientRule } from './rule.js';
import { shapingGradients } from './shaping.js';
import { slicingGradients } from './slicing.js';
import { softmaxGradients } from './softmax.js';
import { stoppedGradients } from './stops.js';
import { trigonometricGradients } from './trigonometry.js';

export const GRADIENT_RULES: Table<GradientRule> = tableOf(
  alongGradients,
  attentionGradients,
  batchStatisticsGradients,
  convolutionGradients,
  einsumGradients,
  elementwiseGradients,
  joiningGradients,
  linearGradients,
  lossGradients,
  normalisationGradients,
  pickingGradients,
  poolingGradients,
  recurrentGradients,
  reductionGradients,
  resamplingGradients,
  shapingGradients,
  slicingGradients,
  softmaxGradients,
  stoppedGradients,
  trigonometricGradients,
);
