/** What to rewrite in a node when the widths of its values change, one rule an operator; others hold no widths. */
import { layoutUnsupported } from '../../errors.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf, nodeText } from '../../ir/nodes.js';
import { type SliceRange, slicePositions, sliceRanges } from '../shape/moving.js';
import { type Row, rows, type Table, tableOf } from '../table.js';
import type { ResizeContext, ResizeRule, Rewrite } from './rule.js';

const changed = (context: ResizeContext, value: string): boolean => {
  const after = context.after(value);
  return context.before(value).some((dim, axis) => !sameDim(dim, after[axis] as Dim));
};

/**
 * A Reshape whose target names a width: the new width. One length that is open becomes -1; where there are more, those
 * that stay on their axis are copied (0), or else all of them stay as they are computed.
 */
const reshape: ResizeRule = (context) => {
  const [y] = context.node.outputs as readonly [string];
  const target = context.content(1) ?? intsOf(context.node, 'shape');
  if (!target || !changed(context, y)) return undefined;
  const [before, after] = [context.before(y), context.after(y)];
  const stale = target.some(
    (dim, axis) => typeof dim === 'number' && dim > 0 && !sameDim(before[axis] as Dim, after[axis] as Dim),
  );
  if (!stale) return undefined;
  const from = context.before(context.node.inputs[0] as string);
  const several = target.filter((dim) => isSymbolic(dim) || dim === -1).length > 1;
  const copies = several && intOf(context.node, 'allowzero', 0) === 0;
  const copied = (dim: Dim, axis: number) => copies && isSymbolic(dim) && sameDim(dim, from[axis] ?? 0);
  const open = target.filter((dim, axis) => (isSymbolic(dim) || dim === -1) && !copied(dim, axis)).length;
  const rewritten = target.map((dim, axis): number | undefined => {
    if (isSymbolic(dim)) return open > 1 ? undefined : copied(dim, axis) ? 0 : -1;
    const width = after[axis];
    return dim > 0 && typeof width === 'number' ? width : dim;
  });
  if (context.node.inputs[1]) return { inputs: new Map([[1, rewritten]]) };
  const ints = rewritten.filter((dim) => dim !== undefined);
  return { ints: new Map([['shape', ints]]) };
};

/** Explicit sizes of a Split along the neurons. */
const split: ResizeRule = (context) => {
  const { node } = context;
  const outputs = node.outputs.filter((name) => name !== '');
  if (!outputs.some((name) => changed(context, name))) return undefined;
  const rank = context.before(outputs[0] as string).length;
  const axis = (intOf(node, 'axis', 0) + rank) % rank;
  const sizes = outputs.map((name) => context.after(name)[axis] as Dim);
  if (sizes.some(isSymbolic)) return undefined;
  const [operand, attribute] = [(node.inputs[1] ?? '') !== '', intsOf(node, 'split') !== undefined];
  // Without sizes it splits evenly.
  if (!operand && !attribute && new Set(sizes).size === 1) return undefined;
  if (context.opset < 13) return { ints: new Map([['split', sizes as number[]]]) };
  return { inputs: new Map([[1, sizes as number[]]]), drop: ['num_outputs'] };
};

/** The number of groups follows the input channels. */
const conv: ResizeRule = (context): Rewrite | undefined => {
  const [x, weight] = context.node.inputs as readonly [string, string];
  const group = intOf(context.node, 'group', 1);
  const [channels, each] = [context.after(x)[1], context.after(weight)[1]];
  if (group === 1 || typeof channels !== 'number' || typeof each !== 'number' || channels / each === group)
    return undefined;
  return { int: new Map([['group', channels / each]]) };
};

/** An open length stays as the target names it, and so does what is not stretched. */
const stretched = (dim: number, width: Dim | undefined): number =>
  dim !== 1 && typeof width === 'number' ? width : dim;

/** A stretched shape that names a width. */
const expand: ResizeRule = (context) => {
  const [y] = context.node.outputs as readonly [string];
  if (!changed(context, y) || !context.content(1)) return undefined;
  const after = context.after(y);
  const target = context.content(1) as readonly Dim[];
  const shift = after.length - target.length;
  const width = (dim: Dim, axis: number) => (isSymbolic(dim) ? undefined : stretched(dim, after[axis + shift]));
  return { inputs: new Map([[1, target.map(width)]]) };
};

const pinned = (context: ResizeContext) =>
  layoutUnsupported(nodeText(context.node), 'picks neurons by their number, which does not go with a new width yet');

/** Indices along neurons say which neuron goes where: they hold only while that width does not change. */
const gather: ResizeRule = (context) => {
  const x = context.node.inputs[0] as string;
  const [before, after] = [context.before(x), context.after(x)];
  const axis = (intOf(context.node, 'axis', 0) + before.length) % before.length;
  if (sameDim(before[axis] as Dim, after[axis] as Dim)) return undefined;
  throw pinned(context);
};

/** The stretch [start, end) of an axis that a Slice takes, at its new place; undefined where it stays. */
function movedRange(context: ResizeContext, range: SliceRange): readonly [number, number] | undefined {
  const x = context.node.inputs[0] as string;
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
  const ranges = sliceRanges({ node, opset, input }, context.before(node.inputs[0] as string).length) ?? [];
  const moved = ranges.map((range) => movedRange(context, range));
  if (moved.every((range) => range === undefined)) return undefined;
  const starts = ranges.map(({ start }, i) => clamped(moved[i]?.[0] ?? start));
  const ends = ranges.map(({ end }, i) => clamped(moved[i]?.[1] ?? end));
  return node.inputs.length > 1
    ? {
        inputs: new Map([
          [1, starts],
          [2, ends],
        ]),
      }
    : {
        ints: new Map([
          ['starts', starts],
          ['ends', ends],
        ]),
      };
};

const RESIZE_ROWS: readonly Row<ResizeRule>[] = [
  ...rows(['Reshape'], reshape),
  ...rows(['Split'], split),
  ...rows(['Conv'], conv),
  ...rows(['Expand'], expand),
  ...rows(['Slice'], slice),
  ...rows(['Gather'], gather),
];

export const RESIZE_RULES: Table<ResizeRule> = tableOf(RESIZE_ROWS);
