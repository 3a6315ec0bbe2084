/** What a gradient rule is given and what it answers: the nodes of one operator's backward pass, in standard operators. */
import type { NamedAttribute } from '../../ir/attributes.js';
import type { Dim, Shape } from '../../ir/dim.js';
import type { Graph, Node, Value } from '../../ir/model.js';

/** A value without its name. */
export type Typed = Pick<Value, 'dtype' | 'shape'>;

/** Adds nodes and constants to a graph, and knows the facts of every value in it, new ones included. */
export interface Emitter {
  /** Version of ONNX's own operators; 13 or newer. */
  readonly opset: number;
  /** A node with one output; its name. */
  emit(opType: string, inputs: readonly string[], ...attributes: readonly NamedAttribute[]): string;
  /** A node with `count` outputs; their names. */
  emitAll(
    opType: string,
    inputs: readonly string[],
    count: number,
    ...attributes: readonly NamedAttribute[]
  ): readonly string[];
  /**
   * A graph for an attribute, such as the body of a Scan: `make` is given the names of its inputs, adds nodes, and answers its
   * outputs, each of them made by such a node and none named twice. The nodes may use what is around them.
   */
  body(inputs: readonly Typed[], make: (inputs: readonly string[]) => readonly string[]): Graph;
  /** An int64 constant, a vector unless told. */
  int64s(values: readonly number[], dims?: readonly number[]): string;
  /** A real constant of the type of the value `like`. */
  reals(values: readonly number[], dims: readonly number[], like: string): string;
  /** The lengths of a value. Throws GRADIENT_MISSING where they are not known. */
  shape(value: string): Shape;
  dtype(value: string): number | undefined;
  /** Known integer elements of a value. */
  content(value: string): readonly Dim[] | undefined;
  /** Known elements of a short vector of real numbers, such as the scales of a Resize. */
  realContent(value: string): readonly number[] | undefined;
  /** Whether a value stands in the file. */
  isConstant(value: string): boolean;
}

export interface GradientContext extends Emitter {
  readonly node: Node;
  /** The name of input `index`, '' where it is left out. */
  input(index: number): string;
  /** The name of output `index`, '' where it is left out. */
  output(index: number): string;
  /** The loss's gradient by output `index`; undefined where the loss does not see that output. */
  gradient(index: number): string | undefined;
  /** Whether a gradient by input `index` is wanted: a parameter stands behind it. */
  wants(index: number): boolean;
  /** Says why this node has none: throws GRADIENT_MISSING with the node. */
  refuse(why: string): never;
}

/**
 * Answers the loss's gradient by each input, in order; undefined where there is none (integers, shapes) or none is wanted. A
 * gradient may have the shape to which its input was broadcast: the walker sums it up.
 */
export type GradientRule = (context: GradientContext) => readonly (string | undefined)[];
