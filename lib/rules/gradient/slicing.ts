/** Gradients of Slice and Pad: each undoes the other, as far as that goes. */
import { text } from '../../ir/attributes.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { stringOf } from '../../ir/nodes.js';
import { type SliceRange, slicePositions, sliceRanges } from '../shape/moving.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { addAlong, type Margin, padded, placed } from './scatter.js';
import { arriving, countAlong, lengthOf, neg, numbersIn, operandsOf, wanted } from './support.js';

/** From here on an end means: to the end. */
const OPEN_END = 2 ** 31 - 1;

/** What a range of step 1 leaves out before and behind; undefined where that is known only when the model runs. */
function marginOf(length: Dim, range: SliceRange): Margin | undefined {
  const { start, end, step } = range;
  if (step !== 1 || isSymbolic(start)) return undefined;
  const positions = slicePositions(length, range);
  if (positions && !isSymbolic(length)) {
    const [first = 0] = positions;
    return { before: first, after: length - first - positions.length };
  }
  if (start < 0) return undefined;
  if (isSymbolic(end)) return sameDim(end, length) ? { before: start, after: 0 } : undefined;
  if (end >= OPEN_END) return { before: start, after: 0 };
  return end < 0 ? { before: start, after: -end } : undefined;
}

/** Zeros around what was cut out, and between what was picked in steps. */
const slice: GradientRule = (context) =>
  wanted(context, () => {
    const shape = context.shape(context.input(0));
    const ranges = sliceRanges(operandsOf(context), shape.length);
    const named = ranges ?? openRanges(context, shape.length);
    const margins = named.map((range) => marginOf(shape[range.axis] ?? 1, range));
    const stepped = named.flatMap((range, at) => (margins[at] ? [] : [{ range, at }]));
    const g = stepped.reduce((sofar, { range, at }) => spreadAlong(context, sofar, range, at), arriving(context));
    const around = new Map(
      named.flatMap(({ axis }, at): readonly (readonly [number, Margin])[] => {
        const margin = margins[at];
        return margin ? [[axis, margin]] : [];
      }),
    );
    return padded(context, g, around, shape.length);
  });

/** Bounds that the model computes: they count as open here. */
function openRanges(context: GradientContext, rank: number): readonly SliceRange[] {
  const count = context.shape(context.input(1))[0];
  if (typeof count !== 'number') return context.refuse('how many axes it cuts is not known');
  const axes = context.input(3) === '' ? [...Array(count).keys()] : numbersIn(context, context.input(3));
  const steps = context.input(4) === '' ? Array<number>(count).fill(1) : numbersIn(context, context.input(4));
  if (!axes || !steps) return context.refuse('its axes and steps are known only when the model runs');
  const bound: Dim = { coefficient: 1, symbols: ['?'] };
  return axes.map((axis, at) => ({
    axis: axis < 0 ? axis + rank : axis,
    start: bound,
    end: bound,
    step: steps[at] ?? 1,
  }));
}

/** Along one axis: each position of x reads the one that was picked from it, or zeros. */
function spreadAlong(context: GradientContext, g: string, range: SliceRange, at: number): string {
  const [x, { axis, step }] = [context.input(0), range];
  const length = context.shape(x)[axis] ?? 1;
  const positions = slicePositions(length, range);
  if (positions && !isSymbolic(length))
    return addAlong(context, g, context.int64s(positions), axis, context.int64s([length]));
  const bound = (index: number) =>
    context.emit('Slice', [context.input(index), context.int64s([at]), context.int64s([at + 1])]);
  const all = countAlong(context, x, axis);
  const picked = context.emit('Slice', [all, bound(1), bound(2), context.int64s([0]), context.int64s([step])]);
  const none = context.emit('Expand', [context.int64s([-1]), lengthOf(context, x, axis)]);
  const from = context.emit('ScatterElements', [none, picked, countAlong(context, picked, 0)]);
  return placed(context, g, from, axis);
}

/** The axes that are padded: all, or since opset 18 those that an operand names. */
function paddedAxes(context: GradientContext, rank: number): readonly number[] {
  if (context.input(3) === '') return [...Array(rank).keys()];
  const axes = numbersIn(context, context.input(3));
  return axes?.map((axis) => (axis < 0 ? axis + rank : axis)) ?? context.refuse('its axes are not known');
}

/** Without the margins. What was cut off by negative ones comes back as zeros. */
function withoutMargins(context: GradientContext, g: string, pads: string): string {
  const rank = context.shape(context.input(0)).length;
  const [known, axes] = [numbersIn(context, pads), paddedAxes(context, rank)];
  if (!known || known.some((width) => width < 0)) {
    const back = known ? context.int64s(known.map((width) => -width)) : neg(context, pads);
    const named = context.input(3);
    return context.emit('Pad', named === '' ? [g, back] : [g, back, '', named]);
  }
  const cut = axes.flatMap((axis, at): readonly (readonly [number, number, number])[] => {
    const [before, after] = [known[at] ?? 0, known[at + axes.length] ?? 0];
    return before === 0 && after === 0 ? [] : [[axis, before, after === 0 ? OPEN_END : -after]];
  });
  if (cut.length === 0) return g;
  const operands = [cut.map(([, start]) => start), cut.map(([, , end]) => end), cut.map(([axis]) => axis)];
  return context.emit('Slice', [g, ...operands.map((list) => context.int64s(list))]);
}

/** Where the margins repeat what is inside (reflect, edge, wrap): numbers padded alike tell what they are copies of. */
function copiesAdded(context: GradientContext, g: string, pads: string, mode: string): string {
  const [x, known] = [context.input(0), numbersIn(context, pads)];
  if (!known) return context.refuse('its margins are known only when the model runs');
  const axes = paddedAxes(context, context.shape(x).length);
  return axes.reduce((sofar, axis, at) => {
    const margin = [known[at] ?? 0, known[at + axes.length] ?? 0];
    if (margin.every((width) => width === 0)) return sofar;
    const sources = context.emit('Pad', [countAlong(context, x, axis), context.int64s(margin)], text('mode', mode));
    return addAlong(context, sofar, sources, axis, lengthOf(context, x, axis));
  }, g);
}

const pad: GradientRule = (context) =>
  wanted(context, () => {
    const [g, mode] = [arriving(context), stringOf(context.node, 'mode', 'constant')];
    return mode === 'constant'
      ? withoutMargins(context, g, context.input(1))
      : copiesAdded(context, g, context.input(1), mode);
  });

export const slicingGradients: readonly Row<GradientRule>[] = [
  ...rows(['Slice'], slice, 10),
  ...rows(['Pad'], pad, 11),
];
