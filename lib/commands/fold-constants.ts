/** Weights that a model computes from constants, computed once in ONNX Runtime, so that its layers have weights to cut. */
import { quoted, TransplantError } from '../errors.js';
import { memoryBytes } from '../ir/bytes.js';
import type { Model, Tensor } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { encodeModel } from '../onnx/write.js';
import { withSession } from '../runtime/session.js';
import { type FoldPlan, planFolding } from '../transforms/fold-plan.js';
import { withComputed } from '../transforms/with-computed.js';

/** Models for a transform, and what was done to them that a user should know. */
export interface Folded {
  readonly models: readonly Model[];
  readonly notes: readonly string[];
}

/**
 * The same function with plain weights in place of those that its graph computes from constants; the very model where there
 * are none. The commands do this themselves; models in memory need it before `transplant`, `average` and `findNeurons`. What
 * ONNX Runtime cannot compute, and what would be much larger than the model, stays computed by the graph. Memory: the results,
 * and one batch of at most 64 MiB or one result. Throws SHAPE_CONFLICT, TOO_MANY, and what reading the weights throws.
 */
export const foldConstants = async (model: Model): Promise<Model> => (await fold(model)).model;

/** Folds each of some models, one that stands twice once. Throws what `foldConstants` throws. */
export async function foldAll(models: readonly Model[]): Promise<Folded> {
  const done = new Map<Model, Model>();
  const notes: string[] = [];
  for (const model of new Set(models)) {
    const { model: folded, weights } = await fold(model);
    done.set(model, folded);
    if (weights.length > 0) notes.push(noteOf(model, weights));
  }
  return { models: models.map((model) => done.get(model) as Model), notes };
}

const noteOf = ({ label }: Model, weights: readonly string[]): string =>
  `${quoted(label)} computes ${weights.length === 1 ? 'a weight' : `${weights.length} weights`} from constants ` +
  `(${quoted(weights[0] as string)}${weights.length > 1 ? ', ..' : ''}): plain weights in the output`;

/** The model, and the names of the tables among what was computed (numbers and vectors are not worth a note). */
async function fold(model: Model): Promise<{ readonly model: Model; readonly weights: readonly string[] }> {
  const plan = planFolding(model);
  const results = plan && (await compute(plan));
  if (!plan || !results || results.size === 0) return { model, weights: [] };
  const weights = [...results.values()].filter(({ dims }) => dims.filter((length) => length > 1).length > 1);
  return { model: withComputed(plan, results), weights: weights.map(({ name }) => name) };
}

async function compute({ batches }: FoldPlan): Promise<ReadonlyMap<string, Tensor>> {
  const made = new Map<string, Tensor>();
  for (const batch of batches) {
    for (const [name, array] of await run(batch)) made.set(name, tensorOf(name, array));
  }
  return made;
}

/** What ONNX Runtime says when it has no kernel for an operator or a type, or when an operator fails. */
const UNABLE: ReadonlySet<string> = new Set(['RUNTIME_LOAD', 'RUNTIME_RUN', 'DTYPE_UNSUPPORTED']);

/** All results of a graph without inputs; none where ONNX Runtime cannot compute it. One thread: the same bits each time. */
async function run(batch: Model): Promise<ReadonlyMap<string, NdArray>> {
  try {
    const options = { label: batch.label, lean: true, threads: 1 };
    return await withSession(encodeModel(batch), options, (session) => session.run(new Map()));
  } catch (error) {
    if (error instanceof TransplantError && UNABLE.has(error.code)) return new Map();
    throw error;
  }
}

function tensorOf(name: string, { dtype, dims, data }: NdArray): Tensor {
  return { name, dtype, dims, data: memoryBytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)) };
}
