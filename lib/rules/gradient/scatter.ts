/** Adding up what was picked by index, where an index may stand more than once: the backward passes of all kinds of Gather. */
import { int, text } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { FLOAT } from '../../ir/dtype.js';
import type { Emitter, GradientContext } from './rule.js';
import {
  add,
  inverse,
  joined,
  lengthOf,
  mul,
  numbersIn,
  reduceSum,
  squeeze,
  transpose,
  unsqueeze,
  zerosLike,
} from './support.js';

/** Since this opset ScatterND and ScatterElements add. */
const ADDS_SINCE = 16;

/** Indices counted from the front, for an axis whose length is the operand `length`. */
export const fromFront = (e: Emitter, indices: string, length: string): string =>
  e.emit('Where', [e.emit('Less', [indices, e.int64s([0], [])]), add(e, indices, length), indices]);

/**
 * Rows added up: `rows` [m, w] go to the rows of a [count, w] that `indices` [m] (from the front) name. Before opset 16 by a
 * product with a matrix of ones and zeros, which is slow where there are many rows. `count` is an operand of one element.
 */
export function addRows(e: Emitter, rows: string, indices: string, count: string): string {
  if (e.opset < ADDS_SINCE) return e.emit('Gemm', [hot(e, indices, count, rows), rows], int('transA', 1));
  const zeros = e.emit('Expand', [e.reals([0], [], rows), joined(e, [count, lengthOf(e, rows, 1)])]);
  return e.emit('ScatterND', [zeros, unsqueeze(e, indices, [1]), rows], text('reduction', 'add'));
}

/** 1 where the index is the position along a new last axis. */
function hot(e: Emitter, indices: string, count: string, like: string): string {
  const positions = e.emit('Range', [e.int64s([0], []), squeeze(e, count, [0]), e.int64s([1], [])]);
  const isIt = e.emit('Equal', [unsqueeze(e, indices, [-1]), positions]);
  return e.emit('Cast', [isIt], int('to', e.dtype(like) ?? FLOAT));
}

/** Elements added up along `axis` in the shape of `like`: ScatterElements, and before opset 16 a sum over ones and zeros. */
export function addElements(
  context: GradientContext,
  updates: string,
  indices: string,
  like: string,
  axis: number,
): string {
  if (context.opset >= ADDS_SINCE)
    return context.emit(
      'ScatterElements',
      [zerosLike(context, like), indices, updates],
      int('axis', axis),
      text('reduction', 'add'),
    );
  const [from, into] = [context.shape(indices), context.shape(like)];
  const length = into[axis];
  const shorter = from.some((dim, at) => at !== axis && (isSymbolic(dim) || dim !== into[at]));
  if (typeof length !== 'number' || shorter)
    return context.refuse('before opset 16 only indices as long as the data, of known lengths, are added up');
  const count = context.int64s([length]);
  const all = hot(context, fromFront(context, indices, count), count, updates);
  const sums = reduceSum(context, mul(context, all, unsqueeze(context, updates, [-1])), [axis], false);
  const others = [...from.keys()].slice(0, -1);
  return transpose(context, sums, [...others.slice(0, axis), from.length - 1, ...others.slice(axis)]);
}

/**
 * What was picked along an axis, put back: position i of `g` on that axis is added to position `positions[i]` (int64 [m], from the
 * front) of an axis of length `count` (an operand of one element). Where all is known and no position stands twice, zeros are put
 * between instead.
 */
export function addAlong(e: Emitter, g: string, positions: string, axis: number, count: string): string {
  const [known, [length] = []] = [numbersIn(e, positions), numbersIn(e, count)];
  if (known && length !== undefined && new Set(known).size === known.length) return spread(e, g, known, axis, length);
  const rank = e.shape(g).length;
  const order = [axis, ...[...Array(rank).keys()].filter((at) => at !== axis)];
  const turned = transpose(e, g, order);
  const sums = addRows(e, rank === 1 ? unsqueeze(e, g, [1]) : e.emit('Flatten', [turned]), positions, count);
  const lengths = order.slice(1).map((at) => lengthOf(e, g, at));
  return transpose(e, e.emit('Reshape', [sums, joined(e, [count, ...lengths])]), inverse(order));
}

function spread(e: Emitter, g: string, positions: readonly number[], axis: number, length: number): string {
  const [first = 0] = positions;
  const rank = e.shape(g).length;
  if (positions.every((position, i) => position === first + i))
    return padded(e, g, new Map([[axis, { before: first, after: length - first - positions.length }]]), rank);
  return placed(e, g, e.int64s(Array.from({ length }, (_, at) => positions.indexOf(at))), axis);
}

/** Zeros around a value, on some of its axes. */
export interface Margin {
  readonly before: number;
  readonly after: number;
}

/** A value with zeros around it. */
export function padded(e: Emitter, x: string, margins: ReadonlyMap<number, Margin>, rank: number): string {
  if ([...margins.values()].every(({ before, after }) => before === 0 && after === 0)) return x;
  const axes = [...Array(rank).keys()].map((axis) => margins.get(axis) ?? { before: 0, after: 0 });
  return e.emit('Pad', [x, e.int64s([...axes.map(({ before }) => before), ...axes.map(({ after }) => after)])]);
}

/** The rows of x along `axis` that `indices` (a vector) name, zeros where they say -1: a row of zeros behind the last one. */
export function placed(e: Emitter, x: string, indices: string, axis: number): string {
  const more = padded(e, x, new Map([[axis, { before: 0, after: 1 }]]), e.shape(x).length);
  return e.emit('Gather', [more, indices], int('axis', axis));
}
