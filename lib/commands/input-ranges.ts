/** What the elements of random inputs may lie between, by their type. */
import { quoted, usage } from '../errors.js';
import { BFLOAT16, BOOL, DOUBLE, DTYPES, dtypeName, FLOAT, FLOAT16, REAL_TYPES, UNDEFINED } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { constructorOf } from '../ir/ndarray.js';
import type { Range } from '../runtime/feeds.js';

/** The largest finite number of each real type. */
const LARGEST: ReadonlyMap<number, number> = new Map([
  [FLOAT16, 65504],
  [BFLOAT16, (2 - 2 ** -7) * 2 ** 127],
  [FLOAT, (2 - 2 ** -23) * 2 ** 127],
  [DOUBLE, Number.MAX_VALUE],
]);

/** What a type holds. Integers end where a number is no longer exact, those of 64 bits too. */
function boundsOf(dtype: number): Range {
  const largest = LARGEST.get(dtype);
  if (largest !== undefined) return [-largest, largest];
  if (dtype === BOOL) return [0, 1];
  const { name, bits = 64 } = DTYPES.get(dtype) ?? { name: '' };
  const [least, most] = name.startsWith('u') ? [0, 2 ** bits - 1] : [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1];
  return [Math.max(least, Number.MIN_SAFE_INTEGER), Math.min(most, Number.MAX_SAFE_INTEGER)];
}

function checkRange({ name, dtype = UNDEFINED }: Value, [low, high]: Range): void {
  const what = `--range: ${quoted(name)}`;
  if (!(low <= high && Number.isFinite(high - low))) {
    throw usage(`${what} takes a least and a largest number, not ${low} and ${high}`);
  }
  // What cannot be drawn at all is refused where it would be.
  if (!constructorOf(dtype)) return;
  const [least, most] = boundsOf(dtype);
  const type = dtypeName(dtype);
  if (!REAL_TYPES.has(dtype) && !(Number.isInteger(low) && Number.isInteger(high))) {
    throw usage(`${what} is ${type}: both ends are whole numbers, not ${low} and ${high}`);
  }
  if (low < least || high > most) {
    throw usage(`${what} is ${type}: its numbers lie between ${least} and ${most}, not ${low} and ${high}`);
  }
}

/** Throws USAGE for a range of an input that the model does not have, for one that is none, and for one that its type does not hold. */
export function checkRanges(values: readonly Value[], ranges: ReadonlyMap<string, Range> = new Map()): void {
  for (const [name, range] of ranges) {
    const value = values.find((each) => each.name === name);
    if (!value) {
      const inputs = values.map((each) => quoted(each.name)).join(', ') || 'none';
      throw usage(`--range: no input is called ${quoted(name)}`, `Inputs: ${inputs}.`);
    }
    checkRange(value, range);
  }
}
