/** Which nodes of two graphs are paired so far. */
import type { Side } from './side.js';

/** What made two nodes a pair. */
export type Evidence = 'same weights' | 'same weight names' | 'same module' | 'same name' | 'same place' | 'order';

/** Two nodes by their places in the sides. */
export interface NodePair {
  readonly a: number;
  readonly b: number;
  readonly by: Evidence;
}

/** Pairs that grow; a node is in one pair at most. */
export class Matching {
  private readonly toB = new Map<number, NodePair>();
  private readonly toA = new Map<number, NodePair>();
  /** Pairs that nothing was spread from yet. */
  readonly fresh: NodePair[] = [];

  constructor(
    readonly a: Side,
    readonly b: Side,
  ) {}

  /** Pairs two nodes unless one of them has a partner. */
  add(a: number, b: number, by: Evidence): void {
    if (this.toB.has(a) || this.toA.has(b)) return;
    const pair = { a, b, by };
    this.toB.set(a, pair);
    this.toA.set(b, pair);
    this.fresh.push(pair);
  }

  get size(): number {
    return this.toB.size;
  }

  ofA(a: number): NodePair | undefined {
    return this.toB.get(a);
  }

  ofB(b: number): NodePair | undefined {
    return this.toA.get(b);
  }

  /** Nodes of A without a partner, in order. */
  leftA(): readonly number[] {
    return [...this.a.nodes.keys()].filter((at) => !this.toB.has(at));
  }

  leftB(): readonly number[] {
    return [...this.b.nodes.keys()].filter((at) => !this.toA.has(at));
  }

  /** All pairs in the order of A. */
  pairs(): readonly NodePair[] {
    return [...this.toB.values()].sort((x, y) => x.a - y.a);
  }
}
