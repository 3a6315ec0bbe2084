/**
 * What pruning must compute, told without it: a model whose removed neurons are zeroed in front of every contraction.
 */
import type { FactorPolicy } from '../../lib/analysis/composites.js';
import { findNeurons } from '../../lib/analysis/neurons.js';
import type { Model } from '../../lib/ir/model.js';
import { mask } from '../../lib/transforms/mask.js';
import { prepare } from '../../lib/transforms/prepare.js';
import { type Pruned, type PruneOptions, prune } from '../../lib/transforms/prune.js';
import type { TransplantOptions } from '../../lib/transforms/transplant.js';

export const PRUNE: PruneOptions = {
  importance: 'random',
  seed: 1,
  ratio: 0.5,
  scope: 'layer',
  ignore: [],
  allowNonfinite: false,
  factors: 'outer',
};

export const FUSE: TransplantOptions = {
  importance: 'l2',
  seed: 0,
  allowNonfinite: false,
  strategy: 'joint',
  scope: 'layer',
  transfer: 1,
  exact: false,
};

/** The unpruned model in which nothing reads the neurons that `pruned` lacks. */
export const masked = (model: Model, pruned: Pruned, factors: FactorPolicy = 'outer'): Model =>
  mask(
    findNeurons(prepare(model), factors),
    pruned.ranking.map(({ kept }) => kept),
  );

/** Sizes of the neuron groups, in the order of their layers. */
export const groupSizes = (model: Model, policy: FactorPolicy = 'outer'): readonly number[] =>
  findNeurons(prepare(model), policy).groups.map((group) => group.size);

/** Prunes half of each group by random scores. */
export const pruneRandomly = (model: Model, seed = 1, factors: FactorPolicy = 'outer'): Pruned =>
  prune(model, { ...PRUNE, seed, factors });
