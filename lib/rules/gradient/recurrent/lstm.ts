/**
 * The backward pass of LSTM. Gates i, o, f = sigmoid, g = tanh of w x + r h + b; c' = f c + i g; h' = o tanh(c'). Gates are computed
 * again from the hidden states for all steps at once; only the cell's states need a walk of their own.
 */
import type { Emitter } from '../rule.js';
import { scan } from '../scan.js';
import { add, mul, sub } from '../support.js';
import { beside, type Cell, columns, type Direction, rowsOf, statesBefore, stepsOf, sums } from './cell.js';

/** What an LSTM does not tell, [rows, hidden] each. */
interface Inner {
  /** i, o and f side by side. */
  readonly sigmoids: string;
  readonly i: string;
  readonly o: string;
  readonly f: string;
  readonly g: string;
  /** i g. */
  readonly entered: string;
}

function innerOf(e: Emitter, { x, w, r, biases, before, hidden }: Direction): Inner {
  const bias = biases && add(e, ...biases);
  const all = sums(e, before, r, sums(e, x, w, bias));
  const [gates = '', cell = ''] = columns(e, all, [3 * hidden, hidden]);
  const sigmoids = e.emit('Sigmoid', [gates]);
  const [i = '', o = '', f = ''] = columns(e, sigmoids, [hidden, hidden, hidden]);
  const g = e.emit('Tanh', [cell]);
  return { sigmoids, i, o, f, g, entered: mul(e, i, g) };
}

/** The cell's state behind each step, [steps, batch, hidden]. */
function cellStates(e: Emitter, { f, entered }: Inner, direction: Direction): string {
  const { hidden, first, reverse } = direction;
  const parts = [f, entered].map((rows) => stepsOf(e, rows, direction, hidden));
  const walked = scan(
    e,
    { states: first.slice(1), parts },
    reverse,
    ({ states: [c = ''], parts: [keep = '', more = ''] }) => {
      const next = add(e, mul(e, c, keep), more);
      return { states: [next], parts: [e.emit('Identity', [next])] };
    },
  );
  return walked.parts[0] ?? '';
}

export const lstm: Cell = (e, direction) => {
  const { hidden, y, r, before, gradient, last, first, reverse } = direction;
  const inner = innerOf(e, direction);
  const { sigmoids, i, o, f, g, entered } = inner;
  const cells = cellStates(e, inner, direction);
  const cellsBefore = statesBefore(e, cells, first[1] ?? '', hidden, reverse);
  const tanh = rowsOf(e, e.emit('Tanh', [cells]), hidden);
  // Slopes of c', h', c' and c' by the sums of the gates i, o, f and g, in turn.
  const bySigmoids = mul(e, sub(e, sigmoids, mul(e, sigmoids, sigmoids)), beside(e, g, tanh, cellsBefore));
  const slopes = beside(e, bySigmoids, sub(e, i, mul(e, entered, g)));
  // The slope of h' by c': o - h' tanh(c').
  const byCell = sub(e, o, mul(e, rowsOf(e, y, hidden), tanh));
  const parts = [
    gradient,
    stepsOf(e, slopes, direction, 4 * hidden),
    ...[byCell, f].map((rows) => stepsOf(e, rows, direction, hidden)),
  ];
  const made = scan(e, { states: last, parts }, !reverse, (given) => {
    const {
      states: [h = '', c = ''],
      parts: [more = '', k = '', through = '', keep = ''],
    } = given;
    const byH = add(e, more, h);
    const byC = add(e, c, mul(e, byH, through));
    const sum = mul(e, beside(e, byC, byH, byC, byC), k);
    return { states: [e.emit('MatMul', [sum, r]), mul(e, byC, keep)], parts: [sum] };
  });
  const gates = rowsOf(e, made.parts[0] ?? '', 4 * hidden);
  return { gates, recurrences: [{ gates, factor: before }], first: made.states };
};
