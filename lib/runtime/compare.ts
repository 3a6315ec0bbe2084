/** How far two results are from each other, output by output, judged as numpy.allclose does. */
import { membersDiffer, quoted } from '../errors.js';
import type { NdArray } from '../ir/ndarray.js';
import { type Tally, tallyOf, type Worst } from './tally.js';

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
  /** Mean of all |a - b|. */
  readonly meanAbs: number;
  /** Largest |a - b| / |b| where b is not 0. */
  readonly maxRel: number;
  /** Cosine of the angle between both, 1 for the same direction; null where one is all 0 or not finite. */
  readonly cosine: number | null;
  /**
   * For real outputs of shape [rows, n]: the share of rows, 0 to 1, whose largest element is at the same place in both, so that
   * classifiers choose the same class. Null for other outputs.
   */
  readonly sameTop: number | null;
  /** How many elements do not agree, of how many. */
  readonly mismatches: number;
  readonly elements: number;
  /** The element with the largest |a - b|; null where all are equal or none can be compared. */
  readonly worst: Worst | null;
  /** The least t, rounded up to two digits, so that atol = rtol = t would pass; infinite where none would. */
  readonly tolerance: number;
  /** Why the elements cannot be compared at all; '' where they can. */
  readonly why: string;
}

export interface Comparison {
  readonly within: boolean;
  readonly outputs: readonly OutputComparison[];
}

/** The largest of numbers from 0 up, however many; 0 of none. */
export const largest = (values: readonly number[]): number => values.reduce((most, each) => Math.max(most, each), 0);

/** Rounds up to two significant digits. */
function roundedUp(value: number): number {
  if (value === 0 || !Number.isFinite(value)) return value;
  const exponent = Math.floor(Math.log10(value)) - 1;
  const up = (steps: number) => Number(`${steps}e${exponent}`);
  const steps = Math.ceil(value / 10 ** exponent);
  return up(steps) > value ? up(steps) : up(steps + 1);
}

function cosineOf({ dot, squaresA, squaresB }: Tally): number | null {
  const cosine = dot / (Math.sqrt(squaresA) * Math.sqrt(squaresB));
  return Number.isFinite(cosine) ? Math.max(-1, Math.min(1, cosine)) : null;
}

/** What the counts of an output say. */
export const comparisonOf = (name: string, tally: Tally): OutputComparison => ({
  name,
  within: tally.mismatches === 0 && tally.why === '',
  maxAbs: tally.maxAbs,
  meanAbs: tally.elements === 0 ? 0 : tally.sumAbs / tally.elements,
  maxRel: tally.maxRel,
  cosine: cosineOf(tally),
  sameTop: tally.rows === 0 ? null : tally.sameTop / tally.rows,
  mismatches: tally.mismatches,
  elements: tally.elements,
  worst: tally.worst ?? null,
  tolerance: roundedUp(tally.tolerance),
  why: tally.why,
});

/**
 * Counts results `a` beside the expected results `b`, which must have the same names. Throws MEMBERS_DIFFER where they
 * have not.
 */
export function tallyOutputs(
  a: ReadonlyMap<string, NdArray>,
  b: ReadonlyMap<string, NdArray>,
  tolerance: Tolerance,
): ReadonlyMap<string, Tally> {
  const extra = [...b.keys()].find((name) => !a.has(name));
  if (extra !== undefined) throw membersDiffer(`only one of them has the output ${quoted(extra)}`);
  return new Map(
    [...a].map(([name, array]) => {
      const expected = b.get(name);
      if (!expected) throw membersDiffer(`only one of them has the output ${quoted(name)}`);
      return [name, tallyOf(name, array, expected, tolerance)];
    }),
  );
}

/** Compares results `a` with the expected results `b`. Throws what `tallyOutputs` throws. */
export function compareOutputs(
  a: ReadonlyMap<string, NdArray>,
  b: ReadonlyMap<string, NdArray>,
  tolerance: Tolerance = DEFAULT_TOLERANCE,
): Comparison {
  const outputs = [...tallyOutputs(a, b, tolerance)].map(([name, tally]) => comparisonOf(name, tally));
  return { within: outputs.every(({ within }) => within), outputs };
}
