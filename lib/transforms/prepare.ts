/** What every transform does first: the model as a plain graph whose parameters stand each for itself. */
import { inlineFunctions } from '../ir/inline.js';
import type { Model } from '../ir/model.js';
import { freezeCounts } from './freeze.js';
import { untie } from './untie.js';

/** The same function, inlined, frozen and untied. Throws SHAPE_CONFLICT, TOO_MANY. Runs twice to the same result. */
export const prepare = (model: Model): Model => untie(freezeCounts(inlineFunctions(model)));
