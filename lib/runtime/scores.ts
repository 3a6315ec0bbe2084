/** How good logits are, given the right classes. */
import { dataMismatch } from '../errors.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import type { Reals } from '../ir/numeric.js';

/** Sums over samples, so that batches add up. */
export interface Scores {
  readonly samples: number;
  readonly correct: number;
  /** Sum of the cross entropies, in nats. */
  readonly loss: number;
}

export const NO_SCORES: Scores = { samples: 0, correct: 0, loss: 0 };

export const addScores = (a: Scores, b: Scores): Scores => ({
  samples: a.samples + b.samples,
  correct: a.correct + b.correct,
  loss: a.loss + b.loss,
});

/** Place of the largest, the first of equal ones; -1 where one is NaN, which is no answer. */
export function placeOfLargest(row: Reals): number {
  let best = 0;
  for (let i = 0; i < row.length; i++) {
    if (Number.isNaN(row[i])) return -1;
    if ((row[i] as number) > (row[best] as number)) best = i;
  }
  return best;
}

/** -log softmax(row)[label], by log-sum-exp. */
function crossEntropy(row: Reals, label: number): number {
  let top = Number.NEGATIVE_INFINITY;
  for (const value of row) top = Math.max(top, value);
  let total = 0;
  for (const value of row) total += Math.exp(value - top);
  return top + Math.log(total) - (row[label] as number);
}

/**
 * Scores the first `labels.length` rows of logits, [rows, classes]. Throws DATA_MISMATCH where the logits have another
 * shape or fewer classes than a label says.
 */
export function scoresOf(logits: NdArray, labels: Int32Array, output: string): Scores {
  const [rows = 0, classes = 0] = logits.dims;
  if (logits.dims.length !== 2 || rows < labels.length) {
    throw dataMismatch(`output ${output} has shape [${logits.dims.join(', ')}], not one row of logits for each sample`);
  }
  const values = toReals(logits, output);
  let [correct, loss] = [0, 0];
  labels.forEach((label, i) => {
    if (label >= classes) throw dataMismatch(`label ${label}, but output ${output} has ${classes} classes`);
    const row = values.subarray(i * classes, (i + 1) * classes);
    if (placeOfLargest(row) === label) correct++;
    loss += crossEntropy(row, label);
  });
  return { samples: labels.length, correct, loss };
}
