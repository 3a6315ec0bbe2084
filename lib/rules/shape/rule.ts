/** What a shape rule is given and what it answers. */
import type { Dim, Shape } from '../../ir/dim.js';
import type { Node } from '../../ir/model.js';
import type { Ramp } from './ramps.js';

/** What is known of a value before the model runs. */
export interface Facts {
  readonly dtype: number | undefined;
  readonly shape: Shape | undefined;
  /** The elements, row-major, where they are known integers or dimensions (shapes, axes, indices). */
  readonly content?: readonly Dim[] | undefined;
  /** The pattern of integers that count, where the elements themselves are open. */
  readonly ramp?: Ramp | undefined;
  /** The elements of a constant of a few real numbers (the scales of a Resize). */
  readonly reals?: readonly number[] | undefined;
}

export interface ShapeContext {
  readonly node: Node;
  /** Version of the node's operator domain. */
  readonly opset: number;
  /** Facts of input `index`; undefined where it is left out. */
  input(index: number): Facts | undefined;
}

/** Facts of the node's outputs, in order. Throws SHAPE_CONFLICT where the inputs contradict the operator. */
export type ShapeRule = (context: ShapeContext) => readonly Facts[];

/** Nothing is known. */
export const UNKNOWN: Facts = { dtype: undefined, shape: undefined };
