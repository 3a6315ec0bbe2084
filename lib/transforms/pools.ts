/** Pools: which groups compete with each other for how many places. */
import { type Normaliser, normaliserOf, type Scores } from '../analysis/importance/index.js';
import type { Pick } from './select.js';

/** Groups whose neurons compete. */
export interface Pool {
  /** Their numbers. */
  readonly groups: readonly number[];
  /** How many neurons they keep together; more where the floors of its groups ask for more. */
  readonly keep: number;
}

/** Whether neurons compete within their group or, with their scores made comparable, over all groups. */
export type Scope = 'layer' | 'global';

/** Each group by itself, or all in one pool, with these sizes. */
export const poolsOf = (sizes: readonly number[], scope: Scope): readonly Pool[] =>
  scope === 'layer'
    ? sizes.map((keep, group) => ({ groups: [group], keep }))
    : [{ groups: [...sizes.keys()], keep: sizes.reduce((a, b) => a + b, 0) }];

/** A group's candidates with their scores, members one behind the other. */
export interface Candidates {
  readonly picks: readonly Pick[];
  /** Made comparable with those of other groups. */
  readonly scores: Float64Array;
  /** Places in `picks` by falling score; a stable order for equal ones. */
  readonly order: readonly number[];
}

/** The candidates of all groups. */
export function candidatesOf(
  picks: readonly (readonly Pick[])[],
  scores: readonly Scores[],
  normalise: Normaliser = normaliserOf('l2'),
): readonly Candidates[] {
  return picks.map((each, group) => {
    const raw = Float64Array.from(each, ({ member, neuron }) => scores[member]?.[group]?.[neuron] as number);
    const made = normalise(raw);
    const order = [...made.keys()].sort((a, b) => (made[b] as number) - (made[a] as number) || a - b);
    return { picks: each, scores: made, order };
  });
}
