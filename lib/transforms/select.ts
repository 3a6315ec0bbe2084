/** The selection: for each neuron group an ordered list of (member, neuron). Every transform is one. */
import type { Family } from '../analysis/members.js';
import { selectionSize } from '../errors.js';
import type { Candidates, Pool } from './pools.js';

/** One neuron of one member. */
export interface Pick {
  /** Index in `Family.members`. */
  readonly member: number;
  /** Its number in the group. */
  readonly neuron: number;
}

/** For each of the template's groups the neurons of the output, in the order in which they will stand. */
export type Selection = readonly (readonly Pick[])[];

/** What a selection was made from, for reports and for comparing with other tools. */
export interface RankedGroup {
  readonly name: string;
  /** Importance of every candidate, members one behind the other, normalised so that groups can be compared. */
  readonly scores: Float64Array;
  /** Places in `scores` that were kept, ascending. */
  readonly kept: readonly number[];
  /** How many of the kept neurons come from each member. */
  readonly fromMember: readonly number[];
  /** How many candidates each member has, one behind the other in `scores`. */
  readonly members: readonly number[];
}

/** Every neuron of every member. */
export const selectAll = ({ template, members }: Family): Selection =>
  template.groups.map((group) =>
    members.flatMap((each, member) =>
      Array.from({ length: each.widths[group.id] as number }, (_, neuron) => ({ member, neuron })),
    ),
  );

export interface SelectOptions {
  /** Largest share of each pool's neurons that may come from members other than the first; 1 (default) means no limit. */
  readonly transfer?: number;
  /** Least neurons that each group keeps; 1 unless told. */
  readonly floors?: readonly number[];
  /** A group that loses neurons keeps a multiple of this many; 1 unless told. */
  readonly roundTo?: number;
}

/** The places that each group keeps, ascending. */
export type Kept = readonly (readonly number[])[];

/** A function from pools to what they keep. Equal scores: the earlier member, then the earlier neuron. */
export function chooser(candidates: readonly Candidates[], options: SelectOptions): (pools: readonly Pool[]) => Kept {
  const { transfer = 1, roundTo = 1 } = options;
  const floors = candidates.map(({ picks }, group) => Math.min(picks.length, options.floors?.[group] ?? 1));
  let ranked: readonly Place[] | undefined;
  return (pools) => {
    // One group by itself has its order already.
    if (!ranked && pools.some(({ groups }) => groups.length > 1)) ranked = rankAll(candidates);
    const kept: (readonly number[])[] = candidates.map(() => []);
    for (const pool of pools) {
      bestOf(pool, candidates, ranked ?? [], floors, transfer).forEach((places, group) => {
        const own = candidates[group] as Candidates;
        const size = rounded(places.length, own.picks.length, floors[group] as number, roundTo);
        kept[group] = inRank(own, places, size).sort((a, b) => a - b);
      });
    }
    return kept;
  };
}

/** One candidate of one group. */
interface Place {
  readonly group: number;
  readonly at: number;
}

/** All candidates of all groups, the best first; of equal scores the earlier group. */
function rankAll(candidates: readonly Candidates[]): readonly Place[] {
  const score = ({ group, at }: Place) => candidates[group]?.scores[at] as number;
  return candidates
    .flatMap(({ order }, group) => order.map((at): Place => ({ group, at })))
    .sort((a, b) => score(b) - score(a) || a.group - b.group || a.at - b.at);
}

/** The selection that the kept places make, and its report. */
export function selectionOf(family: Family, candidates: readonly Candidates[], kept: Kept) {
  const selection: Selection = kept.map((places, group) => places.map((at) => candidates[group]?.picks[at] as Pick));
  const ranking = family.template.groups.map(({ id, name }): RankedGroup => {
    const picks = selection[id] as readonly Pick[];
    return {
      name,
      scores: candidates[id]?.scores as Float64Array,
      kept: kept[id] as readonly number[],
      fromMember: family.members.map((_, member) => picks.filter((pick) => pick.member === member).length),
      members: family.members.map(({ widths }) => widths[id] as number),
    };
  });
  return { selection, ranking };
}

/** Throws SELECTION_SIZE where a group should get none or more neurons than there are. */
export function checkSizes(
  family: Family,
  candidates: readonly { readonly picks: readonly Pick[] }[],
  sizes: readonly number[],
): void {
  family.template.groups.forEach(({ id, name }) => {
    const [wanted, there] = [sizes[id] as number, candidates[id]?.picks.length ?? 0];
    if (wanted >= 1 && wanted <= there) return;
    throw selectionSize(`group ${JSON.stringify(name)} should get ${wanted} neurons out of ${there}`);
  });
}

/** One ranking over the groups of a pool; each keeps its best as far as its floor. Answers the places of each group. */
function bestOf(
  { groups, keep }: Pool,
  candidates: readonly Candidates[],
  ranked: readonly Place[],
  floors: readonly number[],
  transfer: number,
): ReadonlyMap<number, readonly number[]> {
  const isOwn = (group: number, at: number) => candidates[group]?.picks[at]?.member === 0;
  const own = groups.reduce(
    (sum, group) => sum + (candidates[group]?.picks.filter((pick) => pick.member === 0).length ?? 0),
    0,
  );
  // Where the first member is too narrow to fill the rest, the others may give more than their share.
  let foreign = Math.max(transfer >= 1 ? keep : Math.floor(keep * transfer + 1e-9), keep - own);
  const takes = (group: number, at: number) => isOwn(group, at) || foreign-- > 0;
  const kept = new Map<number, number[]>();
  const taken = new Map<number, Set<number>>();
  for (const group of groups) {
    const places: number[] = [];
    for (const at of candidates[group]?.order ?? []) {
      if (places.length >= (floors[group] as number)) break;
      if (takes(group, at)) places.push(at);
    }
    kept.set(group, places);
    taken.set(group, new Set(places));
  }
  const [only] = groups;
  const order =
    groups.length === 1 && only !== undefined
      ? (candidates[only]?.order ?? []).map((at): Place => ({ group: only, at }))
      : ranked;
  let left = keep - [...kept.values()].reduce((sum, places) => sum + places.length, 0);
  for (const { group, at } of order) {
    if (left <= 0) break;
    const there = taken.get(group);
    if (!there || there.has(at) || !takes(group, at)) continue;
    kept.get(group)?.push(at);
    left -= 1;
  }
  return kept;
}

/**
 * How many of `kept` neurons stay where their number must be a multiple: as torch-pruning does, the next one below, of groups
 * that lose any. Where that is below the floor, the next multiple above the floor, or all.
 */
function rounded(kept: number, all: number, floor: number, multiple: number): number {
  if (multiple === 1 || kept === all) return kept;
  const down = kept - (kept % multiple);
  return down >= floor ? down : Math.min(all, Math.ceil(floor / multiple) * multiple);
}

/** The `size` best of a group's places, or those and the next best ones. */
function inRank({ order }: Candidates, places: readonly number[], size: number): number[] {
  if (size === places.length) return [...places];
  const taken = new Set(places);
  const sorted = [...order.filter((at) => taken.has(at)), ...order.filter((at) => !taken.has(at))];
  return sorted.slice(0, size);
}

/**
 * Neurons kept of `count` at a pruning ratio, as torch-pruning 1.6.1 and the paper's code count: int(N * (1 - ratio)) in
 * double precision, which falls one short of N/k for k = 3, 5, 6, 7; at least 1.
 */
export const keptAt = (count: number, ratio: number): number => Math.max(1, Math.trunc(count * (1 - ratio)));
