/** Which axis positions are the same neuron, one rule an operator. */
import { type Table, tableOf } from '../table.js';
import { alongStructure } from './along.js';
import { attentionStructure } from './attention.js';
import { constantStructure } from './constants.js';
import { convolutionStructure } from './convolution.js';
import { einsumStructure } from './einsum.js';
import { elementwiseStructure } from './elementwise.js';
import { indexingStructure } from './indexing.js';
import { linearStructure } from './linear.js';
import { movingStructure } from './moving.js';
import { normalisingStructure } from './normalise.js';
import { pixelStructure } from './pixel.js';
import { poolingStructure } from './pooling.js';
import { recurrentStructure } from './recurrent.js';
import type { StructureRule } from './relation.js';
import { stretchingStructure } from './stretch.js';

export const STRUCTURE_RULES: Table<StructureRule> = tableOf(
  alongStructure,
  attentionStructure,
  constantStructure,
  convolutionStructure,
  einsumStructure,
  elementwiseStructure,
  indexingStructure,
  linearStructure,
  movingStructure,
  normalisingStructure,
  pixelStructure,
  poolingStructure,
  recurrentStructure,
  stretchingStructure,
);
