/**
 * Is one network the other with its neurons in another order? Each neuron gets a colour made from all numbers that touch it and the
 * colours of the neurons on the other side of each number, refined until nothing is told apart any more (Weisfeiler and Leman,
 * 1968). Trained neurons all get colours of their own, so the order is found without trying any; then every number is compared.
 */
import type { Labels } from '../analysis/groups.js';
import type { Family, Member } from '../analysis/members.js';
import { constantsOf } from '../ir/constants.js';
import type { Tensor } from '../ir/model.js';
import { elementCount } from '../ir/numeric.js';
import { numbersOf } from './elements.js';

/** For each group, which neuron of the second network each neuron of the first is. */
export type Permutation = readonly Int32Array[];

/** What became of one group. */
export interface PermutedGroup {
  readonly name: string;
  readonly neurons: number;
  /** Neurons that have a counterpart with the same numbers. */
  readonly found: number;
  /** Neurons that stand in another place. */
  readonly moved: number;
}

/** Whether the second network is the first up to the order of its neurons. */
export interface Permuted {
  /** Every number of every tensor is where the order says that it is. */
  readonly same: boolean;
  readonly groups: readonly PermutedGroup[];
  /** The first tensor that does not agree; '' where all do. */
  readonly differs: string;
}

const scratch = new DataView(new ArrayBuffer(8));

/** A number as one word, hashed; 0 and -0 alike. Two numbers with one word are one of four thousand million pairs. */
function wordOf(value: number): number {
  scratch.setFloat64(0, value === 0 ? 0 : value);
  return mixed(scratch.getInt32(0) ^ Math.imul(scratch.getInt32(4), 0x9e3779b1));
}

/** The finaliser of MurmurHash3. */
function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const joined = (a: number, b: number): number => mixed(Math.imul(a, 31) ^ mixed(b + 0x165667b1));

/** One axis of a tensor: which neuron each position is, and how often that neuron stood before. */
interface Axis {
  readonly labels: Labels | undefined;
  readonly turn: Int32Array;
}

/** A tensor of one network in the terms of the first. */
interface Held {
  readonly name: string;
  readonly dims: readonly number[];
  readonly words: Int32Array;
  readonly axes: readonly Axis[];
}

function turnsOf(labels: Labels | undefined, length: number): Int32Array {
  const turns = new Int32Array(length);
  const seen = new Map<number, number>();
  for (let p = 0; p < length; p++) {
    const group = labels?.group[p] ?? -1;
    if (group < 0) {
      turns[p] = p;
      continue;
    }
    const key = group * 2 ** 26 + (labels?.neuron[p] as number);
    turns[p] = seen.get(key) ?? 0;
    seen.set(key, (turns[p] as number) + 1);
  }
  return turns;
}

function heldOf(member: Member, tensor: Tensor): Held | undefined {
  const own = member.tensor(tensor.name);
  const values = own && numbersOf(own);
  if (!own || !values) return undefined;
  const axes = own.dims.map((length, axis): Axis => {
    const labels = member.labels(tensor.name, axis);
    return { labels, turn: turnsOf(labels, length) };
  });
  return { name: tensor.name, dims: own.dims, words: Int32Array.from(values, wordOf), axes };
}

/** The colours of all neurons of one network, group by group. */
class Colours {
  readonly of: Int32Array[];

  constructor(
    private readonly tensors: readonly Held[],
    widths: readonly number[],
  ) {
    this.of = widths.map((width) => new Int32Array(width));
  }

  private keys({ labels, turn }: Axis): Int32Array {
    return turn.map((own, p) => {
      const group = labels?.group[p] ?? -1;
      if (group < 0) return mixed(own + 1);
      return joined(joined(this.of[group]?.[labels?.neuron[p] as number] ?? 0, group), own);
    });
  }

  /** One round: each neuron takes in what touches it. */
  refine(): void {
    const next = this.of.map((colours) => colours.map(mixed));
    this.tensors.forEach((tensor, number) => this.take(tensor, mixed(number + 1), next));
    next.forEach((colours, group) => {
      this.of[group] = colours;
    });
  }

  private take({ dims, words, axes }: Held, salt: number, next: readonly Int32Array[]): void {
    const keys = axes.map((axis, at) => this.keys(axis).map((key) => joined(key, at)));
    const sums = dims.map((length) => new Int32Array(length));
    const at = new Int32Array(dims.length);
    for (let i = 0; i < words.length; i++) {
      let bits = (words[i] as number) ^ salt;
      for (let axis = 0; axis < dims.length; axis++) bits = (bits + (keys[axis]?.[at[axis] as number] as number)) | 0;
      bits = mixed(bits);
      for (let axis = 0; axis < dims.length; axis++) {
        const own = sums[axis] as Int32Array;
        own[at[axis] as number] = ((own[at[axis] as number] as number) + bits) | 0;
      }
      for (let axis = dims.length - 1; axis >= 0; axis--) {
        at[axis] = (at[axis] as number) + 1;
        if ((at[axis] as number) < (dims[axis] as number)) break;
        at[axis] = 0;
      }
    }
    axes.forEach(({ labels, turn }, axis) => {
      for (let p = 0; p < turn.length; p++) {
        const group = labels?.group[p] ?? -1;
        const colours = next[group];
        const neuron = labels?.neuron[p] as number;
        if (!colours) continue;
        const part = joined(joined(sums[axis]?.[p] as number, salt + axis), turn[p] as number);
        colours[neuron] = ((colours[neuron] as number) + part) | 0;
      }
    });
  }

