/** What the gradients of LSTM, GRU and RNN share: one direction of a layer, and what a cell's backward pass answers. */
import { int } from '../../../ir/attributes.js';
import type { Emitter, GradientContext } from '../rule.js';
import { joined, lengthOf, unsqueeze } from '../support.js';

/**
 * One direction of a layer. A row is one sample at one step, so that what does not depend on the steps before is computed for all
 * of them at once; `rows` below is steps * batch.
 */
export interface Direction {
  readonly hidden: number;
  /** The activation functions of the cell, in lower case. */
  readonly activations: readonly string[];
  /** Goes from the last step to the first. */
  readonly reverse: boolean;
  /** What comes in, [rows, inputs]. */
  readonly x: string;
  /** [gates * hidden, inputs]. */
  readonly w: string;
  /** [gates * hidden, hidden]. */
  readonly r: string;
  /** Of the products with w and with r, [gates * hidden] each; undefined where there are none. */
  readonly biases: readonly [string, string] | undefined;
  /** States before the first step, [batch, hidden]: the hidden one, and of an LSTM the cell's. */
  readonly first: readonly string[];
  /** The hidden state behind each step, [steps, batch, hidden]. */
  readonly y: string;
  /** The hidden state in front of each step, [rows, hidden]. */
  readonly before: string;
  /** The loss's gradient by y, [steps, batch, hidden]. */
  readonly gradient: string;
  /** The loss's gradients by the states behind the last step, [batch, hidden]. */
  readonly last: readonly string[];
}

/** Gates that multiplied the same with their recurrent weights. */
export interface Recurrence {
  /** By the sums of those gates, [rows, gates * hidden]. */
  readonly gates: string;
  /** What the weights multiplied, [rows, hidden]. */
  readonly factor: string;
}

/** The backward pass of one direction. */
export interface CellGradients {
  /** By the sums of all gates as far as x goes into them, [rows, gates * hidden]. */
  readonly gates: string;
  /** The same as far as the hidden state goes into them, in the order of the gates. */
  readonly recurrences: readonly Recurrence[];
  /** By the states before the first step. */
  readonly first: readonly string[];
}

/** Adds the backward pass of one direction. */
export type Cell = (context: GradientContext, direction: Direction) => CellGradients;

/** [steps, batch, width] as rows. */
export const rowsOf = (e: Emitter, x: string, width: number): string => e.emit('Reshape', [x, e.int64s([-1, width])]);

/** Rows as [steps, batch, width]. */
export const stepsOf = (e: Emitter, rows: string, { y }: Pick<Direction, 'y'>, width: number): string =>
  e.emit('Reshape', [rows, joined(e, [lengthOf(e, y, 0), lengthOf(e, y, 1), e.int64s([width])])]);

/** a b' + c for rows a, weights b and a bias or other rows c. */
export const sums = (e: Emitter, a: string, b: string, c?: string): string =>
  e.emit('Gemm', c === undefined ? [a, b] : [a, b, c], int('transB', 1));

/** Columns of rows, cut into stretches of these widths. */
export const columns = (e: Emitter, rows: string, widths: readonly number[]): readonly string[] =>
  e.emitAll('Split', [rows, e.int64s(widths)], widths.length, int('axis', -1));

/** Values side by side. */
export const beside = (e: Emitter, ...parts: readonly string[]): string => e.emit('Concat', parts, int('axis', -1));

/** From the states behind all steps [steps, batch, hidden] and the first one those in front of them, as rows. */
export function statesBefore(e: Emitter, states: string, first: string, hidden: number, reverse: boolean): string {
  const bounds = reverse ? [[1], [Number.MAX_SAFE_INTEGER]] : [[0], [-1]];
  const others = e.emit('Slice', [states, ...bounds.map((bound) => e.int64s(bound)), e.int64s([0])]);
  const start = unsqueeze(e, first, [0]);
  return rowsOf(e, e.emit('Concat', reverse ? [others, start] : [start, others], int('axis', 0)), hidden);
}
