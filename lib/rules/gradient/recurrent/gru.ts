/**
 * The backward pass of GRU. Gates z, r = sigmoid of w x + s h + b, where s are the recurrent weights; h' = (1 - z) n + z h, with
 * n = tanh(w x + s (r h) + b), or where `linear_before_reset`, as PyTorch has it, n = tanh(w x + b + r (s h + c)).
 */
import { int } from '../../../ir/attributes.js';
import { flagOf } from '../../../ir/nodes.js';
import type { Emitter } from '../rule.js';
import { scan } from '../scan.js';
import { add, mul, scalar, sub } from '../support.js';
import { beside, type Cell, columns, type Direction, rowsOf, stepsOf, sums } from './cell.js';

/** Gates as rows [rows, hidden]. */
interface Gates {
  readonly z: string;
  readonly r: string;
  readonly n: string;
}

/** Slopes of h' by the sums of z and n. */
interface Slopes {
  readonly z: string;
  readonly n: string;
}

/** z (1 - z) (h - n) and (1 - z) (1 - n n). */
function slopesOf(e: Emitter, { z, n }: Gates, before: string): Slopes {
  const rest = sub(e, scalar(e, 1, z), z);
  return {
    z: mul(e, mul(e, z, rest), sub(e, before, n)),
    n: mul(e, rest, sub(e, scalar(e, 1, n), mul(e, n, n))),
  };
}

/** The slope of a sigmoid where it gives s. */
const sigmoidSlope = (e: Emitter, s: string): string => sub(e, s, mul(e, s, s));

/** The gate r multiplies h, before its product with the weights. */
const resetBefore: Cell = (e, direction) => {
  const { hidden, x, w, biases, before, gradient, last, reverse } = direction;
  const widths = [2 * hidden, hidden];
  const [weights = '', weightsN = ''] = e.emitAll('Split', [direction.r, e.int64s(widths)], 2, int('axis', 0));
  const [sumZR = '', sumN = ''] = columns(e, sums(e, x, w, biases && add(e, ...biases)), widths);
  const zr = e.emit('Sigmoid', [sums(e, before, weights, sumZR)]);
  const [z = '', r = ''] = columns(e, zr, [hidden, hidden]);
  const reset = mul(e, r, before);
  const n = e.emit('Tanh', [sums(e, reset, weightsN, sumN)]);
  const slopes = slopesOf(e, { z, r, n }, before);
  const byR = mul(e, sigmoidSlope(e, r), before);
  const rows = [slopes.z, slopes.n, byR, z, r].map((each) => stepsOf(e, each, direction, hidden));
  const made = scan(e, { states: last, parts: [gradient, ...rows] }, !reverse, (given) => {
    const {
      states: [h = ''],
      parts: [more = '', kz = '', kn = '', kr = '', keep = '', through = ''],
    } = given;
    const g = add(e, more, h);
    const gn = mul(e, g, kn);
    const product = e.emit('MatMul', [gn, weightsN]);
    const gzr = beside(e, mul(e, g, kz), mul(e, product, kr));
    const direct = add(e, mul(e, g, keep), mul(e, product, through));
    return { states: [add(e, direct, e.emit('MatMul', [gzr, weights]))], parts: [gzr, gn] };
  });
  const [gzr = '', gn = ''] = made.parts.map((each, i) => rowsOf(e, each, widths[i] ?? 0));
  return {
    gates: beside(e, gzr, gn),
    recurrences: [
      { gates: gzr, factor: before },
      { gates: gn, factor: reset },
    ],
    first: made.states,
  };
};

/** The gate r multiplies the product of h and the weights. */
const resetBehind: Cell = (e, direction) => {
  const { hidden, x, w, biases, before, gradient, last, reverse } = direction;
  const [bias, recurrentBias] = biases ?? [];
  const widths = [2 * hidden, hidden];
  const [xZR = '', xN = ''] = columns(e, sums(e, x, w, bias), widths);
  const [hZR = '', hN = ''] = columns(e, sums(e, before, direction.r, recurrentBias), widths);
  const [z = '', r = ''] = columns(e, e.emit('Sigmoid', [add(e, xZR, hZR)]), [hidden, hidden]);
  const n = e.emit('Tanh', [add(e, xN, mul(e, r, hN))]);
  const slopes = slopesOf(e, { z, r, n }, before);
  const byR = mul(e, slopes.n, mul(e, sigmoidSlope(e, r), hN));
  const all = beside(e, slopes.z, byR, mul(e, slopes.n, r));
  const rows = [stepsOf(e, all, direction, 3 * hidden), stepsOf(e, z, direction, hidden)];
  const made = scan(e, { states: last, parts: [gradient, ...rows] }, !reverse, (given) => {
    const {
      states: [h = ''],
      parts: [more = '', k = '', keep = ''],
    } = given;
    const g = add(e, more, h);
    const sum = mul(e, beside(e, g, g, g), k);
    return { states: [add(e, mul(e, g, keep), e.emit('MatMul', [sum, direction.r]))], parts: [sum, g] };
  });
  const [recurrent = '', g = ''] = made.parts.map((each, i) => rowsOf(e, each, i === 0 ? 3 * hidden : hidden));
  const [zr = ''] = columns(e, recurrent, widths);
  const gates = beside(e, zr, mul(e, g, slopes.n));
  return { gates, recurrences: [{ gates: recurrent, factor: before }], first: made.states };
};

export const gru: Cell = (context, direction: Direction) =>
  flagOf(context.node, 'linear_before_reset') ? resetBehind(context, direction) : resetBefore(context, direction);
