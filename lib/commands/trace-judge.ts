/** What the compared values of two models say: where they part, or that rounding grows. */
import { nodeDifferences } from '../diff/node-differences.js';
import { BFLOAT16, DOUBLE, FLOAT16 } from '../ir/dtype.js';
import type { Graph, Node } from '../ir/model.js';
import { behind, type Makers, nodeNameOf } from './trace-graph.js';
import type { Part, TracedInput, TracePoint, TraceReport } from './trace-report.js';
import type { Observed } from './trace-runs.js';

/** Both graphs, and what was seen of their values. */
export interface Seen {
  readonly graphs: readonly [Graph, Graph];
  readonly makers: readonly [Makers, Makers];
  readonly inputs: ReadonlyMap<string, string>;
  /** In the order in which the first model computes them. */
  readonly pairs: ReadonlyMap<string, string>;
  readonly observed: ReadonlyMap<string, Observed>;
}

/** Errors below are rounding: sums in another order differ by some units in the last place (2^-24 of float32, 2^-11 of float16, ..). */
const LAST_PLACE: ReadonlyMap<number, number> = new Map([
  [DOUBLE, 2 ** -53],
  [FLOAT16, 2 ** -11],
  [BFLOAT16, 2 ** -8],
]);
const roundingOf = (dtype: number): number => 16 * (LAST_PLACE.get(dtype) ?? 2 ** -24);

/** From here on an error is no rounding that adds up: in a node that is the same in both, and in one that is not. */
const JUMP = 100;
const JUMP_OF_OTHER = 10;

const isWithin = ({ tally }: Observed): boolean => tally.mismatches === 0 && tally.why === '';

/** The error beside the size of what is expected. */
function relativeOf({ tally }: Observed): number {
  if (tally.maxAbs === 0) return 0;
  return tally.scale > 0 ? tally.maxAbs / tally.scale : Number.POSITIVE_INFINITY;
}

/** By value, the compared values that are made of it with none between. */
function usersOf({ makers, observed }: Seen): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const value of observed.keys()) {
    for (const name of behind(value, makers[0], (each) => observed.has(each)).reached) {
      const known = users.get(name);
      if (known) known.push(value);
      else users.set(name, [value]);
    }
  }
  return users;
}

/** Values that differ while all that is made of them agrees, or differs by much less. What is absorbed itself does not count there. */
function absorbedIn(seen: Seen): ReadonlySet<string> {
  const users = usersOf(seen);
  // By absorbed value, what is made of it and counts.
  const beyond = new Map<string, readonly string[]>();
  // From the back: what is made of a value stands behind it.
  for (const value of [...seen.pairs.keys()].reverse()) {
    const own = seen.observed.get(value);
    if (!own || isWithin(own)) continue;
    const made = [...new Set((users.get(value) ?? []).flatMap((name) => beyond.get(name) ?? [name]))];
    const error = relativeOf(own);
    const ends = made.every((name) => {
      const user = seen.observed.get(name) as Observed;
      // Beside an infinite error (another shape, NaN) every other one is small: that says nothing.
      return isWithin(user) || (Number.isFinite(error) && relativeOf(user) * JUMP <= error);
    });
    if (ends && made.length > 0) beyond.set(value, made);
  }
  return new Set(beyond.keys());
}

function pointOf(value: string, observed: Observed, { makers, pairs }: Seen, absorbed: boolean): TracePoint {
  const { elements, mismatches, maxAbs, why } = observed.tally;
  return {
    ...nodeNameOf(makers[0].maker(value) as Node, value),
    place: makers[0].place(value),
    counterpart: pairs.get(value) ?? '',
    within: isWithin(observed),
    elements,
    mismatches,
    maxAbs,
    relative: relativeOf(observed),
    why,
    absorbed,
  };
}

/** The nearest values with a comparison that counts of which a value is made; inputs are the same by themselves. */
function inputsOf(value: string, seen: Seen, absorbed: ReadonlySet<string>): readonly TracedInput[] {
  const { makers, inputs, pairs, observed } = seen;
  const counts = (name: string) => inputs.has(name) || (observed.has(name) && !absorbed.has(name));
  return behind(value, makers[0], counts).reached.map((name) => {
    const own = observed.get(name);
    const counterpart = pairs.get(name) ?? inputs.get(name) ?? '';
    if (!own) return { value: name, counterpart, within: true, maxAbs: 0, relative: 0 };
    return { value: name, counterpart, within: isWithin(own), maxAbs: own.tally.maxAbs, relative: relativeOf(own) };
  });
}

/** Whether all that a value is directly made of was compared: else a jump may lie anywhere before it. */
function seenThrough(value: string, { makers, inputs, pairs, observed }: Seen): boolean {
  const { reached } = behind(value, makers[0], (name) => pairs.has(name) || inputs.has(name));
  return reached.every((name) => observed.has(name) || inputs.has(name));
}

function growthOf(value: string, seen: Seen, absorbed: ReadonlySet<string>): number {
  const own = seen.observed.get(value) as Observed;
  if (own.tally.why !== '') return Number.POSITIVE_INFINITY;
  const errors = inputsOf(value, seen, absorbed).map(({ relative }) => relative);
  return relativeOf(own) / Math.max(roundingOf(own.dtype), ...errors);
}

/** Nodes between a value and what has a counterpart behind it. */
function unmatched(value: string, makers: Makers, matched: (name: string) => boolean) {
  const { passed } = behind(value, makers, matched);
  return passed.map((node) => nodeNameOf(node, node.outputs.find((name) => name !== '') ?? ''));
}

function partOf(point: TracePoint, seen: Seen, absorbed: ReadonlySet<string>): Part {
  const { graphs, makers, inputs, pairs, observed } = seen;
  const [here, there] = [makers[0].maker(point.value) as Node, makers[1].maker(point.counterpart) as Node];
  const all = new Map([...inputs, ...pairs]);
  const theirs = new Set(all.values());
  const [a, b] = graphs;
  return {
    ...point,
    worst: observed.get(point.value)?.tally.worst ?? null,
    inputs: inputsOf(point.value, seen, absorbed),
    growth: growthOf(point.value, seen, absorbed),
    differences: a === b ? [] : nodeDifferences(here, a, there, b, all),
    onlyHere: unmatched(point.value, makers[0], (name) => all.has(name)),
    onlyThere: unmatched(point.counterpart, makers[1], (name) => theirs.has(name)),
  };
}

const isBreak = ({ growth, differences }: Part): boolean =>
  growth >= JUMP || (growth >= JUMP_OF_OTHER && differences.length > 0);

/** The first value out of the tolerance and, of all that are, the first at which the error jumps. */
export function judged(seen: Seen): Pick<TraceReport, 'verdict' | 'part' | 'before' | 'course'> {
  const absorbed = absorbedIn(seen);
  const course = [...seen.pairs.keys()].flatMap((value) => {
    const own = seen.observed.get(value);
    return own ? [pointOf(value, own, seen, absorbed.has(value))] : [];
  });
  const apart = course.filter((point) => !point.within && !point.absorbed);
  const [first] = apart;
  if (!first) return { verdict: 'agrees', part: null, before: null, course };
  for (const point of apart) {
    // What stands behind a break is off by as much as the break, so that few are looked at closely.
    if (!seenThrough(point.value, seen) || growthOf(point.value, seen, absorbed) < JUMP_OF_OTHER) continue;
    const part = partOf(point, seen, absorbed);
    if (isBreak(part)) return { verdict: 'breaks', part, before: point === first ? null : first, course };
  }
  return { verdict: 'grows', part: partOf(first, seen, absorbed), before: null, course };
}
