/** Operators of onnxruntime's training build, in operators that every onnxruntime runs. Others stay as they are. */
import { type Table, tableOf } from '../table.js';
import { activationLowerings } from './activations.js';
import { lossLowerings } from './losses.js';
import { movingLowerings } from './moving.js';
import { normalizationLowerings } from './normalization.js';
import type { LoweringRule } from './rule.js';
import { spatialLowerings } from './spatial.js';

export const LOWERING_RULES: Table<LoweringRule> = tableOf(
  activationLowerings,
  lossLowerings,
  movingLowerings,
  normalizationLowerings,
  spatialLowerings,
);
