/** `concat`: all neurons of all members in one wide model that computes the mean of their outputs. */
import { findNeurons } from '../analysis/neurons.js';
import type { Model } from '../ir/model.js';
import { concat as concatModels } from '../transforms/concat.js';
import { type Expected, expectedOf } from './expected.js';
import { loadFamily } from './load.js';
import { given, type OutputOptions } from './options.js';
import { originsOf } from './origins.js';
import { pickedAll } from './picks.js';
import { prove } from './proof.js';
import { makeRecipe } from './recipe.js';
import { outputOf, type Saved, saveModel } from './save.js';

/** How to concatenate. */
export interface ConcatOptions extends OutputOptions {
  /** Path of the model whose graph the output has; the first member unless told. */
  readonly like?: string | undefined;
  readonly weights?: readonly number[] | undefined;
  readonly exact?: boolean | undefined;
}

/** What a concatenation made. */
export interface ConcatReport {
  readonly schema: 'onnx-transplant/concat@1';
  readonly members: readonly string[];
  /** Undefined after a dry run. */
  readonly output: Saved | undefined;
  readonly expected: Expected;
  /** The neuron groups of the wide model, and how many neurons each has. */
  readonly groups: readonly { readonly name: string; readonly size: number }[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Concatenates model files. Throws every refusal of reading, matching, writing and running. */
export async function concat(paths: readonly string[], options: ConcatOptions): Promise<ConcatReport> {
  const started = performance.now();
  const { like: likePath, weights, exact = false, dryRun = false, ep } = given(options);
  if (!dryRun) outputOf(options);
  options.onProgress?.({ stage: 'reading', done: 0, total: paths.length });
  const { members, like, notes } = await loadFamily(paths, likePath, true);
  const made = concatModels(members, { exact, ...(like ? { like } : {}), ...(weights ? { weights } : {}) });
  // Before an output in the place of an input makes its weights unreadable.
  const groups = findNeurons(made.model).groups.map(({ name, size }) => ({ name, size }));
  await prove(made.proofs, like ?? (members[0] as Model), ep);
  const inputs = [...paths, ...(likePath ? [likePath] : [])];
  const recipe = dryRun ? undefined : makeRecipe('concat', { weights, exact }, [...members, ...(like ? [like] : [])]);
  const origins = originsOf(members, pickedAll(made.groups));
  const output = recipe && (await saveModel(made.model, recipe, inputs, options, origins));
  return {
    schema: 'onnx-transplant/concat@1',
    members: paths,
    output,
    expected: expectedOf(made.model, options),
    groups,
    notes: [...notes, ...made.notes, ...(output?.notes ?? [])],
    seconds: (performance.now() - started) / 1000,
  };
}
