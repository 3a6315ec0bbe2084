/** Gradients of operators that pick or place by index: what was picked twice gets the sum. */
import { int } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { INT64 } from '../../ir/dtype.js';
import { intOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { addAlong, addElements, addRows, fromFront } from './scatter.js';
import {
  add,
  arriving,
  axisIn,
  countAlong,
  expandLike,
  joined,
  lengthOf,
  mul,
  numbersIn,
  reshapeLike,
  scalar,
  unsqueeze,
  wanted,
  zerosLike,
} from './support.js';

/** Indices as int64. */
const indicesOf = (context: GradientContext, index = 1): string => {
  const name = context.input(index);
  return context.dtype(name) === INT64 ? name : context.emit('Cast', [name], int('to', INT64));
};

/** Indices from the front; as a constant where they are known. */
function positionsOf(context: GradientContext, indices: string, axis: number): string {
  const data = context.input(0);
  const [known, length] = [numbersIn(context, indices), context.shape(data)[axis] ?? 1];
  if (known?.every((index) => index >= 0)) return context.int64s(known);
  if (known && !isSymbolic(length)) return context.int64s(known.map((index) => (index < 0 ? index + length : index)));
  const flat = context.emit('Reshape', [indices, context.int64s([-1])]);
  return fromFront(context, flat, lengthOf(context, data, axis));
}

/** y [.. indices ..]: the axes of the indices stand where the picked one stood. */
const gather: GradientRule = (context) =>
  wanted(context, () => {
    const [data, indices] = [context.input(0), indicesOf(context)];
    const [shape, among] = [context.shape(data), context.shape(indices)];
    const axis = axisIn(context, 0, shape.length);
    return addAlong(
      context,
      asOneAxis(context, arriving(context), axis, among.length),
      positionsOf(context, indices, axis),
      axis,
      lengthOf(context, data, axis),
    );
  });

/** `count` axes from `axis` on as one. */
function asOneAxis(context: GradientContext, g: string, axis: number, count: number): string {
  if (count === 1) return g;
  if (count === 0) return unsqueeze(context, g, [axis]);
  const lengths = context.shape(g).map((_, at) => lengthOf(context, g, at));
  const target = [...lengths.slice(0, axis), context.int64s([-1]), ...lengths.slice(axis + count)];
  return context.emit('Reshape', [g, joined(context, target)]);
}

const gatherElements: GradientRule = (context) =>
  wanted(context, () => {
    const axis = axisIn(context, 0, context.shape(context.input(0)).length);
    return addElements(context, arriving(context), context.input(1), context.input(0), axis);
  });

/** Each index names a row of the data whose leading axes are one: b batch axes and as many as the index has numbers. */
const gatherND: GradientRule = (context) =>
  wanted(context, () => {
    const [data, indices] = [context.input(0), indicesOf(context)];
    const coordinates = context.shape(indices).at(-1);
    if (typeof coordinates !== 'number') return context.refuse('how many axes its indices name is not known');
    const leading = intOf(context.node, 'batch_dims', 0) + coordinates;
    const rowOf = context.emit('Reshape', [rowNumbers(context, indices, coordinates), context.int64s([-1])]);
    const behind = context
      .shape(data)
      .slice(leading)
      .map((_, at) => lengthOf(context, data, leading + at));
    const width = product(context, behind);
    const updates = context.emit('Reshape', [arriving(context), joined(context, [context.int64s([-1]), width])]);
    const front = context
      .shape(data)
      .slice(0, leading)
      .map((_, at) => lengthOf(context, data, at));
    return reshapeLike(context, addRows(context, updates, rowOf, product(context, front)), data);
  });

/** The product of operands of one element; 1 for none. */
function product(context: GradientContext, factors: readonly string[]): string {
  const known = factors.map((factor) => numbersIn(context, factor)?.[0]);
  if (known.every((factor) => factor !== undefined))
    return context.int64s([known.reduce<number>((a, b) => a * (b as number), 1)]);
  return factors.reduce((a, b) => mul(context, a, b));
}

/** The number of the row that each index names, in the shape of the indices without their last axis. */
function rowNumbers(context: GradientContext, indices: string, coordinates: number): string {
  const data = context.input(0);
  const batch = intOf(context.node, 'batch_dims', 0);
  const rank = context.shape(indices).length - 1;
  const along = Array.from({ length: batch + coordinates }, (_, axis): string => {
    if (axis < batch) {
      const behind = Array.from({ length: rank - 1 - axis }, (_each, at) => at + 1);
      return unsqueeze(context, countAlong(context, data, axis), behind);
    }
    const picked = context.emit('Gather', [indices, context.int64s([axis - batch], [])], int('axis', -1));
    return fromFront(context, picked, lengthOf(context, data, axis));
  });
  const [first, ...others] = along;
  if (first === undefined) return context.refuse('its indices name no axis');
  return others.reduce(
    (sofar, numbers, at) => add(context, mul(context, sofar, lengthOf(context, data, at + 1)), numbers),
    first,
  );
}

/** ScatterElements, ScatterND: what is replaced has no gradient, what is added to passes it on. */
const scattered =
  (
    cleared: (context: GradientContext, g: string) => string,
    picked: (context: GradientContext, g: string) => string,
  ): GradientRule =>
  (context) => {
    const how = stringOf(context.node, 'reduction', 'none');
    if (how !== 'none' && how !== 'add') context.refuse(`no rule tells it for the reduction ${how}`);
    return wanted(
      context,
      () => (how === 'add' ? arriving(context) : cleared(context, arriving(context))),
      () => undefined,
      () => picked(context, arriving(context)),
    );
  };

const axisOfNode = ({ node }: GradientContext) => int('axis', intOf(node, 'axis', 0));

const scatterElements = scattered(
  (c, g) => c.emit('ScatterElements', [g, c.input(1), zerosLike(c, c.input(2))], axisOfNode(c)),
  (c, g) => c.emit('GatherElements', [g, c.input(1)], axisOfNode(c)),
);

const scatterND = scattered(
  (c, g) => c.emit('ScatterND', [g, c.input(1), expandLike(c, scalar(c, 0, g), c.input(2))]),
  (c, g) => c.emit('GatherND', [g, c.input(1)]),
);

/** The values go back to where they stood. */
const topK: GradientRule = (context) =>
  wanted(context, () => {
    const axis = int('axis', intOf(context.node, 'axis', -1));
    const zeros = zerosLike(context, context.input(0));
    return context.emit('ScatterElements', [zeros, context.output(1), arriving(context)], axis);
  });

export const pickingGradients: readonly Row<GradientRule>[] = [
  ...rows(['Gather'], gather),
  ...rows(['GatherElements'], gatherElements, 11),
  ...rows(['GatherND'], gatherND, 11),
  ...rows(['ScatterElements'], scatterElements, 11),
  ...rows(['ScatterND'], scatterND, 11),
  ...rows(['TopK'], topK, 10),
];
