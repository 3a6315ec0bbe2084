/**
 * Is one network the other with its neurons in another order? Each neuron gets a colour made from all numbers that touch it and the
 * colours of the neurons on the other side of each number, refined until nothing is told apart any more (Weisfeiler and Leman,
 * 1968). Trained neurons all get colours of their own, so the order is found without trying any; then every number is compared.
 */
import type { Family } from '../analysis/members.js';
import { constantsOf } from '../ir/constants.js';
import { mixed } from '../ir/mixed.js';
import { elementCount } from '../ir/numeric.js';
import { finish } from '../ir/steps.js';
import { type Axis, Colours, type Held, heldOf } from './colours.js';
import { sameNumber } from './elements.js';

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

/** Most neurons that are told apart by hand where their colours are the same. */
const MAX_CHOICES = 16;

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

function* settle(a: Colours, b: Colours): Generator<void, void> {
  for (let before = -1; a.count() !== before; ) {
    before = a.count();
    yield* a.refine();
    yield* b.refine();
  }
}

/** Colours of both networks, as different as they can be. */
function* coloured(
  family: Family,
  held: readonly (readonly [Held, Held])[],
): Generator<void, readonly [Colours, Colours]> {
  const [ofA, ofB] = [family.members[0]?.widths ?? [], family.members[1]?.widths ?? []];
  const a = new Colours(
    held.map(([own]) => own),
    ofA,
  );
  const b = new Colours(
    held.map(([, other]) => other),
    ofB,
  );
  yield* settle(a, b);
  for (let choice = 1; choice <= MAX_CHOICES; choice++) {
    const [group = -1, x = 0, y = 0] = twins(a, b) ?? [];
    const [inA, inB] = [a.of[group], b.of[group]];
    if (!inA || !inB) break;
    inA[x] = mixed(choice);
    inB[y] = mixed(choice);
    yield* settle(a, b);
  }
  return [a, b];
}

/** The neurons of the same colour, in order; -1 where none is left. */
function pairColours(a: Int32Array, b: Int32Array): Int32Array {
  const places = new Map<number, number[]>();
  b.forEach((colour, at) => {
    const known = places.get(colour) ?? [];
    known.push(at);
    places.set(colour, known);
  });
  for (const known of places.values()) known.reverse();
  return a.map((colour) => places.get(colour)?.pop() ?? -1);
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
  for (let i = 0; i < a.values.length; i++) {
    let to = 0;
    for (let axis = 0; axis < at.length; axis++)
      to += (maps[axis]?.[at[axis] as number] as number) * (steps[axis] as number);
    if (!sameNumber(a.values[i] as number, b.values[to] as number)) return false;
    for (let axis = at.length - 1; axis >= 0; axis--) {
      at[axis] = (at[axis] as number) + 1;
      if ((at[axis] as number) < (a.dims[axis] as number)) break;
      at[axis] = 0;
    }
  }
  return true;
}

/** Looks for the order of neurons that makes the first member of a family the second. */
export const findPermutation = (family: Family): Permuted => finish(permutationSteps(family));

/** The same in steps, for work that may be stopped. */
export function* permutationSteps(family: Family): Generator<void, Permuted> {
  const [first, second] = family.members;
  const held: (readonly [Held, Held])[] = [];
  for (const tensor of constantsOf(family.template.model.graph).values()) {
    const [a, b] = [first && heldOf(first, tensor), second && heldOf(second, tensor)];
    if (a && b) held.push([a, b]);
    yield;
  }
  const [a, b] = yield* coloured(family, held);
  const permutation = a.of.map((colours, group) => pairColours(colours, b.of[group] ?? new Int32Array(0)));
  let differs = '';
  for (const pair of held) {
    if (differs === '' && !agrees(pair, permutation)) differs = pair[0].name;
    yield;
  }
  const sameWidths = second?.widths.every((width, group) => width === first?.widths[group]) ?? false;
  return { same: differs === '' && sameWidths, groups: groupsOf(family, permutation), differs };
}

const groupsOf = ({ template }: Family, permutation: Permutation): readonly PermutedGroup[] =>
  template.groups.map(({ id, name, size }) => {
    const own = permutation[id] ?? new Int32Array(0);
    return {
      name,
      neurons: size,
      found: own.filter((to) => to >= 0).length,
      moved: own.filter((to, at) => to >= 0 && to !== at).length,
    };
  });
