/** In which way classes of axis positions lie on axes: those that lie in the same way are one group of neurons. */
import type { Same } from '../rules/structure/relation.js';
import type { AxisSpace, AxisSpan, Classes } from './positions.js';

/** The classes as flat arrays: for each position its root, or -1 where it is fixed. */
export class Roots {
  readonly of: Int32Array;
  private readonly stamp: Int32Array;
  private readonly count: Int32Array;
  private turn = 0;

  constructor(
    readonly space: AxisSpace,
    classes: Classes,
  ) {
    this.of = new Int32Array(space.total);
    for (let p = 0; p < space.total; p++) this.of[p] = classes.isFree(p) ? classes.root(p) : -1;
    this.stamp = new Int32Array(space.total);
    this.count = new Int32Array(space.total);
  }

  /** Calls `visit` with each free class on an axis, once, in order. */
  each(axis: AxisSpan, visit: (root: number) => void): void {
    this.turn += 1;
    for (let p = axis.start; p < axis.start + axis.length; p++) {
      const root = this.of[p] as number;
      if (root < 0 || this.stamp[root] === this.turn) continue;
      this.stamp[root] = this.turn;
      visit(root);
    }
  }

  /** For each position of an axis how often its class stands in front of it. */
  occurrences(axis: AxisSpan): Int32Array {
    const made = new Int32Array(axis.length);
    for (let p = 0; p < axis.length; p++) {
      const root = this.of[axis.start + p] as number;
      if (root < 0) continue;
      made[p] = this.count[root] as number;
      this.count[root] = (this.count[root] as number) + 1;
    }
    this.each(axis, (root) => {
      this.count[root] = 0;
    });
    return made;
  }

  /** Calls `visit` with each free class on an axis, once, in order, and with how often it stands there. */
  eachCounted(axis: AxisSpan, visit: (root: number, count: number) => void): void {
    for (let p = axis.start; p < axis.start + axis.length; p++) {
      const root = this.of[p] as number;
      if (root >= 0) this.count[root] = (this.count[root] as number) + 1;
    }
    this.each(axis, (root) => {
      visit(root, this.count[root] as number);
      this.count[root] = 0;
    });
  }
}

/** What one node moves from one axis to another: positions that are the same neuron, in the order of the second axis. */
export type Moves = readonly Same[];

/** Gives classes new numbers so that two keep the same one only if they have the same number and key now. */
class Refinement {
  readonly signature: Int32Array;
  private count = 0;
  private next = new Map<number, number>();

  constructor(private readonly total: number) {
    this.signature = new Int32Array(total).fill(-1);
  }

  /** Begins what all classes are compared by next. */
  begin(): void {
    this.next = new Map();
  }

  refine(root: number, key: number): void {
    const full = (this.signature[root] as number) * (this.total + 1) + key;
    const number = this.next.get(full) ?? this.count;
    if (number === this.count) this.count += 1;
    this.next.set(full, number);
    this.signature[root] = number;
  }
}

/**
 * Numbers the ways in which classes lie on axes: those with the same number (at their root) lie on the same axes, equally often
 * on each, and nodes move them alike from one to the other. Only such neurons can stand in for each other: where a Gather takes
 * one twice and the other once, or the pixels of one channel in another order than those of the next, an exchange would give
 * other numbers. `moves` are those of nodes that do not take an axis over as it is.
 */
export function signatures(roots: Roots, moves: readonly Moves[]): Int32Array {
  const refinement = new Refinement(roots.of.length);
  for (const axis of roots.space.axes) {
    refinement.begin();
    roots.eachCounted(axis, (root, times) => refinement.refine(root, times));
  }
  for (const each of moves) {
    const [first] = each;
    const [a, b] = [first && roots.space.find(first.a), first && roots.space.find(first.b)];
    if (!a || !b) continue;
    const [inA, inB] = [roots.occurrences(a), roots.occurrences(b)];
    refinement.begin();
    for (const { aStart = 0, bStart = 0, length = a.length } of each) {
      for (let i = 0; i < Math.min(length, a.length - aStart, b.length - bStart); i++) {
        const root = roots.of[a.start + aStart + i] as number;
        if (root < 0) continue;
        refinement.refine(root, inA[aStart + i] as number);
        refinement.refine(root, inB[bStart + i] as number);
      }
    }
  }
  return refinement.signature;
}
