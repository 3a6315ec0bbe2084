/** What a resize rule is given and what it answers: what stands in a node that must change with the widths. */
import type { Dim } from '../../ir/dim.js';
import type { Node } from '../../ir/model.js';

export interface ResizeContext {
  readonly node: Node;
  readonly opset: number;
  /** Known integers of an input, before. */
  content(index: number): readonly Dim[] | undefined;
  /** Lengths of the axes of a value, before and after. */
  before(value: string): readonly Dim[];
  after(value: string): readonly Dim[];
  /** Where the boundary in front of position `at` of an axis lies afterwards. Throws LAYOUT_UNSUPPORTED in mid-pattern. */
  boundary(value: string, axis: number, at: number): number;
  /** The length afterwards of an axis that the node's structure rule made under this name, `before` until then. */
  factor(name: string, before: number): number;
}

/** Integers to put in place of an operand; undefined where the element stays what the model computes there. */
export type Patch = readonly (number | undefined)[];

/** What to put in place of an operand or an attribute; an operand may be one that was left out. */
export interface Rewrite {
  readonly inputs?: ReadonlyMap<number, Patch>;
  readonly ints?: ReadonlyMap<string, readonly number[]>;
  readonly int?: ReadonlyMap<string, number>;
  readonly float?: ReadonlyMap<string, number>;
  /** Attributes that the new operand replaces. */
  readonly drop?: readonly string[];
}

/** Answers undefined where nothing has to change. Throws LAYOUT_UNSUPPORTED where it cannot be changed. */
export type ResizeRule = (context: ResizeContext) => Rewrite | undefined;
