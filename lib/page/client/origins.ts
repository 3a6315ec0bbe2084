/** Which model each neuron of a group came from. */
import type { PageNeurons } from '../data.js';

type Runs = PageNeurons['runs'];

/** Where a share of one cell or strip begins and ends, from 0 to 1, and whose it is. */
export interface Share {
  readonly member: number;
  readonly from: number;
  readonly to: number;
}

/** How many neurons a group has. */
export const sizeOf = (runs: Runs): number => runs.reduce((sum, [, count]) => sum + count, 0);

/** Neurons by member, most first. */
export function countsOf(runs: Runs): readonly (readonly [member: number, count: number])[] {
  const counts = new Map<number, number>();
  for (const [member, count] of runs) counts.set(member, (counts.get(member) ?? 0) + count);
  return [...counts].sort(([a], [b]) => a - b);
}

/** Members' shares of a group, side by side. */
export function sharesOf(runs: Runs): readonly Share[] {
  const total = Math.max(1, sizeOf(runs));
  let from = 0;
  return countsOf(runs).map(([member, count]) => {
    const share = { member, from, to: from + count / total };
    from = share.to;
    return share;
  });
}

/** `14 from a.onnx, 18 from b.onnx`. */
export const originText = (runs: Runs, members: readonly string[]): string =>
  countsOf(runs)
    .map(([member, count]) => `${count.toLocaleString('en')} from ${members[member] ?? `model ${member + 1}`}`)
    .join(', ');

/**
 * At most `most` cells, in order: one neuron each where that is enough, else equally many; a cell over several runs is
 * shared in proportion.
 */
export function cellsOf(
  runs: Runs,
  most: number,
): { readonly each: number; readonly cells: readonly (readonly Share[])[] } {
  const total = sizeOf(runs);
  const each = Math.max(1, Math.ceil(total / Math.max(1, most)));
  const cells: Share[][] = Array.from({ length: Math.ceil(total / each) }, () => []);
  let start = 0;
  for (const [member, count] of runs) {
    for (let at = start; at < start + count; ) {
      const index = Math.floor(at / each);
      const size = Math.min(each, total - index * each);
      const until = Math.min(start + count, index * each + size);
      cells[index]?.push({ member, from: (at - index * each) / size, to: (until - index * each) / size });
      at = until;
    }
    start += count;
  }
  return { each, cells };
}
