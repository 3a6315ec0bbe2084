/** Structured pruning: the best neurons of one model. */
import type { FactorPolicy } from '../analysis/composites.js';
import { type ImportanceOptions, normaliserOf, scoring } from '../analysis/importance/index.js';
import { type Family, gatherFamily } from '../analysis/members.js';
import type { Neurons } from '../analysis/neurons.js';
import { findRoles } from '../analysis/roles.js';
import type { FactsMap } from '../analysis/shapes.js';
import { factsAtWidths } from '../analysis/widths.js';
import { noNeurons, quoted, selectionSize } from '../errors.js';
import type { Model } from '../ir/model.js';
import { finish } from '../ir/steps.js';
import { assemble } from './assemble.js';
import type { Transformed } from './concat.js';
import { candidatesOf, type Pool, poolsOf } from './pools.js';
import { prepare } from './prepare.js';
import { type PlanOptions, planPruning } from './prune-plan.js';
import { checkSizes, chooser, type Kept, type RankedGroup, selectAll, selectionOf } from './select.js';
import { solveRatio } from './target.js';
import { whyNone } from './why-none.js';

/** A size to bring a model down to. */
export interface Target {
  /** What is counted, for messages: `parameters`, `MACs`. */
  readonly what: string;
  readonly most: number;
  /** The size of a graph whose values have these shapes. */
  count(model: Model, facts: FactsMap): number;
}

export interface PruneOptions extends ImportanceOptions, PlanOptions {
  /** Share of the neurons to drop, from 0 to below 1: of each group, or with scope `global` of each pool. */
  readonly ratio: number;
  /** The least ratio that reaches this size, in place of `ratio`. */
  readonly target?: Target | undefined;
  /** How many neurons each group keeps, in place of `ratio`; with scope `global` all of them together. */
  readonly sizes?: readonly number[] | undefined;
  /** A group that loses neurons keeps a multiple of this many. */
  readonly roundTo?: number | undefined;
  /** `inner` (default): the same neuron of every head or group goes, as torch-pruning does; `outer`: whole heads and groups go. */
  readonly factors?: FactorPolicy | undefined;
}

export interface Pruned extends Transformed {
  readonly ranking: readonly RankedGroup[];
  /** The ratio that was used: the one that was given, or that reaches the target. */
  readonly ratio: number;
  /** Where neurons influence each other: those that stay see that others are gone. */
  readonly mixes: readonly string[];
  /** The shapes of the narrower model. */
  readonly facts: FactsMap;
  /** The neurons of the model before, by whose groups `ranking` stands. */
  readonly neurons: Neurons;
  /** Which groups competed. */
  readonly pools: readonly Pool[];
  /** Least neurons that each group had to keep. */
  readonly floors: readonly number[];
  /** Groups that a name to ignore kept whole. */
  readonly ignored: ReadonlySet<number>;
}

/** The narrower model. Throws NO_NEURONS, SELECTION_SIZE, USAGE for an unknown name to ignore, and what scoring and assembly throw. */
export const prune = (model: Model, options: PruneOptions): Pruned =>
  finish(pruneSteps(familyToPrune(model, options.factors), options));

/** The same of what `familyToPrune` gave, in steps, for work that may be stopped. */
export function* pruneSteps(family: Family, options: PruneOptions): Generator<void, Pruned> {
  const { template } = family;
  const plan = planPruning(template, options);
  const roles = findRoles(template);
  const scores = yield* scoring(family, roles, () => 1, options);
  const candidates = candidatesOf(selectAll(family), scores, normaliserOf(options.importance));
  const choose = chooser(candidates, { floors: plan.floors, roundTo: options.roundTo ?? 1 });
  const factsAt = factsAtWidths(template);
  const factsOf = (kept: Kept) => factsAt(kept.map((places) => places.length));
  const ratio = options.target
    ? ratioFor(options.target, template.model, (each) => factsOf(choose(plan.poolsAt(each))))
    : options.ratio;
  if (options.sizes) checkSizes(family, candidates, options.sizes);
  const pools = options.sizes ? poolsOf(options.sizes, options.scope) : plan.poolsAt(ratio);
  const kept = choose(pools);
  const { selection, ranking } = selectionOf(family, candidates, kept);
  const mixes = mixesOf(template);
  return {
    model: assemble(family, roles, selection, () => 1),
    notes: mixes.map((why) => `${why}: the others see that some are gone`),
    mixes,
    proofs: [],
    ranking,
    ratio,
    facts: factsOf(kept),
    neurons: template,
    pools,
    floors: plan.floors,
    ignored: plan.ignored,
  };
}

/** Throws SELECTION_SIZE where the target cannot be reached. */
function ratioFor(target: Target, model: Model, factsAt: (ratio: number) => FactsMap): number {
  const { ratio, size, met } = solveRatio((each) => target.count(model, factsAt(each)), target.most);
  if (met) return ratio;
  throw selectionSize(
    `${quoted(model.label)} cannot come down to ${target.most} ${target.what}: what must stay has ${size}`,
    'Ask for more, or give more leeway: --ignore, --ratio-for, --max-ratio and --round-to keep neurons.',
  );
}

const mixesOf = ({ mixes, labels }: Neurons): readonly string[] => [
  ...new Set(mixes.filter(({ at }) => labels(at.value, at.axis) !== undefined).map(({ why }) => why)),
];

/** A model, in the form that pruning brings it into, as a family of its own; `--heads` comes in here. Throws NO_NEURONS. */
export function familyToPrune(model: Model, factors: FactorPolicy = 'inner'): Family {
  const prepared = prepare(model);
  const family = gatherFamily(prepared, [prepared], factors);
  if (family.template.groups.length > 0) return family;
  throw noNeurons(model.label, whyNone(family.template));
}
