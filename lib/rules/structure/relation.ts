/**
 * What a structure rule is given and what it answers: which axis positions of an operator's operands are the same neuron.
 * The rules only state relations; lib/analysis/neurons puts them together.
 */
import type { Dim, Shape } from '../../ir/dim.js';
import type { Node } from '../../ir/model.js';

/** One axis of one value. */
export interface AxisRef {
  readonly value: string;
  readonly axis: number;
}

/** Position `aStart + i` of axis a is the same neuron as position `bStart + i` of axis b, for `length` positions. */
export interface Same {
  readonly kind: 'same';
  readonly a: AxisRef;
  readonly b: AxisRef;
  readonly aStart?: number;
  readonly bStart?: number;
  /** All positions where it is left out. */
  readonly length?: number;
}

/** Positions that no transform may remove: graph inputs, spatial axes, a softmax axis. */
export interface Fixed {
  readonly kind: 'fixed';
  readonly at: AxisRef;
  readonly why: string;
}

/** The positions of `whole` are the combinations of positions of `parts`, the last part running fastest. */
export interface Composite {
  readonly kind: 'composite';
  readonly whole: AxisRef;
  readonly parts: readonly AxisRef[];
}

/**
 * A linear layer: `weight` makes neurons on its axis `out` from neurons on its axis `in`.
 * `input` and `output` are the same axes on the activations. A product of matrices states one layer for each side: it is
 * one where that side is a constant, and mixes neurons where neither is. Importance counts a layer unless it is depthwise.
 * A product with a vector has one output and no axis for it: `out` is then -1.
 */
export interface Layer {
  readonly kind: 'layer';
  readonly family: 'conv' | 'linear';
  readonly weight: string;
  readonly out: number;
  readonly in: number;
  readonly input: AxisRef;
  readonly output: AxisRef;
  readonly depthwise?: boolean;
}

/** A vector that scales neurons one by one (the gamma of a normalisation); importance counts it. */
export interface Scale {
  readonly kind: 'scale';
  readonly at: AxisRef;
}

/** The neurons of an axis influence each other here (LayerNormalization, a mean over neurons): no exact concatenation. */
export interface Mixes {
  readonly kind: 'mixes';
  readonly at: AxisRef;
  readonly why: string;
}

/**
 * A table whose rows are looked up by number (an embedding): along its axis `out` it makes neurons, where it is a constant.
 * Nothing goes in, so it is no layer, and importance does not count it.
 */
export interface Lookup {
  readonly kind: 'lookup';
  readonly table: string;
  readonly out: number;
}

export type Relation = Same | Fixed | Composite | Layer | Lookup | Scale | Mixes;

/**
 * How an operator treats a mean of several members' values.
 * `all`: linear in all its inputs together (Add, Reshape), so it passes a mean on. `each`: linear in each input for itself
 * (Mul, MatMul), so one of them may be a mean. `first`: linear in its first input only (Div). `none`: not linear (Relu), the
 * mean gets lost.
 */
export type Linearity = 'all' | 'each' | 'first' | 'none';

export interface StructureRule {
  readonly linearity: Linearity;
  /** In place of `linearity` where the attributes of a node tell. */
  readonly linearityBy?: (node: Node) => Linearity;
  /** Inputs that are added to the result (a bias): constants there may be averaged with the members' shares. */
  readonly added: readonly number[];
  /** Whether all inputs broadcast against each other, so that one number may become one for each neuron. */
  readonly broadcasts?: boolean;
  /** Whether its first output may be left out (the states of an LSTM without its outputs). */
  readonly firstOptional?: boolean;
  /** Which of its axes are never neurons, and why: for people, in the matrix of operators. */
  readonly limits?: string;
  relate(context: StructureContext): readonly Relation[];
}

/** How this node treats a mean. */
export const linearityOf = (rule: StructureRule, node: Node): Linearity => rule.linearityBy?.(node) ?? rule.linearity;

export interface StructureContext {
  readonly node: Node;
  readonly opset: number;
  /** Shape of a value; every input and output that is present has one. */
  shape(value: string): Shape;
  /** Known integer elements of an input. */
  content(index: number): readonly Dim[] | undefined;
  /** Whether a value stands in the file. */
  isConstant(value: string): boolean;
  /** Whether anything reads the numbers of a value, and not its shape alone. */
  isRead(value: string): boolean;
  /** Known real numbers of an input: short constants only, such as the scales of a Resize. */
  reals(index: number): readonly number[] | undefined;
  /** An axis that exists in no tensor (the groups of a grouped Conv): a name for it and its length. */
  virtual(name: string, length: Dim): AxisRef;
}
