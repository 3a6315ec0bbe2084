/**
 * How an axis of the output is laid out: which slot of which group, or which fixed position, stands where. The template's
 * layout stays; slots are dropped where the output is narrower and added where it is wider.
 */
import type { Labels } from '../analysis/groups.js';

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
export function occurrenceCounter(): (group: number, neuron: number) => number {
  const seen = new Map<number, Int32Array>();
  let last = -1;
  let counts: Int32Array = new Int32Array(0);
  return (group, neuron) => {
    if (group !== last) counts = seen.get(group) ?? new Int32Array(0);
    last = group;
    if (neuron >= counts.length) {
      const grown = new Int32Array(Math.max(16, 2 * neuron + 2));
      grown.set(counts);
      counts = grown;
      seen.set(group, counts);
    }
    const count = counts[neuron] as number;
    counts[neuron] = count + 1;
    return count;
  };
}

/**
 * Visits positions next to each other that are one neuron (behind a Flatten the pixels of a channel) at once; fixed ones stand
 * alone. No objects, because models have hundreds of thousands of positions.
 */
function eachRun({ group, neuron }: Labels, visit: (group: number, neuron: number, length: number) => void): void {
  for (let start = 0; start < group.length; ) {
    const [g, n] = [group[start] as number, neuron[start] as number];
    let end = start + 1;
    while (g >= 0 && end < group.length && group[end] === g && neuron[end] === n) end += 1;
    visit(g, n, end - start);
    start = end;
  }
}

/** Visits the runs of the output: a template's run stays, drops out, or has new slots behind it. */
function eachRunAt(
  labels: Labels,
  sizes: readonly number[],
  widths: readonly number[],
  visit: (group: number, slot: number, length: number) => void,
): void {
  eachRun(labels, (group, neuron, length) => {
    if (group < 0) {
      visit(-1, 0, length);
      return;
    }
    const [size, width] = [sizes[group] as number, widths[group] as number];
    if (neuron < width) visit(group, neuron, length);
    if (neuron === size - 1) for (let more = size; more < width; more++) visit(group, more, length);
  });
}

/**
 * Lays out an axis for the output's widths. `sizes` are the template's widths by group. Where a group is narrower its last
 * slots drop out; where it is wider the new slots stand behind its last neuron wherever that stands, so that whatever moves
 * the template's neurons moves them along.
 */
export function layoutAxis(labels: Labels, sizes: readonly number[], widths: readonly number[]): Layout {
  let length = 0;
  eachRunAt(labels, sizes, widths, (_group, _slot, more) => {
    length += more;
  });
  const layout: Layout = {
    group: new Int32Array(length),
    slot: new Int32Array(length),
    occurrence: new Int32Array(length),
  };
  const count = occurrenceCounter();
  let [at, fixed] = [0, 0];
  eachRunAt(labels, sizes, widths, (group, slot, more) => {
    for (const end = at + more; at < end; at++) {
      layout.group[at] = group;
      layout.slot[at] = group < 0 ? fixed++ : slot;
      layout.occurrence[at] = group < 0 ? 0 : count(group, slot);
    }
  });
  return layout;
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
