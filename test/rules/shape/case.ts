/** What a shape case is. */
import type { Blueprint } from '../../support/build.js';
import type { Weight } from '../../support/weights.js';

export interface ShapeCase extends Blueprint {
  /** Values that cannot be told before the model runs: their shapes may hold unknown lengths. */
  readonly open?: readonly string[];
  /** Inputs that must hold these numbers for the model to run. */
  readonly feeds?: Readonly<Record<string, Weight>>;
}
