/** How scores of a group are made comparable with those of other groups. */
import type { Importance } from './measure.js';

/** Scores of all candidates of a group to scores of the same order. */
export type Normaliser = (scores: Float64Array) => Float64Array;

/** Divided by their mean; as they are where that is 0. */
const byMean: Normaliser = (scores) => {
  const mean = scores.reduce((a, b) => a + b, 0) / Math.max(1, scores.length);
  return mean > 0 ? scores.map((score) => score / mean) : scores;
};

/** LAMP: divided by the sum of all scores that are not smaller (of equal ones: that stand no earlier). The largest becomes 1. */
const lamp: Normaliser = (scores) => {
  const ascending = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const made = new Float64Array(scores.length);
  let rest = 0;
  for (const at of ascending.reverse()) {
    rest += scores[at] as number;
    made[at] = rest > 0 ? (scores[at] as number) / rest : 0;
  }
  return made;
};

/** torch-pruning's normaliser for each measure: `lamp` for itself, the mean for all others. */
export const normaliserOf = (importance: Importance): Normaliser => (importance === 'lamp' ? lamp : byMean);
