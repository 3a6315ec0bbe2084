/** What a resize rule is given and what it answers: what stands in a node that must change with the widths. */
import type { Dim } from '../../ir/dim.js';
import type { Node } from '../../ir/model.js';
import type { AxisRef } from '../structure/relation.js';

export interface ResizeContext {
  readonly node: Node;
  readonly opset: number;
  /** Known integers of an input, before. */
  content(index: number): readonly Dim[] | undefined;
  /** Whether an input stands in the file; what is computed may come out otherwise at other widths. */
  isConstant(index: number): boolean;
  /** Lengths of the axes of a value, before and after. */
  before(value: string): readonly Dim[];
  after(value: string): readonly Dim[];
  /** Where the boundary in front of position `at` of an axis lies afterwards. Throws LAYOUT_UNSUPPORTED in mid-pattern. */
  boundary(value: string, axis: number, at: number): number;
  /**
   * For each position of axis `to` afterwards the position of axis `from` that it is, where position k of `to` was position
   * `picks[k]` of the `length` positions of `from`. Undefined where some position has no source.
   */
  picked(from: AxisRef, to: AxisRef, picks: readonly number[], length: number): readonly number[] | undefined;
  /** The length afterwards of an axis that the node's structure rule made under this name, `before` until then. */
  factor(name: string, before: number): number;
}

/** Integers to put in place of an operand; undefined where the element stays what the model computes there. */
export type Patch = readonly (number | undefined)[];

/** The positions of an axis that are picked, in order. */
export interface AxisPicks {
  readonly axis: number;
  readonly indices: readonly number[];
}

/** What to put in place of an operand or an attribute; an operand may be one that was left out. */
export interface Rewrite {
  readonly inputs?: ReadonlyMap<number, Patch>;
  readonly ints?: ReadonlyMap<string, readonly number[]>;
  readonly int?: ReadonlyMap<string, number>;
  readonly float?: ReadonlyMap<string, number>;
  /** Positions of the first input that are picked in front of the node. */
  readonly gathers?: readonly AxisPicks[];
  /** Nothing is left for the node to do behind `gathers`. */
  readonly gone?: boolean;
  /** Attributes that the new operand replaces. */
  readonly drop?: readonly string[];
}

/** Answers undefined where nothing has to change. Throws LAYOUT_UNSUPPORTED where it cannot be changed. */
export type ResizeRule = (context: ResizeContext) => Rewrite | undefined;
