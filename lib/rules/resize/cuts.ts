/** Operands and attributes that say where an axis is cut: of Split, Slice, Gather. */
import { layoutUnsupported } from '../../errors.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf, nodeText } from '../../ir/nodes.js';
import { type SliceRange, slicePositions, sliceRanges } from '../shape/moving.js';
import { type Row, rows } from '../table.js';
import type { ResizeContext, ResizeRule } from './rule.js';
import { changed, inputName, numbersAt, outputName } from './support.js';

/** Explicit sizes of a Split along the neurons. */
const split: ResizeRule = (context) => {
  const { node } = context;
  const outputs = node.outputs.filter((name) => name !== '');
  if (!outputs.some((name) => changed(context, name))) return undefined;
  const rank = context.before(outputs[0] as string).length;
  const axis = (intOf(node, 'axis', 0) + rank) % rank;
  const sizes = outputs.map((name) => context.after(name)[axis] as Dim);
  if (sizes.some(isSymbolic)) return undefined;
  const [operand, attribute] = [inputName(context, 1) !== '', intsOf(node, 'split') !== undefined];
  // Without sizes it splits evenly.
  if (!operand && !attribute && new Set(sizes).size === 1) return undefined;
  if (context.opset < 13) return { ints: new Map([['split', sizes as number[]]]) };
  return { inputs: new Map([[1, sizes as number[]]]), drop: ['num_outputs'] };
};

const pinned = (context: ResizeContext) =>
  layoutUnsupported(nodeText(context.node), 'picks neurons by their number in a way that does not go with a new width');

/** Where the picked positions of axis `axis` lie afterwards; undefined where nothing changes. Throws LAYOUT_UNSUPPORTED. */
function movedPicks(context: ResizeContext, axis: number, picks: readonly number[]): readonly number[] | undefined {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const [before, after] = [context.before(x)[axis] as Dim, context.after(x)[axis] as Dim];
  if (isSymbolic(before) || isSymbolic(after)) throw pinned(context);
  const places = picks.map((pick) => (pick < 0 ? pick + before : pick));
  const moved = context.picked({ value: x, axis }, { value: y, axis }, places, before);
  if (!moved) throw pinned(context);
  const same = before === after && moved.length === places.length && moved.every((place, k) => place === places[k]);
  return same ? undefined : moved;
}

/** Indices along neurons, at their new places. */
const gather: ResizeRule = (context) => {
  const x = inputName(context, 0);
  const rank = context.before(x).length;
  const axis = (intOf(context.node, 'axis', 0) + rank) % rank;
  const picks = numbersAt(context, 1);
  const unchanged = sameDim(context.before(x)[axis] as Dim, context.after(x)[axis] as Dim);
  if (!picks || context.before(inputName(context, 1)).length !== 1) {
    if (unchanged) return undefined;
    throw pinned(context);
  }
  const moved = movedPicks(context, axis, picks);
  return moved && { inputs: new Map([[1, moved]]) };
};

/** The stretch [start, end) of an axis that a Slice takes, at its new place; undefined where it stays. */
function movedRange(context: ResizeContext, range: SliceRange): readonly [number, number] | undefined {
  const x = inputName(context, 0);
  const [before, after] = [context.before(x)[range.axis] as Dim, context.after(x)[range.axis] as Dim];
  if (isSymbolic(after) || before === after) return undefined;
  const picks = slicePositions(before, range);
  if (!picks || (picks.length === before && slicePositions(after, range)?.length === after)) return undefined;
  const [first = 0, count] = [picks[0], picks.length];
  return [context.boundary(x, range.axis, first), context.boundary(x, range.axis, first + count)];
}

/** JavaScript's integers end before INT64_MAX, which stands for an open end. */
const clamped = (bound: number): number => Math.min(Math.max(bound, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** Bounds between neurons move with them; every second neuron, say, is picked by its number. */
const slice: ResizeRule = (context) => {
  const { node, opset } = context;
  const input = (index: number) => ({ dtype: undefined, shape: undefined, content: context.content(index) });
  const ranges = sliceRanges({ node, opset, input }, context.before(inputName(context, 0)).length) ?? [];
  const stepping = ranges.find((range) => range.step !== 1);
  if (stepping && changed(context, inputName(context, 0))) return stepped(context, ranges, stepping);
  const moved = ranges.map((range) => movedRange(context, range));
  if (moved.every((range) => range === undefined)) return undefined;
  const bound = (dim: Dim) => (isSymbolic(dim) ? undefined : clamped(dim));
  const starts = ranges.map(({ start }, i) => moved[i]?.[0] ?? bound(start));
  const ends = ranges.map(({ end }, i) => moved[i]?.[1] ?? bound(end));
  return {
    ...(node.inputs.length > 1
      ? { inputs: new Map([[1, starts] as const, [2, ends] as const]) }
      : { ints: new Map([['starts', numbersIn(starts)] as const, ['ends', numbersIn(ends)] as const]) }),
  };
};

const numbersIn = (values: readonly (number | undefined)[]) => values.filter((value) => value !== undefined);

/** A Slice with a step along one axis becomes a Gather where that axis changes. */
function stepped(context: ResizeContext, ranges: readonly SliceRange[], range: SliceRange) {
  const length = context.before(inputName(context, 0))[range.axis] as Dim;
  const picks = slicePositions(length, range);
  if (!picks || ranges.length > 1) throw pinned(context);
  const indices = movedPicks(context, range.axis, picks);
  return indices && { gather: { axis: range.axis, indices } };
}

export const cutResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(['Gather'], gather),
];
