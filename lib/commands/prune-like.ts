/** A wide model in memory pruned to the widths of one of the models that it was made of. */
import type { ImportanceOptions } from '../analysis/importance/index.js';
import type { Family } from '../analysis/members.js';
import { defect, quoted } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { WideGroup } from '../transforms/concat.js';
import type { Scope } from '../transforms/pools.js';
import { familyToPrune, pruneSteps } from '../transforms/prune.js';
import { checkSizes, keptAt, selectAll } from '../transforms/select.js';
import type { MeasureOptions } from './activations.js';
import { foldAll } from './fold-constants.js';
import type { GroupReport } from './groups.js';
import { measureOn } from './measured.js';
import { inBreaths } from './pause.js';
import { type GroupPicks, pickedAll, pickedBy, throughOne } from './picks.js';

/** What makes a neuron important, and with which others it competes. */
export type Scoring = Pick<ImportanceOptions, 'importance' | 'seed' | 'allowNonfinite'> & { readonly scope: Scope };

/** Which neurons are kept, and how many. */
export interface Narrowing {
  /** The groups as the concatenation made them; those of the template are what is kept, where no ratio is told. */
  readonly groups: readonly WideGroup[];
  /** Share of the wide model's neurons to drop. */
  readonly ratio?: number | undefined;
  readonly scoring: Scoring;
}

/** What was kept. */
export interface Narrowed {
  readonly model: Model;
  readonly groups: readonly GroupReport[];
  /** Whose neurons they are, in terms of what the wide model was made of. */
  readonly picks: readonly GroupPicks[];
  readonly notes: readonly string[];
}

/** Throws what `pruneLike` would throw for the structure of the model, before a long training makes its numbers. */
export function checkNarrowing(wide: Model, narrowing: Narrowing): void {
  const family = familyToPrune(wide, 'outer');
  const all = selectAll(family).map((picks) => ({ picks }));
  checkSizes(family, all, planned(family, narrowing).sizes);
}

/** The most important neurons of the wide model. Throws what the transform, running and the data set throw, and CANCELLED. */
export async function pruneLike(wide: Model, narrowing: Narrowing, options: MeasureOptions): Promise<Narrowed> {
  const { models } = await foldAll([wide]);
  const family = familyToPrune(models[0] as Model, 'outer');
  const { groups, sizes } = planned(family, narrowing);
  const { scoring } = narrowing;
  const measured = await measureOn(scoring.importance, [family.template], options);
  const steps = pruneSteps(family, { ...scoring, ...measured, ratio: 0, ignore: [], sizes });
  const onStep = () => options.onProgress?.({ stage: 'scoring', done: 0, total: 1 });
  const { model, ranking, notes } = await inBreaths(steps, options.signal, onStep);
  const reports = ranking.map(({ name, scores, kept }, group): GroupReport => {
    const fromMember = shares(kept, groups[group]?.members ?? []);
    return { name, candidates: scores.length, kept: kept.length, fromMember };
  });
  const picks = throughOne(pickedBy(ranking), pickedAll(groups));
  return { model, groups: reports, picks, notes };
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

/** The groups of the wide model, and how many neurons each keeps. */
function planned(family: Family, narrowing: Narrowing) {
  const groups = groupsOf(family, narrowing);
  const { ratio } = narrowing;
  return {
    groups,
    sizes: groups.map(({ like, members }) => (ratio === undefined ? like : keptAt(sum(members), ratio))),
  };
}

/** The groups of the concatenation in the order of the wide model's own. */
function groupsOf({ template }: Family, { groups }: Narrowing): readonly WideGroup[] {
  const named = new Map(groups.map((group) => [group.name, group]));
  return template.groups.map(({ name, size }) => {
    const group = named.get(name);
    if (!group || sum(group.members) !== size)
      throw defect(`the concatenation has no group ${quoted(name)} of ${size}`);
    return group;
  });
}

/** How many of the kept places lie in each of the stretches. */
function shares(kept: readonly number[], lengths: readonly number[]): readonly number[] {
  let start = 0;
  return lengths.map((length) => {
    const [from, to] = [start, start + length];
    start = to;
    return kept.filter((place) => place >= from && place < to).length;
  });
}
