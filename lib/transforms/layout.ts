/**
 * How an axis of the output is laid out: which slot of which group, or which fixed position, stands where. The template's
 * layout stays; slots are dropped where the output is narrower and repeated in pattern where it is wider.
 */
import type { Labels } from '../analysis/groups.js';
import { layoutUnsupported } from '../errors.js';

/** The positions of one axis of the output, in order. */
export interface Layout {
  /** Group of each position; -1 where it is fixed. */
  readonly group: Int32Array;
  /** Slot in the group, or the number of the fixed position among the fixed ones. */
  readonly slot: Int32Array;
  /** Which occurrence of the slot on this axis it is: behind a Flatten a channel occurs once for each pixel. */
  readonly occurrence: Int32Array;
}

/** An axis without neurons. */
export const fixedLayout = (length: number): Layout => ({
  group: new Int32Array(length).fill(-1),
  slot: Int32Array.from({ length }, (_, i) => i),
  occurrence: new Int32Array(length),
});

/** Counts how often each (group, neuron) came by. */
function occurrenceCounter(): (group: number, neuron: number) => number {
  const seen = new Map<number, Int32Array>();
  return (group, neuron) => {
    let counts = seen.get(group);
    if (!counts || neuron >= counts.length) {
      const grown = new Int32Array(Math.max(16, 2 * neuron + 2));
      if (counts) grown.set(counts);
      counts = grown;
      seen.set(group, counts);
    }
    const count = counts[neuron] as number;
    counts[neuron] = count + 1;
    return count;
  };
}

/** A stretch of positions that belong to one group (or to none). */
interface Stretch {
  readonly group: number;
  readonly start: number;
  readonly end: number;
}

function stretchesOf(labels: Labels): readonly Stretch[] {
  const stretches: Stretch[] = [];
  for (let start = 0; start < labels.group.length; ) {
    const group = labels.group[start] as number;
    let end = start + 1;
    while (end < labels.group.length && labels.group[end] === group) end += 1;
    stretches.push({ group, start, end });
    start = end;
  }
  return stretches;
}

/**
 * The neurons of a stretch at another width. Narrower: slots from `width` on drop out. Wider: the stretch must be `outer`
 * times all neurons in order, each `inner` times running. Throws LAYOUT_UNSUPPORTED where it is not.
 */
function stretchNeurons(
  labels: Labels,
  { start, end }: Stretch,
  size: number,
  width: number,
  where: string,
): Int32Array {
  const neurons = labels.neuron.subarray(start, end);
  if (width <= size) return neurons.filter((neuron) => neuron < width);
  let inner = 1;
  while (inner < neurons.length && neurons[inner] === neurons[0]) inner += 1;
  const outer = neurons.length / (size * inner);
  if (!neurons.every((neuron, p) => neuron === Math.floor(p / inner) % size) || !Number.isInteger(outer)) {
    throw layoutUnsupported(where, 'its neurons stand in an order that cannot be widened');
  }
  return Int32Array.from({ length: outer * width * inner }, (_, p) => Math.floor(p / inner) % width);
}

/** Lays out an axis for the output's widths. `sizes` are the template's widths by group. */
export function layoutAxis(labels: Labels, sizes: readonly number[], widths: readonly number[], where: string): Layout {
  const count = occurrenceCounter();
  const [group, slot, occurrence]: [number[], number[], number[]] = [[], [], []];
  let fixed = 0;
  for (const stretch of stretchesOf(labels)) {
    if (stretch.group < 0) {
      for (let p = stretch.start; p < stretch.end; p++) {
        group.push(-1);
        slot.push(fixed++);
        occurrence.push(0);
      }
      continue;
    }
    const [size, width] = [sizes[stretch.group] as number, widths[stretch.group] as number];
    for (const neuron of stretchNeurons(labels, stretch, size, width, where)) {
      group.push(stretch.group);
      slot.push(neuron);
      occurrence.push(count(stretch.group, neuron));
    }
  }
  return { group: Int32Array.from(group), slot: Int32Array.from(slot), occurrence: Int32Array.from(occurrence) };
}

/** Where the neurons of one member stand on one axis. */
export interface Places {
  /** Position of an occurrence of a neuron; undefined where it does not occur so often. */
  neuron(group: number, neuron: number, occurrence: number): number | undefined;
  /** Position of the n-th fixed position. */
  fixed(n: number): number | undefined;
  readonly fixedCount: number;
  /** How often the neurons of a group stand on this axis. */
  occurrences(group: number): number;
}

/** Indexes an axis of a member by neuron. `labels` undefined: all of its `length` positions are fixed. */
export function placesOn(labels: Labels | undefined, length: number): Places {
  if (!labels) {
    const fixed = (n: number) => (n < length ? n : undefined);
    return { neuron: () => undefined, fixed, fixedCount: length, occurrences: () => 0 };
  }
  const first = new Map<number, Int32Array[]>();
  const fixed: number[] = [];
  const count = occurrenceCounter();
  const sizes = new Map<number, number>();
  for (let p = 0; p < length; p++) {
    const group = labels.group[p] as number;
    if (group >= 0) sizes.set(group, Math.max(sizes.get(group) ?? 0, (labels.neuron[p] as number) + 1));
  }
  for (let p = 0; p < length; p++) {
    const group = labels.group[p] as number;
    if (group < 0) {
      fixed.push(p);
      continue;
    }
    const neuron = labels.neuron[p] as number;
    const occurrence = count(group, neuron);
    const rows = first.get(group) ?? [];
    rows[occurrence] ??= new Int32Array(sizes.get(group) as number).fill(-1);
    (rows[occurrence] as Int32Array)[neuron] = p;
    first.set(group, rows);
  }
  return {
    neuron: (group, neuron, occurrence) => {
      const at = first.get(group)?.[occurrence]?.[neuron] ?? -1;
      return at < 0 ? undefined : at;
    },
    fixed: (n) => fixed[n],
    fixedCount: fixed.length,
    occurrences: (group) => first.get(group)?.length ?? 0,
  };
}
