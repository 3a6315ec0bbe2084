/**
 * What pruning and concatenation must compute, told without them: a model whose removed neurons are zeroed in front of
 * every contraction, and the mean of the members' outputs.
 */
import type { FactorPolicy } from '../../lib/analysis/composites.js';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { constantsOf } from '../../lib/ir/constants.js';
import { replaceConstants } from '../../lib/ir/edit.js';
import type { Model, Tensor } from '../../lib/ir/model.js';
import { bytesOf, elementCount, tensorReals } from '../../lib/ir/numeric.js';
import { prepare } from '../../lib/transforms/prepare.js';
import { type Pruned, type PruneOptions, prune } from '../../lib/transforms/prune.js';

export const PRUNE: PruneOptions = {
  importance: 'random',
  seed: 1,
  ratio: 0.5,
  scope: 'layer',
  ignore: [],
  allowNonfinite: false,
  factors: 'outer',
};

/** A tensor with the entries at some positions of an axis put to zero. */
export function zeroedAlong(tensor: Tensor, axis: number, gone: (position: number) => boolean): Tensor {
  const values = Float64Array.from(tensorReals(tensor));
  const inner = elementCount(tensor.dims.slice(axis + 1));
  const length = tensor.dims[axis] as number;
  const kept = values.map((value, at) => (gone(Math.floor(at / inner) % length) ? 0 : value));
  return { ...tensor, data: memoryBytes(bytesOf(kept, tensor.dtype, tensor.name)) };
}

/** The unpruned model in which nothing reads the neurons that `pruned` lacks. */
export function masked(model: Model, pruned: Pruned, factors: FactorPolicy = 'outer'): Model {
  const untied = prepare(model);
  const neurons = findNeurons(untied, factors);
  const kept = pruned.ranking.map((group) => new Set(group.kept));
  const constants = new Map(constantsOf(untied.graph));
  const changed = new Map<string, Tensor>();
  for (const layer of neurons.layers) {
    const labels = neurons.labels(layer.weight, layer.in);
    const weight = changed.get(layer.weight) ?? constants.get(layer.weight);
    if (!labels || !weight) continue;
    const gone = (p: number) =>
      (labels.group[p] ?? -1) >= 0 && !kept[labels.group[p] as number]?.has(labels.neuron[p] as number);
    changed.set(layer.weight, zeroedAlong(weight, layer.in, gone));
  }
  return { ...untied, graph: replaceConstants(untied.graph, changed) };
}

/** Sizes of the neuron groups, in the order of their layers. */
export const groupSizes = (model: Model, policy: FactorPolicy = 'outer'): readonly number[] =>
  findNeurons(prepare(model), policy).groups.map((group) => group.size);

/** Prunes half of each group by random scores. */
export const pruneRandomly = (model: Model, seed = 1, factors: FactorPolicy = 'outer'): Pruned =>
  prune(model, { ...PRUNE, seed, factors });
