/** Which neuron of which member stands where in a fused model, also after several fusions one behind the other. */
import type { WideGroup } from '../transforms/concat.js';
import type { Pick, RankedGroup } from '../transforms/select.js';
import type { Strategy } from '../transforms/transplant.js';

/** The neurons of one group of an output, in its order. */
export interface GroupPicks {
  readonly name: string;
  readonly picks: readonly Pick[];
}

/** Where a neuron of a model came from, by the place of its group and its number in it. */
export type Origin = (group: number, neuron: number) => Pick;

/** A model that is a member itself. */
export const asMember =
  (member: number): Origin =>
  (_, neuron) => ({ member, neuron });

const madeOf =
  (groups: readonly GroupPicks[]): Origin =>
  (group, neuron) =>
    groups[group]?.picks[neuron] as Pick;

/** The places that were kept, and how many neurons each member has. */
type Kept = Omit<RankedGroup, 'scores' | 'fromMember'>;

/** What a ranking kept: places count through all members' neurons, one member behind the other. */
export const pickedBy = (ranking: readonly Kept[]): readonly GroupPicks[] =>
  ranking.map(({ name, kept, members }) => {
    const owners = members.flatMap((width, member) =>
      Array.from({ length: width }, (_, neuron): Pick => ({ member, neuron })),
    );
    return { name, picks: kept.map((place) => owners[place] as Pick) };
  });

/** All neurons of a concatenation. */
export const pickedAll = (groups: readonly WideGroup[]): readonly GroupPicks[] =>
  pickedBy(
    groups.map(({ name, members }) => ({
      name,
      members,
      kept: [...Array(members.reduce((a, b) => a + b, 0)).keys()],
    })),
  );

/** Picks out of models that were made themselves, in terms of what these were made of. */
export const through = (groups: readonly GroupPicks[], origins: readonly Origin[]): readonly GroupPicks[] =>
  groups.map(({ name, picks }, group) => ({
    name,
    picks: picks.map(({ member, neuron }) => (origins[member] as Origin)(group, neuron)),
  }));

/** The same out of one model. */
export const throughOne = (groups: readonly GroupPicks[], of: readonly GroupPicks[]): readonly GroupPicks[] =>
  through(groups, [madeOf(of)]);

type Rankings = readonly (readonly RankedGroup[])[];

/** ((m0 + m1) + m2) + ..: each step's first model is what the step before made. */
function iterative(steps: Rankings): readonly GroupPicks[] {
  return steps.reduce<readonly GroupPicks[]>(
    (made, step, i) => through(pickedBy(step), [i === 0 ? asMember(0) : madeOf(made), asMember(i + 1)]),
    [],
  );
}

/** Halves: the steps of the left one, those of the right one, then that of both. Takes its steps off the front. */
function hierarchical(from: number, count: number, steps: (readonly RankedGroup[])[]): readonly GroupPicks[] {
  const members = Array.from({ length: count }, (_, i) => asMember(from + i));
  if (count < 4) return through(pickedBy(steps.shift() ?? []), members);
  const half = Math.floor(count / 2);
  const left = hierarchical(from, half, steps);
  const right = hierarchical(from + half, count - half, steps);
  return through(pickedBy(steps.shift() ?? []), [madeOf(left), madeOf(right)]);
}

/** Whose neurons a fusion holds, from the rankings of its steps; undefined where it ranked none (an average, an ensemble). */
export function pickedInSteps(
  strategy: Strategy,
  members: number,
  rankings: Rankings,
): readonly GroupPicks[] | undefined {
  if (rankings.length === 0) return undefined;
  if (strategy === 'iterative') return iterative(rankings);
  return strategy === 'hierarchical' ? hierarchical(0, members, [...rankings]) : pickedBy(rankings[0] ?? []);
}
