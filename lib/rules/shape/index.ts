/** Shape inference, one rule an operator. */
import { type Table, tableOf } from '../table.js';
import { alongShapes } from './along.js';
import { attentionShapes } from './attention.js';
import { constantShapes } from './constants.js';
import { controlShapes } from './control.js';
import { einsumShapes } from './einsum.js';
import { elementwiseShapes } from './elementwise.js';
import { indexingShapes } from './indexing.js';
import { linearShapes } from './linear.js';
import { lossShapes } from './losses.js';
import { movingShapes } from './moving.js';
import { pixelShapes } from './pixel.js';
import { quantisedShapes } from './quantised.js';
import { recurrentShapes } from './recurrent.js';
import type { ShapeRule } from './rule.js';
import { spatialShapes } from './spatial.js';
import { stretchingShapes } from './stretch.js';

export const SHAPE_RULES: Table<ShapeRule> = tableOf(
  alongShapes,
  attentionShapes,
  constantShapes,
  controlShapes,
  einsumShapes,
  elementwiseShapes,
  indexingShapes,
  linearShapes,
  lossShapes,
  movingShapes,
  pixelShapes,
  quantisedShapes,
  recurrentShapes,
  spatialShapes,
  stretchingShapes,
);
