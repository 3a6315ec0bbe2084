/** Proves a pruning before anything is written: the pruned model and the masked one, run in ONNX Runtime on one random input. */
import { cancelled, maskDiffers } from '../errors.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import { encodeModel } from '../onnx/write.js';
import { compareOutputs } from '../runtime/compare.js';
import { holdsHalves } from '../runtime/tolerance.js';
import { tryModel } from '../runtime/trial.js';
import { mask } from '../transforms/mask.js';
import type { Pruned } from '../transforms/prune.js';
import type { RunOptions } from './options.js';

/** How far the pruned model is from the masked one. */
export interface MaskReport {
  /** Largest difference of an output of the pruned model from that of the masked one, over the largest output (or 1, if that is less). */
  readonly difference: number;
  /** The largest difference that counts as none. */
  readonly tolerance: number;
  /** Where neurons influence each other, so that the two need not be the same. Empty: they must be. */
  readonly inexact: readonly string[];
}

/** Sums in another order differ by some 1e-6; in half precision by some 1e-3. A neuron that was cut wrongly, by its activation. */
const TOLERANCE = 1e-4;
const TOLERANCE_OF_HALVES = 2e-2;

function largest(name: string, array: NdArray): number {
  let most = 0;
  for (const each of toReals(array, name)) most = Math.max(most, Math.abs(each));
  return most;
}

/**
 * Compares the two. Throws MASK_DIFFERS where they must be the same and are not, and what encoding and running throw.
 * Takes both models in memory.
 */
export async function proveByMask(
  pruned: Pick<Pruned, 'model' | 'neurons' | 'ranking' | 'mixes'>,
  options: RunOptions & { readonly ep?: string | undefined },
): Promise<MaskReport> {
  const { model, neurons, ranking, mixes: inexact } = pruned;
  const progress = (done: number) => options.onProgress?.({ stage: 'comparing with the masked model', done, total: 2 });
  progress(0);
  const masked = mask(
    neurons,
    ranking.map(({ kept }) => kept),
  );
  const { ep } = options;
  const expected = await tryModel(encodeModel(masked), { ep, label: `${model.label}, masked` });
  if (options.signal?.aborted) throw cancelled();
  progress(1);
  const actual = await tryModel(encodeModel(model), { ep, feeds: expected.feeds, label: `${model.label}, pruned` });
  const { outputs } = compareOutputs(actual.outputs, expected.outputs);
  const apart = outputs.map(({ name, maxAbs }) => ({
    name,
    difference: maxAbs / Math.max(1, largest(name, expected.outputs.get(name) as NdArray)),
  }));
  const difference = Math.max(0, ...apart.map((output) => output.difference));
  const tolerance = holdsHalves(model) ? TOLERANCE_OF_HALVES : TOLERANCE;
  const wrong = apart.find((output) => !(output.difference <= tolerance));
  if (wrong && inexact.length === 0) throw maskDiffers(model.label, wrong.name, wrong.difference, tolerance);
  return { difference, tolerance, inexact };
}
