/** How closely results of a model can agree, by the type that it computes in. */
import { constantsOf } from '../ir/constants.js';
import { BFLOAT16, FLOAT16 } from '../ir/dtype.js';
import type { Model } from '../ir/model.js';
import { DEFAULT_TOLERANCE, type Tolerance } from './compare.js';

/** float16 has 11 bits, bfloat16 8: one rounding is off by up to 4e-3, and sums in another order are some roundings apart. */
export const HALF_TOLERANCE: Tolerance = { atol: 5e-3, rtol: 1e-2 };

/** Whether a model has weights or inputs in 16 bits. */
export const holdsHalves = ({ graph }: Model): boolean =>
  [...constantsOf(graph).values(), ...graph.inputs].some(({ dtype }) => dtype === FLOAT16 || dtype === BFLOAT16);

/** `full` (for float32 and wider), or what 16 bits allow. */
export const toleranceFor = (model: Model, full: Tolerance = DEFAULT_TOLERANCE): Tolerance =>
  holdsHalves(model) ? HALF_TOLERANCE : full;
