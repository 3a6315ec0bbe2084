/**
 * The union-find over axis positions. Every position of every axis of every value is an element; positions that are the
 * same neuron are united. Elements are sums of axis lengths, not products, so an Int32Array is enough.
 */
import { tooMany } from '../errors.js';
import { type Dim, isSymbolic } from '../ir/dim.js';
import type { Node } from '../ir/model.js';
import { MAX_POSITIONS, MAX_POSITIONS_OF_LARGE } from '../limits.js';
import type { AxisRef } from '../rules/structure/relation.js';

/** An axis: its first element and how many there are. A symbolic length counts as its coefficient. */
export interface AxisSpan extends AxisRef {
  readonly id: number;
  readonly start: number;
  readonly length: number;
}

const lengthOf = (dim: Dim): number => (isSymbolic(dim) ? dim.coefficient : dim);

/** Starts the names of axes that exist in no tensor. A name in a file may start so too; the two never meet in one node. */
const VIRTUAL = '\u0000';

/** The name of an axis that a node needs for itself, such as the groups of a grouped Conv. */
export const virtualName = ({ outputs }: Pick<Node, 'outputs'>, name: string): string =>
  `${VIRTUAL}${outputs.find((output) => output !== '') ?? ''}${VIRTUAL}${name}`;

export const isVirtual = (axis: AxisRef): boolean => axis.value.startsWith(VIRTUAL);

/** All axes of a model, numbered. */
export class AxisSpace {
  readonly axes: AxisSpan[] = [];
  private readonly byValue = new Map<string, readonly AxisSpan[]>();
  total = 0;

  /** Positions that a model of so many weights may have. */
  private readonly ceiling: number;

  constructor(
    private readonly label: string,
    weights: number,
  ) {
    this.ceiling = Math.min(Math.max(MAX_POSITIONS, weights), MAX_POSITIONS_OF_LARGE);
  }

  /** Adds a value with its axes; a value that is there already stays. Throws TOO_MANY. */
  add(value: string, shape: readonly Dim[]): void {
    if (this.byValue.has(value)) return;
    const spans = shape.map((dim, axis) => {
      const span = { value, axis, id: this.axes.length, start: this.total, length: lengthOf(dim) };
      this.axes.push(span);
      this.total += span.length;
      return span;
    });
    if (this.total > this.ceiling) throw tooMany(this.label, 'axis positions', this.ceiling);
    this.byValue.set(value, spans);
  }

  /** The axis, or undefined for a value of unknown shape. */
  find(ref: AxisRef): AxisSpan | undefined {
    return this.byValue.get(ref.value)?.[ref.axis];
  }

  /** All axes of a value; none where its shape is unknown. */
  of(value: string): readonly AxisSpan[] {
    return this.byValue.get(value) ?? [];
  }
}

/** Classes of positions; a class is fixed as soon as one of its positions is. */
export class Classes {
  private readonly parent: Int32Array;
  /** At a root: 0 while the class is free, else 1 + the index of the reason. */
  private readonly fixedBy: Int32Array;
  /** At a root: 1 where some layer makes the class. */
  private readonly made: Uint8Array;
  /** At a root: 1 where the positions of an axis of the class are summed up. */
  private readonly summed: Uint8Array;
  private readonly reasons: string[] = [];
  private readonly reasonIndex = new Map<string, number>();

  constructor(total: number) {
    this.parent = new Int32Array(total);
    for (let i = 0; i < total; i++) this.parent[i] = i;
    this.fixedBy = new Int32Array(total);
    this.made = new Uint8Array(total);
    this.summed = new Uint8Array(total);
  }

  /** The root of a position's class: its smallest position. */
  root(position: number): number {
    const { parent } = this;
    let at = position;
    while (parent[at] !== at) {
      parent[at] = parent[parent[at] as number] as number;
      at = parent[at] as number;
    }
    return at;
  }

  unite(a: number, b: number): void {
    const [x, y] = [this.root(a), this.root(b)];
    if (x === y) return;
    const [low, high] = x < y ? [x, y] : [y, x];
    this.parent[high] = low;
    if (this.fixedBy[low] === 0) this.fixedBy[low] = this.fixedBy[high] as number;
    if (this.made[high]) this.made[low] = 1;
    if (this.summed[high]) this.summed[low] = 1;
  }

  /** Notes that a layer makes the positions of an axis. */
  markMade({ start, length }: Pick<AxisSpan, 'start' | 'length'>): void {
    for (let position = start; position < start + length; position++) this.made[this.root(position)] = 1;
  }

  /** Whether a layer makes the class of this position. */
  isMade(position: number): boolean {
    return this.made[this.root(position)] === 1;
  }

  /** Notes that the positions of an axis are summed up somewhere. */
  markSummed({ start, length }: Pick<AxisSpan, 'start' | 'length'>): void {
    for (let position = start; position < start + length; position++) this.summed[this.root(position)] = 1;
  }

  /** Whether the class of this position is summed up with others. */
  isSummed(position: number): boolean {
    return this.summed[this.root(position)] === 1;
  }

  /** Fixes all positions of an axis, where they are still free. */
  fix({ start, length }: Pick<AxisSpan, 'start' | 'length'>, why: string): void {
    const known = this.reasonIndex.get(why) ?? this.reasons.push(why);
    this.reasonIndex.set(why, known);
    for (let position = start; position < start + length; position++) {
      const root = this.root(position);
      if (this.fixedBy[root] === 0) this.fixedBy[root] = known;
    }
  }

  /** Why the class of this position is fixed; undefined while it is free. */
  fixedWhy(position: number): string | undefined {
    const by = this.fixedBy[this.root(position)] as number;
    return by === 0 ? undefined : this.reasons[by - 1];
  }

  isFree(position: number): boolean {
    return this.fixedBy[this.root(position)] === 0;
  }
}
