/** The checks of `validate`: what is wrong with a model is an answer, what is wrong with the call an error. */
import { inferShapes } from '../analysis/shapes.js';
import { quoted, TransplantError } from '../errors.js';
import type { Model } from '../ir/model.js';
import { verifyModel } from '../ir/verify.js';
import type { AgainstReport, Check } from './validate-report.js';

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
export async function judge<T>(name: Check['name'], work: () => T | Promise<T>): Promise<Judged<T>> {
  try {
    return { check: { name, result: 'passed', why: '' }, made: await work() };
  } catch (error) {
    if (!(error instanceof TransplantError) || !VERDICTS.has(error.code)) throw error;
    return { check: { name, result: 'failed', why: error.message } };
  }
}

/** A check that could not be made. */
export const skipped = (name: Check['name'], why: string): Check => ({ name, result: 'skipped', why });

/** What can be said of a model without running it. */
export async function readChecks(model: Model): Promise<readonly Check[]> {
  const { check: structure } = await judge('structure', () => verifyModel(model));
  if (structure.result !== 'passed') return [structure, skipped('shapes', 'the structure is not sound')];
  return [structure, (await judge('shapes', () => inferShapes(model))).check];
}

/** Whether the outputs are those that were expected. */
export function agreement(comparison: AgainstReport): Check {
  if (comparison.outputs.length === 0) return skipped('outputs', 'no output is a tensor of numbers');
  const apart = comparison.outputs.filter(({ within }) => !within).map(({ name }) => quoted(name));
  const why = apart.length === 0 ? '' : `not within the tolerance: ${apart.join(', ')}`;
  return { name: 'outputs', result: apart.length === 0 ? 'passed' : 'failed', why };
}
