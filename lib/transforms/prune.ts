/** Structured pruning: the best neurons of one model. */
import type { FactorPolicy } from '../analysis/composites.js';
import { type ImportanceOptions, normaliserOf, scoring } from '../analysis/importance/index.js';
import { type Family, gatherFamily } from '../analysis/members.js';
import type { Neurons } from '../analysis/neurons.js';
import { findRoles } from '../analysis/roles.js';
import { noNeurons } from '../errors.js';
import type { Model } from '../ir/model.js';
import { finish } from '../ir/steps.js';
import { assemble } from './assemble.js';
import type { Transformed } from './concat.js';
import { candidatesOf, type Pool } from './pools.js';
import { prepare } from './prepare.js';
import { type PlanOptions, planPruning } from './prune-plan.js';
import { keptPlaces, type RankedGroup, selectAll, selectionOf } from './select.js';

export interface PruneOptions extends ImportanceOptions, PlanOptions {
  /** Share of the neurons to drop, from 0 to below 1: of each group, or with scope `global` of each pool. */
  readonly ratio: number;
  /** A group that loses neurons keeps a multiple of this many. */
  readonly roundTo?: number | undefined;
  /** `inner` (default): the same neuron of every head or group goes, as torch-pruning does; `outer`: whole heads and groups go. */
  readonly factors?: FactorPolicy | undefined;
}

export interface Pruned extends Transformed {
  readonly ranking: readonly RankedGroup[];
  /** The neurons of the model before, by whose groups `ranking` stands. */
  readonly neurons: Neurons;
  /** Which groups competed. */
  readonly pools: readonly Pool[];
  /** Groups that a name to ignore kept whole. */
  readonly ignored: ReadonlySet<number>;
}

/** The narrower model. Throws NO_NEURONS, USAGE for an unknown name to ignore, and what scoring and assembly throw. */
export const prune = (model: Model, options: PruneOptions): Pruned => finish(pruneSteps(model, options));

/** The same in steps, for work that may be stopped. */
export function* pruneSteps(model: Model, options: PruneOptions): Generator<void, Pruned> {
  const family = familyOf(model, options.factors);
  const { template } = family;
  const plan = planPruning(template, options);
  const roles = findRoles(template);
  const scores = yield* scoring(family, roles, () => 1, options);
  const candidates = candidatesOf(selectAll(family), scores, normaliserOf(options.importance));
  const pools = plan.poolsAt(options.ratio);
  const kept = keptPlaces(candidates, { pools, floors: plan.floors, roundTo: options.roundTo ?? 1 });
  const { selection, ranking } = selectionOf(family, candidates, kept);
  const mixed = template.mixes.filter(({ at }) => template.labels(at.value, at.axis) !== undefined);
  return {
    model: assemble(family, roles, selection, () => 1),
    notes: [...new Set(mixed.map(({ why }) => `${why}: the others see that some are gone`))],
    proofs: [],
    ranking,
    neurons: template,
    pools,
    ignored: plan.ignored,
  };
}

/** The neurons of a model as pruning sees them, in the form that it brings the model into. Throws NO_NEURONS. */
export const neuronsToPrune = (model: Model, factors?: FactorPolicy | undefined): Neurons =>
  familyOf(model, factors).template;

/** One model as a family of its own; `--heads` comes in here. Throws NO_NEURONS. */
function familyOf(model: Model, factors: FactorPolicy = 'inner'): Family {
  const prepared = prepare(model);
  const family = gatherFamily(prepared, [prepared], factors);
  if (family.template.groups.length > 0) return family;
  throw noNeurons(model.label, whyNone(family.template.unsupported.size));
}

const whyNone = (unsupported: number): string =>
  unsupported > 0 ? `${unsupported} of its nodes have no rule` : 'no layer stands between its inputs and its outputs';
