/** Axes on which one neuron stands several times: a Flatten gives each channel as many columns as it has pixels. */
import type { Labels } from './groups.js';

/** For each position of an axis which occurrence of its neuron it is, from 0; of those that are no neurons the how manieth. */
export function occurrencesAt(labels: Labels | undefined, length: number): Int32Array {
  const seen = new Map<string, number>();
  return Int32Array.from({ length }, (_, p) => {
    const group = labels?.group[p] ?? -1;
    const key = group < 0 ? '' : `${group} ${labels?.neuron[p]}`;
    const count = seen.get(key) ?? 0;
    seen.set(key, count + 1);
    return count;
  });
}
