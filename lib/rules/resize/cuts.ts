/** Operands and attributes that say where an axis is cut: of Split, Slice, Gather, Pad. */
import { layoutUnsupported } from '../../errors.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf, nodeText } from '../../ir/nodes.js';
import { type SliceRange, slicePositions, sliceRanges } from '../shape/moving.js';
import { type Row, rows } from '../table.js';
import type { ResizeContext, ResizeRule } from './rule.js';
import { changed, inputName, numbersAt, operandOr, outputName } from './support.js';

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
    // The first or last place is there at any width; where somebody read what lies there the axis would be fixed.
    const isEnd = picks?.length === 1 && (picks[0] === 0 || picks[0] === -1);
    if (unchanged || isEnd) return undefined;
    throw pinned(context);
  }
  const moved = movedPicks(context, axis, picks);
  return moved && { inputs: new Map([[1, moved]]) };
};

/** The stretch [start, end) of an axis that a Slice takes, at its new place; undefined where it stays. */
function movedRange(context: ResizeContext, range: SliceRange): readonly [number, number] | undefined {
  const x = inputName(context, 0);
  const [before, after] = [context.before(x)[range.axis] as Dim, context.after(x)[range.axis] as Dim];
  const picks = slicePositions(before, range);
  if (!picks || (picks.length === before && slicePositions(after, range)?.length === after)) return undefined;
  const [first = 0, end] = [picks[0], (picks[0] ?? 0) + picks.length];
  const moved = [context.boundary(x, range.axis, first), context.boundary(x, range.axis, end)] as const;
  return before === after && moved[0] === first && moved[1] === end ? undefined : moved;
}

/** JavaScript's integers end before INT64_MAX, which stands for an open end. */
const clamped = (bound: number): number => Math.min(Math.max(bound, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
const boundOf = (dim: Dim): number | undefined => (isSymbolic(dim) ? undefined : clamped(dim));

/** Bounds between neurons move with them; every second neuron, say, is picked by its number. */
const slice: ResizeRule = (context) => {
  const { node, opset } = context;
  const input = (index: number) => ({ dtype: undefined, shape: undefined, content: context.content(index) });
  const ranges = sliceRanges({ node, opset, input }, context.before(inputName(context, 0)).length) ?? [];
  const gathers = ranges.flatMap((range) => steppedPicks(context, range) ?? []);
  const rest = ranges.filter(({ axis }) => !gathers.some((gather) => gather.axis === axis));
  const moved = rest.map((range) => (range.step === 1 ? movedRange(context, range) : undefined));
  if (gathers.length === 0 && moved.every((range) => range === undefined)) return undefined;
  const starts = rest.map(({ start }, i) => moved[i]?.[0] ?? boundOf(start));
  const ends = rest.map(({ end }, i) => moved[i]?.[1] ?? boundOf(end));
  if (node.inputs.length === 1) return { ints: new Map([entry('starts', starts), entry('ends', ends)]) };
  const bounds = [[1, starts] as const, [2, ends] as const];
  if (gathers.length === 0) return { inputs: new Map(bounds) };
  // The other axes are cut as before, by a Slice without those that a Gather now picks from.
  const axes = rest.map(({ axis }) => axis);
  const steps = rest.map(({ step }) => step);
  return { gathers, gone: rest.length === 0, inputs: new Map([...bounds, [3, axes], [4, steps]]) };
};

/** Bounds of a Slice as attributes are known. */
const entry = (name: string, values: readonly (number | undefined)[]) =>
  [name, values.filter((value) => value !== undefined)] as const;

/** What a Slice with a step picks of an axis that changes; undefined where nothing changes. */
function steppedPicks(context: ResizeContext, range: SliceRange) {
  const length = context.before(inputName(context, 0))[range.axis] as Dim;
  const picks = slicePositions(length, range);
  if (range.step === 1 || !picks) return undefined;
  const indices = movedPicks(context, range.axis, picks);
  return indices && { axis: range.axis, indices };
}

/** Padding along neurons: as much as is left of it on each side. */
const pad: ResizeRule = (context) => {
  const [x, y] = [inputName(context, 0), context.node.outputs[0] ?? ''];
  const pads = inputName(context, 1) === '' ? intsOf(context.node, 'pads') : numbersAt(context, 1);
  if (!pads) return undefined;
  const rank = context.before(x).length;
  const axes = numbersAt(context, 3)?.map((at) => (at < 0 ? at + rank : at)) ?? [...Array(rank).keys()];
  const moved = [...pads];
  axes.forEach((axis, k) => {
    const [length, end] = [context.before(x)[axis] as Dim, context.after(y)[axis] as Dim];
    const [front, back] = [pads[k] as number, pads[k + axes.length] as number];
    // Also where the length stays: more neurons and less padding may make up for each other.
    const padded = Math.min(front, back) >= 0 && front + back > 0;
    if (!padded || isSymbolic(length) || isSymbolic(end)) return;
    moved[k] = context.boundary(y, axis, front);
    moved[k + axes.length] = end - context.boundary(y, axis, front + length);
  });
  return moved.every((count, i) => count === pads[i]) ? undefined : operandOr(context, 1, 'pads', moved);
};

export const cutResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(['Gather'], gather),
  ...rows(['Pad'], pad),
];
