/** `prune`: the best neurons of one model. */
import { usage } from '../errors.js';
import { prune as pruneModel } from '../transforms/prune.js';
import { type Expected, expectedOf } from './expected.js';
import { type GroupReport, groupReports } from './groups.js';
import { loadMember } from './load.js';
import { given, type OutputOptions, SCORING, type ScoringOptions } from './options.js';
import { makeRecipe } from './recipe.js';
import { outputOf, type Saved, saveModel } from './save.js';

/** How to prune. */
export interface PruneOptions extends OutputOptions, ScoringOptions {
  /** Share of the neurons of each group to drop, from 0 to below 1. */
  readonly ratio: number;
  /** Names of initializers, values or groups whose neurons stay. */
  readonly ignore?: readonly string[] | undefined;
}

/** What pruning left. */
export interface PruneReport {
  readonly schema: 'onnx-transplant/prune@1';
  readonly model: string;
  /** Undefined after a dry run. */
  readonly output: Saved | undefined;
  readonly expected: Expected;
  readonly groups: readonly GroupReport[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Prunes a model file. Throws every refusal of reading, scoring, writing and running. */
export async function prune(path: string, options: PruneOptions): Promise<PruneReport> {
  const started = performance.now();
  const { ratio } = options;
  const settings = { ...SCORING, ignore: [], dryRun: false, ...given(options), ratio };
  const { importance, scope, seed, ignore } = settings;
  if (!(ratio >= 0 && ratio < 1)) throw usage(`--ratio is a share from 0 to below 1, not ${ratio}`);
  if (!settings.dryRun) outputOf(options);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = loadMember(path);
  const made = pruneModel(model, settings);
  const recipe = settings.dryRun ? undefined : makeRecipe('prune', { ratio, importance, scope, seed, ignore }, [model]);
  const output = recipe && (await saveModel(made.model, recipe, [path], options));
  return {
    schema: 'onnx-transplant/prune@1',
    model: path,
    output,
    expected: expectedOf(made.model, options),
    groups: groupReports(made.ranking),
    notes: [...made.notes, ...(output?.notes ?? [])],
    seconds: (performance.now() - started) / 1000,
  };
}
