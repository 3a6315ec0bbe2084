/** A model's results over all sets of inputs beside those of other models. */
import type { NdArray } from '../ir/ndarray.js';
import { comparisonOf, largest, type Tolerance, tallyOutputs } from '../runtime/compare.js';
import { meanOutputs } from '../runtime/mean.js';
import { addTallies, type Tally } from '../runtime/tally.js';
import type { InputSet } from './input-sets.js';
import type { RunOptions } from './options.js';
import { runCounterpart } from './run-sets.js';
import type { Counterparts } from './validate-options.js';
import type { AgainstReport, OutputReport, SetComparison } from './validate-report.js';

type Arrays = ReadonlyMap<string, NdArray>;
type Tallies = ReadonlyMap<string, Tally>;

/** The comparison, and models of which the execution provider left operators to the CPU. */
export interface Compared {
  readonly report: AgainstReport;
  readonly mixed: readonly string[];
}

/** What is expected of each set: what the one model says, or the mean of several. */
async function expectedResults(
  { members, ep, weights }: Counterparts,
  sets: readonly InputSet[],
  outputs: readonly string[],
  options: RunOptions,
) {
  const mixed: string[] = [];
  const all: (readonly Arrays[])[] = [];
  for (const [i, path] of members.entries()) {
    const stage = members.length === 1 ? 'running the other model' : `running member ${i + 1} of ${members.length}`;
    const run = await runCounterpart(path, sets, outputs, { ...options, ep, stage });
    if (run.mixed) mixed.push(path);
    all.push(run.results);
  }
  const expected = sets.map((_, s) => {
    const results = all.map((each) => each[s] as Arrays);
    return results.length === 1 ? (results[0] as Arrays) : meanOutputs(results, weights);
  });
  return { expected, mixed };
}

function setComparison(tallies: Tallies): SetComparison {
  const outputs = [...tallies].map(([name, tally]) => comparisonOf(name, tally));
  return {
    within: outputs.every(({ within }) => within),
    maxAbs: largest(outputs.map(({ maxAbs }) => maxAbs)),
    maxRel: largest(outputs.map(({ maxRel }) => maxRel)),
    mismatches: outputs.reduce((sum, { mismatches }) => sum + mismatches, 0),
    wouldPass: largest(outputs.map(({ tolerance }) => tolerance)),
  };
}

/** One output in all sets; every set has it. */
function outputReport(name: string, sets: readonly Tallies[]): OutputReport {
  const tallies = sets.map((each) => each.get(name) as Tally);
  const total = tallies.reduce(addTallies);
  const worstSet = total.worst ? tallies.findIndex(({ worst }) => worst === total.worst) : null;
  return { ...comparisonOf(name, total), worstSet };
}

/**
 * Compares results, one for each set, with what the counterparts make of the same sets. Memory: one model at a time, and the results
 * of all. Throws MEMBERS_DIFFER, EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export async function compareWith(
  counterparts: Counterparts,
  sets: readonly InputSet[],
  results: readonly Arrays[],
  tolerance: Tolerance,
  options: RunOptions,
): Promise<Compared> {
  const names = [...(results[0] ?? new Map()).keys()];
  const { expected, mixed } = await expectedResults(counterparts, sets, names, options);
  const tallies = results.map((result, s) => tallyOutputs(result, expected[s] as Arrays, tolerance));
  const outputs = names.map((name) => outputReport(name, tallies));
  const report: AgainstReport = {
    members: counterparts.members,
    weights: counterparts.weights ?? null,
    ep: counterparts.ep ?? 'cpu',
    tolerance,
    outputs,
    sets: tallies.map(setComparison),
    wouldPass: largest(outputs.map((output) => output.tolerance)),
  };
  return { report, mixed };
}
