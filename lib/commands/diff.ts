/** `diff`: what two models differ in, and whether they are the same network. */

import { type Aligned, alignModels, diffModels, diffTensorsOf, type ModelDiff } from '../diff/models.js';
import { findPermutation, type Permuted } from '../diff/permutation.js';
import { firstOther } from '../diff/same-weights.js';
import type { TensorDiff } from '../diff/tensors.js';
import { byFiles, loneWeights, looksShuffled, sameNumbers, sameWeights, type Verdict } from '../diff/verdict.js';
import { quoted, TransplantError } from '../errors.js';
import type { Model } from '../ir/model.js';
import { nodeMetadata } from '../onnx/node-metadata.js';
import { gatherForms } from '../transforms/side-by-side.js';
import { compareRuns, type OutputsReport } from './diff-outputs.js';
import { loadModel } from './load.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';

/** How to compare. */
export interface DiffOptions extends RunOptions {
  /** Look whether the second model is the first with its neurons in another order. */
  readonly permutation?: boolean | undefined;
  /** Only identical models are the same. */
  readonly strict?: boolean | undefined;
  /** Run both on random inputs where the files alone do not settle it; true unless told. */
  readonly run?: boolean | undefined;
  /** Execution provider for that: `cpu` unless told. */
  readonly ep?: string | undefined;
}

/** All that `diff` tells. */
export interface DiffReport extends ModelDiff {
  readonly schema: 'onnx-transplant/diff@1';
  readonly before: string;
  readonly after: string;
  readonly verdict: Verdict;
  /** Whether they are the same network: every verdict but `different`, or with `strict` only `identical`. */
  readonly same: boolean;
  /** Null where they were not run. */
  readonly outputs: OutputsReport | null;
  /** Null where it was not looked for, or cannot be: a note says why. */
  readonly permutation: Permuted | null;
  readonly notes: readonly string[];
}

/** What was found out beyond the files. */
interface Finding {
  readonly verdict: Verdict;
  readonly outputs: OutputsReport | null;
  readonly permutation: Permuted | null;
  readonly notes: readonly string[];
}

/** The result of `work`, or why it was refused. */
function attempt<T>(work: () => T): { readonly made?: T; readonly why: string } {
  try {
    return { made: work(), why: '' };
  } catch (error) {
    if (!(error instanceof TransplantError) || error.kind !== 'refused') throw error;
    return { why: error.message };
  }
}

async function tensorsOf(aligned: Aligned, { signal, onProgress }: RunOptions): Promise<readonly TensorDiff[]> {
  const found: TensorDiff[] = [];
  const [a, b] = aligned.sides;
  const total = a.side.constants.size + b.side.constants.size - aligned.tensors.size;
  for (const tensor of diffTensorsOf(aligned)) {
    found.push(tensor);
    onProgress?.({ stage: 'comparing weights', done: found.length, total });
    await pause(signal);
  }
  return found;
}

/** What makes a re-export less than plain to see. */
function loneNotes(diff: ModelDiff): readonly string[] {
  const names = loneWeights(diff).map(({ before, after }) => quoted((before ?? after)?.name ?? ''));
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return names.length === 0 ? [] : [`only one of the files holds ${names.slice(0, 3).join(', ')}${more}`];
}

/** Both in one form, if they can be: then their weights, and the order of their neurons, can be held side by side. */
function inOneForm(models: readonly [Model, Model], diff: ModelDiff, wantPermutation: boolean) {
  const { made, why } = attempt(() => gatherForms(models, models[0]));
  const alike = sameWeights(diff);
  const folded = !alike && made !== undefined && firstOther(made.family) === '';
  return {
    sameWeights: (alike || folded) && sameNumbers(diff),
    sameGraph: made?.family.members.every(({ proved }) => proved) ?? false,
    permuted: wantPermutation && made ? findPermutation(made.family) : null,
    notes: [
      ...(folded ? made.notes : []),
      ...(alike ? loneNotes(diff) : []),
      ...(wantPermutation && !made ? [`the order of neurons cannot be compared: ${why}`] : []),
    ],
  };
}

async function findOut(
  paths: readonly [string, string],
  models: readonly [Model, Model],
  diff: ModelDiff,
  options: DiffOptions,
): Promise<Finding> {
  const shown = byFiles(diff);
  if (shown) return { verdict: shown, outputs: null, permutation: null, notes: [] };
  const { permuted, notes, ...form } = inOneForm(models, diff, options.permutation ?? false);
  const ran = (options.run ?? true) ? await compareRuns(paths, models, options.ep, options) : null;
  const outputs = typeof ran === 'string' ? null : ran;
  const told = [
    ...notes,
    ...(typeof ran === 'string' ? [`the two cannot be run on the same inputs: ${ran}`] : []),
    ...(!options.permutation && looksShuffled(diff.tensors)
      ? ['the weights have the same norms: --permutation tells whether only the order of neurons differs']
      : []),
  ];
  const agree = outputs?.within ?? false;
  // The same graph with every number found in its place needs no run; another graph does.
  const ordered = permuted?.same && (agree || (outputs === null && form.sameGraph));
  const verdict = agree && form.sameWeights ? 're-exported' : ordered ? 'permuted' : 'different';
  return { verdict, outputs, permutation: permuted, notes: told };
}

/**
 * Compares two model files. That they differ is an answer (`same: false`), not an error. Throws what reading and verifying throw,
 * EP_UNAVAILABLE, CANCELLED.
 */
export async function diff(before: string, after: string, options: DiffOptions = {}): Promise<DiffReport> {
  options.onProgress?.({ stage: 'reading', done: 0, total: 2 });
  const models = [loadModel(before), loadModel(after)] as const;
  await pause(options.signal);
  options.onProgress?.({ stage: 'aligning', done: 0, total: 1 });
  const aligned = alignModels(...models, nodeMetadata);
  const found = diffModels(aligned, models, await tensorsOf(aligned, options));
  const finding = await findOut([before, after], models, found, options);
  return {
    schema: 'onnx-transplant/diff@1',
    before,
    after,
    ...finding,
    same: options.strict ? finding.verdict === 'identical' : finding.verdict !== 'different',
    ...found,
    notes: [...aligned.notes, ...finding.notes],
  };
}
