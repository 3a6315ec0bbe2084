/** `validate`: is a model sound, does ONNX Runtime run it, and does it compute what other models compute? */
import { inferShapes } from '../analysis/shapes.js';
import { readNpz } from '../data/npz.js';
import { cancelled, dataMismatch, quoted, TransplantError, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { verifyModel } from '../ir/verify.js';
import { readModel } from '../onnx/read.js';
import { compareOutputs, DEFAULT_TOLERANCE, type OutputComparison, type Tolerance } from '../runtime/compare.js';
import { meanOutputs } from '../runtime/mean.js';
import { type Trial, tryModel } from '../runtime/trial.js';
import { runCounterpart } from './counterparts.js';
import { given, type RunOptions } from './options.js';

/** What to check, and how closely. */
export interface ValidateOptions extends RunOptions {
  /** Models whose outputs are expected; the mean of theirs where there are several. */
  readonly against?: readonly string[] | undefined;
  /** An .npz with one array for each input of the model; random inputs where left out. */
  readonly inputs?: string | undefined;
  /** Two numbers agree where |a - b| <= atol + rtol * |b|; 1e-5 unless told. */
  readonly atol?: number | undefined;
  /** 1e-4 unless told. */
  readonly rtol?: number | undefined;
  /** Execution provider: `cpu` unless told. */
  readonly ep?: string | undefined;
}

/** One thing that was checked. */
export interface Check {
  readonly name: 'structure' | 'shapes' | 'runtime' | 'outputs';
  readonly result: 'passed' | 'failed' | 'skipped';
  /** Why it failed or was skipped; '' where it passed. */
  readonly why: string;
}

/** The model's outputs beside those that were expected. */
export interface AgainstReport {
  readonly members: readonly string[];
  readonly tolerance: Tolerance;
  readonly outputs: readonly OutputComparison[];
  /** The least t, rounded up, so that atol = rtol = t would pass; infinite (null in JSON) where none would. */
  readonly wouldPass: number;
}

/** What was checked and how it went. */
export interface ValidateReport {
  readonly schema: 'onnx-transplant/validate@1';
  readonly model: string;
  /** Whether no check failed. */
  readonly ok: boolean;
  readonly checks: readonly Check[];
  /** Null without `against`, or where the model did not run. */
  readonly comparison: AgainstReport | null;
  readonly notes: readonly string[];
}

/** Errors that say something of the model; others (a missing file, no such execution provider) are the caller's. */
const VERDICTS: ReadonlySet<string> = new Set([
  'GRAPH_CYCLE',
  'NAME_DUPLICATE',
  'VALUE_UNDEFINED',
  'FUNCTION_CYCLE',
  'SHAPE_CONFLICT',
  'RUNTIME_LOAD',
  'RUNTIME_RUN',
]);

type Judged<T> = { readonly check: Check; readonly made?: T };

/** Runs one check; a verdict on the model becomes its result. */
async function judge<T>(name: Check['name'], work: () => T | Promise<T>): Promise<Judged<T>> {
  try {
    return { check: { name, result: 'passed', why: '' }, made: await work() };
  } catch (error) {
    if (!(error instanceof TransplantError) || !VERDICTS.has(error.code)) throw error;
    return { check: { name, result: 'failed', why: error.message } };
  }
}

const skipped = (name: Check['name'], why: string): Check => ({ name, result: 'skipped', why });

function toleranceOf(options: ValidateOptions): Tolerance {
  const tolerance = { ...DEFAULT_TOLERANCE, ...given({ atol: options.atol, rtol: options.rtol }) };
  for (const [name, value] of Object.entries(tolerance)) {
    if (!(value >= 0 && Number.isFinite(value))) throw usage(`--${name} is a number from 0 up, not ${value}`);
  }
  return tolerance;
}

/** The arrays of an .npz that the model's inputs are named after. Throws DATA_MISMATCH where one is missing. */
async function feedsFrom(path: string, model: Model): Promise<ReadonlyMap<string, NdArray>> {
  const { inputs, initializers } = model.graph;
  const names = inputs.map(({ name }) => name).filter((name) => !initializers.has(name));
  const arrays = await readNpz(path);
  const missing = names.find((name) => !arrays.has(name));
  if (missing !== undefined) {
    const held = [...arrays.keys()].map(quoted).join(', ') || 'nothing';
    throw dataMismatch(`${quoted(path)} has no array for the input ${quoted(missing)}; it holds ${held}`);
  }
  return new Map(names.map((name) => [name, arrays.get(name) as NdArray]));
}

async function compareWith(
  members: readonly string[],
  trial: Trial,
  tolerance: Tolerance,
  options: ValidateOptions,
): Promise<AgainstReport> {
  const results: ReadonlyMap<string, NdArray>[] = [];
  for (const [done, path] of members.entries()) {
    if (options.signal?.aborted) throw cancelled();
    options.onProgress?.({ stage: 'running the members', done, total: members.length });
    results.push(await runCounterpart(path, trial.feeds, [...trial.outputs.keys()], { ep: options.ep }));
  }
  const expected = results.length === 1 ? (results[0] as ReadonlyMap<string, NdArray>) : meanOutputs(results);
  const { outputs } = compareOutputs(trial.outputs, expected, tolerance);
  return { members, tolerance, outputs, wouldPass: Math.max(0, ...outputs.map((output) => output.tolerance)) };
}

function agreement(comparison: AgainstReport): Check {
  const apart = comparison.outputs.filter(({ within }) => !within).map(({ name }) => quoted(name));
  const why = apart.length === 0 ? '' : `not within the tolerance: ${apart.join(', ')}`;
  return { name: 'outputs', result: apart.length === 0 ? 'passed' : 'failed', why };
}

/**
 * Checks a model file. What is wrong with the model is an answer (`ok: false`), not an error. Throws what reading throws,
 * EP_UNAVAILABLE, DATA_FORMAT and DATA_MISMATCH for `inputs`, MEMBERS_DIFFER and RUNTIME_LOAD for `against`, USAGE,
 * CANCELLED.
 */
export async function validate(path: string, options: ValidateOptions = {}): Promise<ValidateReport> {
  const tolerance = toleranceOf(options);
  const against = options.against ?? [];
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = readModel(path);
  const feeds = options.inputs === undefined ? undefined : await feedsFrom(options.inputs, model);
  const structure = await judge('structure', () => verifyModel(model));
  const shapes =
    structure.check.result === 'passed'
      ? (await judge('shapes', () => inferShapes(model))).check
      : skipped('shapes', 'the structure is not sound');
  if (options.signal?.aborted) throw cancelled();
  options.onProgress?.({ stage: 'running', done: 0, total: 1 });
  const runtime = await judge('runtime', () => tryModel(path, { ep: options.ep, feeds }));
  const trial = runtime.made;
  const comparison = trial && against.length > 0 ? await compareWith(against, trial, tolerance, options) : null;
  const outputs = comparison
    ? agreement(comparison)
    : skipped('outputs', against.length > 0 ? 'the model did not run' : 'there is nothing to compare with');
  const checks = [structure.check, shapes, runtime.check, outputs];
  return {
    schema: 'onnx-transplant/validate@1',
    model: path,
    ok: checks.every(({ result }) => result !== 'failed'),
    checks,
    comparison,
    notes: [
      ...(trial?.nonfinite ?? []).map((name) => `output ${quoted(name)} holds NaN or infinity on these inputs`),
      ...(trial?.mixed ? [`execution provider ${quoted(options.ep ?? '')} left some operators to the CPU`] : []),
    ],
  };
}