  /** How many colours there are. */
  count(): number {
    return this.of.reduce((sum, colours) => sum + new Set(colours).size, 0);
  }
}

/** Most neurons that are told apart by hand where their colours are the same. */
const MAX_CHOICES = 32;

/** The first colour that several neurons of a group have in both networks. */
function twins(a: Colours, b: Colours): readonly [group: number, ofA: number, ofB: number] | undefined {
  for (const [group, colours] of a.of.entries()) {
    const counts = new Map<number, number>();
    for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
    const [shared] = [...counts].find(([, n]) => n > 1) ?? [];
    const other = shared === undefined ? -1 : (b.of[group]?.indexOf(shared) ?? -1);
    if (shared !== undefined && other >= 0) return [group, colours.indexOf(shared), other];
  }
  return undefined;
}

function settle(a: Colours, b: Colours): void {
  for (let before = -1; a.count() !== before; ) {
    before = a.count();
    a.refine();
    b.refine();
  }
}

/** Colours of both networks, as different as they can be. */
function coloured(family: Family, held: readonly (readonly [Held, Held])[]): readonly [Colours, Colours] {
  const [ofA, ofB] = [family.members[0]?.widths ?? [], family.members[1]?.widths ?? []];
  const a = new Colours(
    held.map(([own]) => own),
    ofA,
  );
  const b = new Colours(
    held.map(([, other]) => other),
    ofB,
  );
  settle(a, b);
  for (let choice = 1; choice <= MAX_CHOICES; choice++) {
    const [group = -1, x = 0, y = 0] = twins(a, b) ?? [];
    const [inA, inB] = [a.of[group], b.of[group]];
    if (!inA || !inB) break;
    inA[x] = mixed(choice);
    inB[y] = mixed(choice);
    settle(a, b);
  }
  return [a, b];
}

/** The neurons of the same colour, in order; -1 where none is left. */
function pairColours(a: Int32Array, b: Int32Array): Int32Array {
  const places = new Map<number, number[]>();
  b.forEach((colour, at) => {
    places.set(colour, [...(places.get(colour) ?? []), at]);
  });
  return a.map((colour) => places.get(colour)?.shift() ?? -1);
}

/** Where each position of an axis of A stands on that of B; undefined where some has no counterpart. */
function positions(a: Axis, b: Axis, permutation: Permutation): Int32Array | undefined {
  const key = (group: number, neuron: number, turn: number) => `${group}:${neuron}:${turn}`;
  const inB = new Map<string, number>();
  b.turn.forEach((turn, p) => {
    inB.set(key(b.labels?.group[p] ?? -1, b.labels?.neuron[p] ?? -1, turn), p);
  });
  const found = a.turn.map((turn, p) => {
    const group = a.labels?.group[p] ?? -1;
    const neuron = group < 0 ? -1 : (permutation[group]?.[a.labels?.neuron[p] as number] ?? -1);
    return inB.get(key(group, neuron, turn)) ?? -1;
  });
  return found.includes(-1) ? undefined : found;
}

/** Whether every number of A stands in B where the permutation says. */
function agrees([a, b]: readonly [Held, Held], permutation: Permutation): boolean {
  const maps = a.axes.map((axis, at) => positions(axis, b.axes[at] as Axis, permutation));
  if (elementCount(a.dims) !== elementCount(b.dims) || maps.some((map) => !map)) return false;
  const steps = b.dims.map((_, axis) => elementCount(b.dims.slice(axis + 1)));
  const at = new Int32Array(a.dims.length);
  for (let i = 0; i < a.words.length; i++) {
    let to = 0;
    for (let axis = 0; axis < at.length; axis++)
      to += (maps[axis]?.[at[axis] as number] as number) * (steps[axis] as number);
    if (a.words[i] !== b.words[to]) return false;
    for (let axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1;
      if ((at[axis] as number) < (a.dims[axis] as number)) break;
      at[axis] = 0;
    }
  }
  return true;
}

/** Looks for the order of neurons that makes the first member of a family the second. */
export function findPermutation(family: Family): Permuted {
  const [first, second] = family.members;
  const held = [...constantsOf(family.template.model.graph).values()].flatMap((tensor): (readonly [Held, Held])[] => {
    const [a, b] = [first && heldOf(first, tensor), second && heldOf(second, tensor)];
    return a && b ? [[a, b]] : [];
  });
  const [a, b] = coloured(family, held);
  const permutation = a.of.map((colours, group) => pairColours(colours, b.of[group] ?? new Int32Array(0)));
  const groups = family.template.groups.map(({ id, name, size }): PermutedGroup => {
    const own = permutation[id] ?? new Int32Array(0);
    return {
      name,
      neurons: size,
      found: own.filter((to) => to >= 0).length,
      moved: own.filter((to, at) => to >= 0 && to !== at).length,
    };
  });
  const differs = held.find((pair) => !agrees(pair, permutation))?.[0].name ?? '';
  const sameWidths = second?.widths.every((width, group) => width === first?.widths[group]) ?? false;
  return { same: differs === '' && sameWidths, groups, differs };
}
