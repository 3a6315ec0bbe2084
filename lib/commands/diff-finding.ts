/** Whether two models that differ in their files are the same network after all: folded, re-exported, or in another order. */
import type { ModelDiff } from '../diff/models.js';
import { type Permuted, permutationSteps } from '../diff/permutation.js';
import { firstOther } from '../diff/same-weights.js';
import { byFiles, loneWeights, looksShuffled, sameNumbers, sameWeights, type Verdict } from '../diff/verdict.js';
import { attempt, quoted } from '../errors.js';
import type { Model } from '../ir/model.js';
import { gatherForms } from '../transforms/side-by-side.js';
import type { DiffOptions } from './diff.js';
import { compareRuns, type OutputsReport } from './diff-outputs.js';
import { inBreaths } from './pause.js';

/** What was found out beyond the files. */
export interface Finding {
  readonly verdict: Verdict;
  readonly outputs: OutputsReport | null;
  readonly permutation: Permuted | null;
  readonly notes: readonly string[];
}

/** What makes a re-export less than plain to see. */
function loneNotes(diff: ModelDiff): readonly string[] {
  const names = loneWeights(diff).map(({ before, after }) => quoted((before ?? after)?.name ?? ''));
  const more = names.length > 3 ? ` and ${names.length - 3} more` : '';
  return names.length === 0 ? [] : [`only one of the files holds ${names.slice(0, 3).join(', ')}${more}`];
}

/** Both in one form, if they can be: then their weights, and the order of their neurons, can be held side by side. */
async function inOneForm(models: readonly [Model, Model], diff: ModelDiff, options: DiffOptions) {
  const { permutation: wantPermutation = false, signal, onProgress } = options;
  const stage = wantPermutation ? 'looking for the order of neurons' : 'bringing both into one form';
  onProgress?.({ stage, done: 0, total: 1 });
  const { made, why } = attempt(() => gatherForms(models, models[0]));
  const alike = sameWeights(diff);
  const folded = !alike && made !== undefined && firstOther(made.family) === '';
  return {
    sameWeights: (alike || folded) && sameNumbers(diff),
    sameGraph: made?.family.members.every(({ proved }) => proved) ?? false,
    permuted: wantPermutation && made ? await inBreaths(permutationSteps(made.family), signal) : null,
    notes: [
      ...(folded ? made.notes : []),
      ...(alike ? loneNotes(diff) : []),
      ...(wantPermutation && !made ? [`the order of neurons cannot be compared: ${why}`] : []),
    ],
  };
}

/** Inputs and outputs that only one of them has: those two cannot compute the same. */
const sameEnds = ({ values }: ModelDiff): boolean => values.every(({ before, after }) => before && after);

function judged(weights: boolean, outputs: OutputsReport | null, ordered: boolean): Verdict {
  if (weights && outputs?.within && outputs.telling) return 're-exported';
  if (ordered) return 'permuted';
  return weights && (outputs?.within ?? true) ? 'unproved' : 'different';
}

/** Finds the verdict, running both models where the files do not settle it. Throws EP_UNAVAILABLE, CANCELLED. */
export async function findOut(
  paths: readonly [string, string],
  models: readonly [Model, Model],
  diff: ModelDiff,
  options: DiffOptions,
): Promise<Finding> {
  const shown = byFiles(diff);
  if (shown) return { verdict: shown, outputs: null, permutation: null, notes: [] };
  const { permuted, notes, ...form } = await inOneForm(models, diff, options);
  const ran = (options.run ?? true) ? await compareRuns(paths, models, options.ep, options) : null;
  const outputs = typeof ran === 'string' ? null : ran;
  const told = [
    ...notes,
    ...(typeof ran === 'string' ? [`the two cannot be run on the same inputs: ${ran}`] : []),
    ...(!options.permutation && looksShuffled(diff.tensors)
      ? ['the weights have the same norms: --permutation tells whether only the order of neurons differs']
      : []),
  ];
  // The same graph with every number found in its place needs no run; another graph does.
  const ordered = permuted?.same && (outputs?.within ?? true) && (outputs?.telling || form.sameGraph);
  const verdict = judged(form.sameWeights && sameEnds(diff), outputs, ordered ?? false);
  return { verdict, outputs, permutation: permuted, notes: told };
}
