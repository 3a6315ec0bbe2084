/** Which axis positions are the same neuron, one rule an operator. */
import { type Table, tableOf } from '../table.js';
import { constantStructure } from './constants.js';
import { elementwiseStructure } from './elementwise.js';
import { linearStructure } from './linear.js';
import { movingStructure } from './moving.js';
import { normalisingStructure } from './normalise.js';
import type { StructureRule } from './relation.js';
import { spatialStructure } from './spatial.js';

export const STRUCTURE_RULES: Table<StructureRule> = tableOf(
  constantStructure,
  elementwiseStructure,
  linearStructure,
  movingStructure,
  normalisingStructure,
  spatialStructure,
);
