/** What every transform does first: the model as a plain graph whose parameters stand each for itself. */
import { inlineFunctions } from '../ir/inline.js';
import type { Model } from '../ir/model.js';
import { foldBranches } from './fold-branches.js';
import { foldReadings } from './fold-readings.js';
import { foldShuffles } from './fold-shuffles.js';
import { freezeCounts } from './freeze.js';
import { splitConstants } from './split-constants.js';
import { untie } from './untie.js';

/** The same function, inlined, without known choices, frozen, cut up and untied. Throws SHAPE_CONFLICT, TOO_MANY. Runs twice to the same result. */
export const prepare = (model: Model): Model =>
  untie(splitConstants(foldShuffles(foldReadings(freezeCounts(foldBranches(inlineFunctions(model)))))));
