/** The backward pass of RNN: h' = f(w x + r h + b), with f tanh or relu. */
import type { Emitter } from '../rule.js';
import { scan } from '../scan.js';
import { add, mask, mul, scalar, sub } from '../support.js';
import { type Cell, rowsOf } from './cell.js';

/** The slope of f where it gives y. */
const slope = (e: Emitter, y: string, f: string | undefined): string =>
  f === 'relu' ? mask(e, e.emit('Greater', [y, scalar(e, 0, y)]), y) : sub(e, scalar(e, 1, y), mul(e, y, y));

export const rnn: Cell = (e, { hidden, activations, y, r, before, gradient, last, reverse }) => {
  const parts = [gradient, slope(e, y, activations[0])];
  const made = scan(e, { states: last, parts }, !reverse, ({ states: [h = ''], parts: [g = '', k = ''] }) => {
    const sum = mul(e, add(e, g, h), k);
    return { states: [e.emit('MatMul', [sum, r])], parts: [sum] };
  });
  const [sums = ''] = made.parts;
  const gates = rowsOf(e, sums, hidden);
  return { gates, recurrences: [{ gates, factor: before }], first: made.states };
};
