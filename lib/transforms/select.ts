/** The selection: for each neuron group an ordered list of (member, neuron). Every transform is one. */
import type { Scores } from '../analysis/importance.js';
import type { Family } from '../analysis/members.js';
import { selectionSize } from '../errors.js';

/** One neuron of one member. */
export interface Pick {
  /** Index in `Family.members`. */
  readonly member: number;
  /** Its number in the group. */
  readonly neuron: number;
}

/** For each of the template's groups the neurons of the output, in the order in which they will stand. */
export type Selection = readonly (readonly Pick[])[];

/** Whether neurons compete within their group or, with their scores divided by the group's mean, over all groups. */
export type Scope = 'layer' | 'global';

/** What a selection was made from, for reports and for comparing with other tools. */
export interface RankedGroup {
  readonly name: string;
  /** Importance of every candidate, members one behind the other, divided by the group's mean. */
  readonly scores: Float64Array;
  /** Places in `scores` that were kept, ascending. */
  readonly kept: readonly number[];
  /** How many of the kept neurons come from each member. */
  readonly fromMember: readonly number[];
}

/** Every neuron of every member. */
export const selectAll = ({ template, members }: Family): Selection =>
  template.groups.map((group) =>
    members.flatMap((each, member) =>
      Array.from({ length: each.widths[group.id] as number }, (_, neuron) => ({ member, neuron })),
    ),
  );

/** A group's candidates with their scores, members one behind the other. */
interface Candidates {
  readonly picks: readonly Pick[];
  /** Divided by the mean over the group, so that groups can be compared. */
  readonly scores: Float64Array;
}

function candidatesOf(picks: readonly Pick[], scores: readonly Scores[], group: number): Candidates {
  const raw = Float64Array.from(picks, ({ member, neuron }) => scores[member]?.[group]?.[neuron] as number);
  const mean = raw.reduce((a, b) => a + b, 0) / Math.max(1, raw.length);
  return { picks, scores: mean > 0 ? raw.map((score) => score / mean) : raw };
}

export interface SelectOptions {
  /** Neurons to keep in each group. With scope `global` only their sum counts. */
  readonly sizes: readonly number[];
  readonly scope: Scope;
  /** Largest share of each group's neurons that may come from members other than the first; 1 means no limit. */
  readonly transfer: number;
}

/** Keeps the best neurons. Equal scores: the earlier member, then the earlier neuron. */
export function selectBest(family: Family, scores: readonly Scores[], options: SelectOptions) {
  const candidates = selectAll(family).map((picks, group) => candidatesOf(picks, scores, group));
  checkSizes(family, candidates, options);
  const kept = options.scope === 'global' ? bestOverall(candidates, options) : bestEach(candidates, options);
  const selection: Selection = kept.map((places, group) => places.map((at) => candidates[group]?.picks[at] as Pick));
  const ranking = family.template.groups.map((group): RankedGroup => {
    const places = kept[group.id] as readonly number[];
    const picks = selection[group.id] as readonly Pick[];
    return {
      name: group.name,
      scores: candidates[group.id]?.scores as Float64Array,
      kept: places,
      fromMember: family.members.map((_, member) => picks.filter((pick) => pick.member === member).length),
    };
  });
  return { selection, ranking };
}

function checkSizes(family: Family, candidates: readonly Candidates[], { sizes }: SelectOptions): void {
  family.template.groups.forEach((group) => {
    const [wanted, there] = [sizes[group.id] as number, candidates[group.id]?.picks.length ?? 0];
    if (wanted >= 1 && wanted <= there) return;
    throw selectionSize(`group ${JSON.stringify(group.name)} should get ${wanted} neurons out of ${there}`);
  });
}

/** Places by falling score; a stable order for equal ones. */
const ranked = (scores: Float64Array): readonly number[] =>
  [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);

function bestEach(
  candidates: readonly Candidates[],
  { sizes, transfer }: SelectOptions,
): readonly (readonly number[])[] {
  return candidates.map(({ picks, scores }, group) => {
    const size = sizes[group] as number;
    const own = picks.filter((pick) => pick.member === 0).length;
    // Where the first member is too narrow to fill the rest, the others may give more than their share.
    const foreign = Math.max(transfer >= 1 ? size : Math.floor(size * transfer + 1e-9), size - own);
    let taken = 0;
    const best = ranked(scores).filter((at) => picks[at]?.member === 0 || taken++ < foreign);
    return best.slice(0, size).sort((a, b) => a - b);
  });
}

/** One ranking over all groups; each keeps its best neuron at least, and one that should keep all (an ignored one) does. */
function bestOverall(
  candidates: readonly Candidates[],
  { sizes, transfer }: SelectOptions,
): readonly (readonly number[])[] {
  const total = sizes.reduce((a, b) => a + b, 0);
  const isOwn = (group: number, at: number) => candidates[group]?.picks[at]?.member === 0;
  const own = candidates.reduce((sum, { picks }) => sum + picks.filter((pick) => pick.member === 0).length, 0);
  let foreign = Math.max(transfer >= 1 ? total : Math.floor(total * transfer + 1e-9), total - own);
  const takes = (group: number, at: number) => isOwn(group, at) || foreign-- > 0;
  const orders = candidates.map((each) => ranked(each.scores));
  const kept = orders.map((order, group) => {
    if (order.length === sizes[group]) return order.filter((at) => takes(group, at));
    return [order.find((at) => takes(group, at)) as number];
  });
  const taken = kept.map((places) => new Set(places));
  const rest = candidates.flatMap(({ scores }, group) =>
    (orders[group] as readonly number[])
      .filter((at) => !taken[group]?.has(at))
      .map((at) => ({ group, at, score: scores[at] as number })),
  );
  rest.sort((a, b) => b.score - a.score || a.group - b.group || a.at - b.at);
  let left = total - kept.reduce((sum, places) => sum + places.length, 0);
  for (const { group, at } of rest) {
    if (left === 0) break;
    if (!takes(group, at)) continue;
    kept[group]?.push(at);
    left -= 1;
  }
  return kept.map((places) => places.sort((a, b) => a - b));
}

/**
 * Neurons kept of `count` at a pruning ratio, as torch-pruning 1.6.1 and the paper's code count: int(N * (1 - ratio)) in
 * double precision, which falls one short of N/k for k = 3, 5, 6, 7; at least 1.
 */
export const keptAt = (count: number, ratio: number): number => Math.max(1, Math.trunc(count * (1 - ratio)));
