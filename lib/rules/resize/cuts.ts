/** Operands and attributes that say where an axis is cut: of Split, Slice, Gather. */
import { layoutUnsupported } from '../../errors.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf, nodeText } from '../../ir/nodes.js';
import { type SliceRange, slicePositions, sliceRanges } from '../shape/moving.js';
import { type Row, rows } from '../table.js';
import type { ResizeContext, ResizeRule } from './rule.js';
import { changed, inputName, numbersAt } from './support.js';

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
  layoutUnsupported(nodeText(context.node), 'picks neurons by their number, which does not go with a wider axis');

/** Indices along neurons, at their new places. A wider axis has no pattern to continue. */
const gather: ResizeRule = (context) => {
  const x = inputName(context, 0);
  const rank = context.before(x).length;
  const axis = (intOf(context.node, 'axis', 0) + rank) % rank;
  const [before, after] = [context.before(x)[axis] as Dim, context.after(x)[axis] as Dim];
  if (sameDim(before, after)) return undefined;
  const picks = numbersAt(context, 1);
  if (!picks || isSymbolic(before) || isSymbolic(after) || after > before) throw pinned(context);
  const kept = picks.flatMap((pick) => {
    const at = pick < 0 ? pick + before : pick;
    const place = context.boundary(x, axis, at);
    return context.boundary(x, axis, at + 1) > place ? [place] : [];
  });
  return { inputs: new Map([[1, kept]]) };
};

/** The stretch [start, end) of an axis that a Slice takes, at its new place; undefined where it stays. */
function movedRange(context: ResizeContext, range: SliceRange): readonly [number, number] | undefined {
  const x = inputName(context, 0);
  const [before, after] = [context.before(x)[range.axis] as Dim, context.after(x)[range.axis] as Dim];
  if (isSymbolic(before) || isSymbolic(after) || before === after) return undefined;
  const picks = (length: number) => slicePositions(length, range.start, range.end, range.step);
  if (picks(before).length === before && picks(after).length === after) return undefined;
  if (range.step !== 1) throw pinned(context);
  const [first = 0, count] = [picks(before)[0], picks(before).length];
  return [context.boundary(x, range.axis, first), context.boundary(x, range.axis, first + count)];
}

/** JavaScript's integers end before INT64_MAX, which stands for an open end. */
const clamped = (bound: number): number => Math.min(Math.max(bound, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);

/** Bounds between neurons move with them. */
const slice: ResizeRule = (context) => {
  const { node, opset } = context;
  const input = (index: number) => ({ dtype: undefined, shape: undefined, content: context.content(index) });
  const ranges = sliceRanges({ node, opset, input }, context.before(inputName(context, 0)).length) ?? [];
  const moved = ranges.map((range) => movedRange(context, range));
  if (moved.every((range) => range === undefined)) return undefined;
  const starts = ranges.map(({ start }, i) => clamped(moved[i]?.[0] ?? start));
  const ends = ranges.map(({ end }, i) => clamped(moved[i]?.[1] ?? end));
  return node.inputs.length > 1
    ? { inputs: new Map([[1, starts] as const, [2, ends] as const]) }
    : { ints: new Map([['starts', starts] as const, ['ends', ends] as const]) };
};

export const cutResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(['Gather'], gather),
];
