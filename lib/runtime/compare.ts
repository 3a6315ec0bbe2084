/** How far two results are from each other, output by output, judged as numpy.allclose does. */
import { membersDiffer, quoted } from '../errors.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import type { Reals } from '../ir/numeric.js';

/** Two numbers agree where |a - b| <= atol + rtol * |b|. */
export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** What separates float32 computations in different order, for networks of common depth. */
export const DEFAULT_TOLERANCE: Tolerance = { atol: 1e-5, rtol: 1e-4 };

/** One output of two models. */
export interface OutputComparison {
  readonly name: string;
  readonly within: boolean;
  /** Largest |a - b|; infinite where one is NaN or infinite and the other is not the same. */
  readonly maxAbs: number;
  /** Largest |a - b| / |b| where b is not 0. */
  readonly maxRel: number;
  /** How many elements do not agree, of how many. */
  readonly mismatches: number;
  readonly elements: number;
  /** The least t, rounded up to two digits, so that atol = rtol = t would pass; infinite where none would. */
  readonly tolerance: number;
  /** Why the elements cannot be compared at all; '' where they can. */
  readonly why: string;
}

export interface Comparison {
  readonly within: boolean;
  readonly outputs: readonly OutputComparison[];
}

/** |a - b|; 0 for NaN with NaN and for equal infinities. */
function distance(a: number, b: number): number {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return 0;
  const apart = Math.abs(a - b);
  return Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
}

/** Rounds up to two significant digits. */
function roundedUp(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.floor(Math.log10(value)) - 1;
  const up = (steps: number) => Number(`${steps}e${exponent}`);
  const steps = Math.ceil(value / 10 ** exponent);
  return up(steps) > value ? up(steps) : up(steps + 1);
}

function compareElements(name: string, a: Reals, b: Reals, { atol, rtol }: Tolerance): OutputComparison {
  let [maxAbs, maxRel, tolerance, mismatches] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const expected = b[i] as number;
    const apart = distance(a[i] as number, expected);
    if (apart === 0) continue;
    const size = Math.abs(expected);
    // A NaN or infinite b makes every bound meaningless: only the very same passes.
    const comparable = Number.isFinite(size);
    maxAbs = Math.max(maxAbs, apart);
    if (size > 0) maxRel = Math.max(maxRel, comparable ? apart / size : apart);
    tolerance = Math.max(tolerance, comparable ? apart / (1 + size) : Number.POSITIVE_INFINITY);
    if (!comparable || !(apart <= atol + rtol * size)) mismatches++;
  }
  const within = mismatches === 0;
  return { name, within, maxAbs, maxRel, mismatches, elements: a.length, tolerance: roundedUp(tolerance), why: '' };
}

function incomparable(name: string, elements: number, why: string): OutputComparison {
  const worst = Number.POSITIVE_INFINITY;
  return { name, within: false, maxAbs: worst, maxRel: worst, mismatches: elements, elements, tolerance: worst, why };
}

function compareOutput(name: string, a: NdArray, b: NdArray, tolerance: Tolerance): OutputComparison {
  const [left, right] = [a.dims.join(', '), b.dims.join(', ')];
  if (left !== right) return incomparable(name, a.data.length, `shape [${left}] against [${right}]`);
  return compareElements(name, toReals(a, name), toReals(b, name), tolerance);
}

/**
 * Compares results `a` with the expected results `b`, which must have the same names. Throws MEMBERS_DIFFER where they
 * have not.
 */
export function compareOutputs(
  a: ReadonlyMap<string, NdArray>,
  b: ReadonlyMap<string, NdArray>,
  tolerance: Tolerance = DEFAULT_TOLERANCE,
): Comparison {
  const extra = [...b.keys()].find((name) => !a.has(name));
  if (extra !== undefined) throw membersDiffer(`only one of them has the output ${quoted(extra)}`);
  const outputs = [...a].map(([name, array]) => {
    const expected = b.get(name);
    if (!expected) throw membersDiffer(`only one of them has the output ${quoted(name)}`);
    return compareOutput(name, array, expected, tolerance);
  });
  return { within: outputs.every(({ within }) => within), outputs };
}
