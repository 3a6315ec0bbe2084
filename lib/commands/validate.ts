/** `validate`: is a model sound, does ONNX Runtime run it, and does it compute what other models compute? */
import type { Model } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { readModel } from '../onnx/read.js';
import type { Tolerance } from '../runtime/compare.js';
import { addSummaries, type Summary, statisticsOf, summaryOf } from '../runtime/statistics.js';
import { compareWith } from './against.js';
import { type InputSet, inputSets } from './input-sets.js';
import { loadModel } from './load.js';
import { pause } from './pause.js';
import { runSets } from './run-sets.js';
import { trace } from './trace.js';
import type { TraceReport } from './trace-report.js';
import { agreement, judge, readChecks, skipped } from './validate-checks.js';
import { notesOf } from './validate-notes.js';
import { type Counterparts, counterpartsOf, toleranceOf, type ValidateOptions } from './validate-options.js';
import type { AgainstReport, ValidateReport } from './validate-report.js';

/** Sums up outputs, run by run. */
function summing() {
  const summaries = new Map<string, Summary>();
  const add = (result: ReadonlyMap<string, NdArray>) => {
    for (const [name, array] of result) {
      const [own, before] = [summaryOf(name, array), summaries.get(name)];
      summaries.set(name, before ? addSummaries(before, own) : own);
    }
  };
  return { add, statistics: () => [...summaries].map(([name, summary]) => statisticsOf(name, summary)) };
}

/** The set in which the outputs are furthest apart. */
function worstOf({ sets }: AgainstReport): number {
  const most = sets.reduce((best, each) => (each.wouldPass > best.wouldPass ? each : best));
  return sets.indexOf(most);
}

/** The trace of the worst set. */
async function traceWorst(
  model: Model,
  { members, ep }: Counterparts,
  sets: readonly InputSet[],
  comparison: AgainstReport,
  tolerance: Tolerance,
  options: ValidateOptions,
): Promise<TraceReport> {
  const [path = model.label] = members;
  const set = worstOf(comparison);
  const feeds = await (sets[set] as InputSet).make();
  const there = { model: path === model.label ? model : loadModel(path), path, ep };
  const { signal, onProgress } = options;
  return trace({ model, path: model.label, ep: options.ep }, there, { tolerance, feeds, set, signal, onProgress });
}

/**
 * Checks a model file. What is wrong with the model is an answer (`ok: false`), not an error. Throws what reading throws,
 * TOO_LARGE for random inputs, EP_UNAVAILABLE, DATA_FORMAT and DATA_MISMATCH for `inputs`, MEMBERS_DIFFER and RUNTIME_LOAD
 * for `against`, USAGE, CANCELLED.
 */
export async function validate(path: string, options: ValidateOptions = {}): Promise<ValidateReport> {
  const tolerance = toleranceOf(options);
  const counterparts = counterpartsOf(path, options);
  const compares = counterparts.members.length > 0;
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = readModel(path);
  const sets = inputSets(model, options);
  // What cannot be read is told before anything runs for long.
  for (const member of counterparts.members) if (member !== path) readModel(member);
  const read = await readChecks(model);
  await pause(options.signal);
  const { add, statistics: told } = summing();
  const { signal, onProgress, ep } = options;
  const { check: runtime, made: runs } = await judge('runtime', () =>
    runSets(path, sets, { signal, onProgress, ep, stage: 'running', keep: compares, onResult: add }),
  );
  const compared = runs && compares ? await compareWith(counterparts, sets, runs.results, tolerance, options) : null;
  const comparison = compared?.report ?? null;
  const sound = read[0]?.result === 'passed';
  const traced =
    options.trace && comparison && sound
      ? await traceWorst(model, counterparts, sets, comparison, tolerance, options)
      : null;
  const outputs = comparison
    ? agreement(comparison)
    : skipped('outputs', compares ? 'the model did not run' : 'there is nothing to compare with');
  const checks = [...read, runtime, outputs];
  const statistics = runs ? told() : [];
  return {
    schema: 'onnx-transplant/validate@1',
    model: path,
    ep: ep ?? 'cpu',
    ok: checks.every(({ result }) => result !== 'failed'),
    checks,
    sets: sets.map((set) => ({ path: set.path, seed: set.seed })),
    statistics,
    comparison,
    trace: traced,
    notes: notesOf(runs, statistics, compared, traced, options),
  };
}
