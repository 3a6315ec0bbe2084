/** Whether two networks have the same weights once both are in one form: normalisations folded, linear layers written alike. */
import type { Family } from '../analysis/members.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { elementCount, type Reals, tensorReals } from '../ir/numeric.js';

/** What folding a normalisation in another order of float32 operations can change, as a share of the largest weight. */
const ROUNDING = 1e-5;

function isNear(a: Reals, b: Reals): boolean {
  let scale = 0;
  for (const value of a) scale = Math.max(scale, Math.abs(value));
  for (let i = 0; i < a.length; i++) {
    if (!(Math.abs((a[i] as number) - (b[i] as number)) <= ROUNDING * scale)) return false;
  }
  return true;
}

/** The first constant of the template that the two members hold differently; '' where there is none. */
export function firstOther({ template, members }: Family): string {
  const [a, b] = members;
  for (const [name, { dtype }] of constantsOf(template.model.graph)) {
    const [x, y] = [a?.tensor(name), b?.tensor(name)];
    // A scalar may be computed in one of them; what it means, running both shows.
    if (!x || !y || !REAL_TYPES.has(dtype) || elementCount(x.dims) <= 1) continue;
    if (x.dims.join() !== y.dims.join() || x.dtype !== y.dtype) return name;
    const [own, other] = [tensorReals(x), tensorReals(y)];
    if (!isNear(own, other)) return name;
  }
  return '';
}
