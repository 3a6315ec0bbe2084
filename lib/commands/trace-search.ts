/** Which values of a trace to compare: all where they are few, else some, and then between the last that agree and the first that do not. */
import { MAX_TRACE_RUNS, TRACE_RUN_BYTES } from '../limits.js';
import { behind, type Makers } from './trace-graph.js';
import type { Observed, Traced } from './trace-runs.js';

/** Compares values and answers what was found, by name. */
export type Observe = (values: readonly Traced[]) => Promise<ReadonlyMap<string, Observed>>;

/** Values that one round looks at. */
const A_ROUND = 48;

const bytesOf = (values: readonly Traced[]): number => values.reduce((sum, { bytes }) => sum + bytes, 0);

/** Whether all values are few enough to be compared. */
export const fitsAll = (values: readonly Traced[]): boolean => bytesOf(values) <= MAX_TRACE_RUNS * TRACE_RUN_BYTES;

/** At most `A_ROUND` values, evenly spread, the last among them. */
function spread(values: readonly Traced[]): readonly Traced[] {
  if (values.length <= A_ROUND) return values;
  const step = values.length / A_ROUND;
  return Array.from({ length: A_ROUND }, (_, i) => values[Math.ceil((i + 1) * step) - 1] as Traced);
}

/** Fails where it is not within the tolerance. */
const fails = (observed: Observed | undefined): boolean =>
  observed !== undefined && (observed.tally.mismatches > 0 || observed.tally.why !== '');

/**
 * Compares as many of the values, which stand in the order of computation, as it takes to find one that is not within the tolerance
 * though all that it is made of is. All of them where they fit; else a spread of them, then round by round those between the earliest
 * that fails and what agrees behind it, so that the rounds are about the logarithm of the depth.
 */
export async function search(
  values: readonly Traced[],
  makers: Makers,
  observe: Observe,
): Promise<ReadonlyMap<string, Observed>> {
  if (fitsAll(values)) return observe(values);
  const byName = new Map(values.map((each) => [each.value, each]));
  const known = new Map(await observe(spread(values)));
  const missing = new Set<string>();
  let target = values.find(({ value }) => fails(known.get(value)))?.value;
  while (target !== undefined) {
    const unknown: Traced[] = [];
    // Behind what agrees nothing is looked for: there it agrees too, but for what a later node forgives.
    const { reached } = behind(target, makers, (name) => {
      const seen = known.get(name);
      const each = byName.get(name);
      if (!seen && each && !missing.has(name)) unknown.push(each);
      return seen !== undefined;
    });
    const earlier = reached.find((name) => fails(known.get(name)));
    if (earlier === undefined && unknown.length === 0) break;
    if (earlier !== undefined) {
      target = earlier;
      continue;
    }
    const round = spread(unknown.sort((a, b) => makers.place(a.value) - makers.place(b.value)));
    const found = await observe(round);
    for (const { value } of round) {
      const seen = found.get(value);
      if (seen) known.set(value, seen);
      else missing.add(value);
    }
    target = round.find(({ value }) => fails(known.get(value)))?.value ?? target;
  }
  return known;
}
