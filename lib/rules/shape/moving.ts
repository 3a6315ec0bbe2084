/** Shapes of operators that move data: Reshape and its kin, Transpose, Concat, Split, Slice, Gather, reductions. */
import { shapeConflict } from '../../errors.js';
import { add, type Dim, divide, isSymbolic, productOf, type Shape, shapeText } from '../../ir/dim.js';
import { intOf, intsOf, nodeText } from '../../ir/nodes.js';
import { MAX_CONTENT, MAX_RANK } from '../../limits.js';
import { REDUCE } from '../families.js';
import { type Row, rows } from '../table.js';
import { foldList, rearranged } from './folds.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, numbersOf, unknownDim } from './support.js';

const flatten: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const axis = intOf(context.node, 'axis', 1);
  const at = axis < 0 ? axis + shape.length : axis;
  return [{ dtype, shape: [productOf(shape.slice(0, at)), productOf(shape.slice(at))] }];
};

/** The target of a Reshape with 0 (copy) and -1 (the rest) resolved. */
function resolved(context: ShapeContext, from: Shape, target: readonly Dim[]): Shape {
  const copies = intOf(context.node, 'allowzero', 0) === 0;
  const dims = target.map((dim, axis) => (dim === 0 && copies ? (from[axis] ?? dim) : dim));
  const rest = dims.indexOf(-1);
  const [whole, known] = [productOf(from), productOf(dims.filter((dim) => dim !== -1))];
  if (rest >= 0)
    return dims.map((dim, axis) => (axis === rest ? (divide(whole, known) ?? unknownDim(context, axis)) : dim));
  if (!isSymbolic(whole) && !isSymbolic(known) && whole !== known) {
    throw shapeConflict(nodeText(context.node), `cannot give ${shapeText(from)} the shape ${shapeText(dims)}`);
  }
  return dims;
}

const reshape: ShapeRule = (context) => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  const operand = context.input(1);
  const target = operand?.content ?? (operand ? undefined : intsOf(context.node, 'shape'));
  if (target && shape) return [{ dtype, shape: resolved(context, shape, target), content }];
  const rank = operand?.shape?.[0];
  const open =
    typeof rank === 'number' && rank <= MAX_RANK
      ? Array.from({ length: rank }, (_, axis) => unknownDim(context, axis))
      : undefined;
  return [{ dtype, shape: open }];
};

const squeeze: ShapeRule = (context) => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const named = numbersOf(context, 1, 'axes')?.map((axis) => axisOf(context, axis, shape.length));
  const gone = (dim: Dim, axis: number) => (named ? named.includes(axis) : dim === 1);
  return [{ dtype, shape: shape.filter((dim, axis) => !gone(dim, axis)), content }];
};

const unsqueeze: ShapeRule = (context) => {
  const { dtype, shape, content, ramp } = context.input(0) ?? UNKNOWN;
  const axes = numbersOf(context, 1, 'axes');
  if (!shape || !axes) return [{ dtype, shape: undefined }];
  const rank = shape.length + axes.length;
  const new1 = new Set(axes.map((axis) => axisOf(context, axis, rank)));
  const between = (dims: readonly Dim[], made: Dim): readonly Dim[] => {
    const rest = [...dims];
    return Array.from({ length: rank }, (_, axis) => (new1.has(axis) ? made : (rest.shift() as Dim)));
  };
  return [
    { dtype, shape: between(shape, 1), content, ramp: ramp && { start: ramp.start, steps: between(ramp.steps, 0) } },
  ];
};

const transpose: ShapeRule = (context) => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const named = intsOf(context.node, 'perm') ?? shape.map((_, axis) => shape.length - 1 - axis);
  const order = named.map((axis) => axisOf(context, axis, shape.length));
  const turned = rearranged(content, shape, new Map(), order);
  return [{ dtype, shape: order.map((axis) => shape[axis] as Dim), content: turned }];
};

const sum = (dims: readonly Dim[]): Dim | undefined =>
  dims.reduce<Dim | undefined>((a, b) => (a === undefined ? undefined : add(a, b)), 0);

const concat: ShapeRule = (context) => {
  const inputs = context.node.inputs.map((_, index) => context.input(index) ?? UNKNOWN);
  const first = inputs[0] ?? UNKNOWN;
  const shapes = inputs.map((input) => input.shape);
  const head = shapes[0];
  if (!head || shapes.some((shape) => shape?.length !== head.length)) return [{ dtype: first.dtype, shape: undefined }];
  const at = axisOf(context, intOf(context.node, 'axis', 0), head.length);
  const joined = sum(shapes.map((shape) => shape?.[at] as Dim)) ?? unknownDim(context, at);
  const contents = inputs.map((input) => input.content);
  const few = head.length === 1 && typeof joined === 'number' && joined <= MAX_CONTENT;
  const content = few && contents.every(Boolean) ? contents.flatMap((each) => each ?? []) : undefined;
  return [{ dtype: first.dtype, shape: head.map((dim, axis) => (axis === at ? joined : dim)), content }];
};

const split: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const { outputs } = context.node;
  if (!shape) return outputs.map(() => ({ dtype, shape }));
  const at = axisOf(context, intOf(context.node, 'axis', 0), shape.length);
  const given = numbersOf(context, 1, 'split');
  const length = shape[at] as Dim;
  const told = given === undefined && context.node.inputs[1];
  const even = isSymbolic(length) || told ? undefined : Math.ceil(length / outputs.length);
  return outputs.map((_, i) => {
    const size =
      given?.[i] ?? (even === undefined ? unknownDim(context, at, i) : Math.min(even, (length as number) - even * i));
    return { dtype, shape: shape.map((dim, axis) => (axis === at ? size : dim)) };
  });
};

const reduce: ShapeRule = (context) => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const axes = numbersOf(context, 1, 'axes');
  if (!axes && context.node.inputs[1]) return [{ dtype, shape: undefined }];
  const none = !axes || axes.length === 0;
  if (none && intOf(context.node, 'noop_with_empty_axes', 0) === 1) return [{ dtype, shape }];
  const gone = new Set(none ? shape.keys() : axes.map((axis) => axisOf(context, axis, shape.length)));
  const keep = intOf(context.node, 'keepdims', 1) === 1;
  const rest = shape.flatMap((dim, axis) => (gone.has(axis) ? (keep ? [1] : []) : [dim]));
  const one = gone.size === shape.length ? foldList(context.node.opType, content) : undefined;
  return [{ dtype, shape: rest, content: one }];
};

/** What a Slice does along one axis; its bounds may be lengths that are known only when the model runs. */
export interface SliceRange {
  readonly axis: number;
  readonly start: Dim;
  readonly end: Dim;
  readonly step: number;
}

/**
 * The positions of an axis that a Slice takes: Python's meaning of start:end:step, with open ends as huge numbers. Undefined
 * where they are known only when the model runs.
 */
export function slicePositions(length: Dim, { start, end, step }: SliceRange): readonly number[] | undefined {
  if (isSymbolic(length) || isSymbolic(start) || isSymbolic(end)) return undefined;
  const clamp = (at: number, low: number, high: number) => Math.min(Math.max(at < 0 ? at + length : at, low), high);
  const from = step > 0 ? clamp(start, 0, length) : clamp(start, 0, length - 1);
  const to = step > 0 ? clamp(end, 0, length) : end < -length ? -1 : clamp(end, -1, length - 1);
  const count = Math.max(0, Math.ceil((to - from) / step));
  return Array.from({ length: count }, (_, i) => from + i * step);
}

/** The axes that a Slice cuts, where they are known; its bounds need not be. */
export function sliceAxes(context: ShapeContext, rank: number): readonly number[] | undefined {
  const count = context.input(1)?.shape?.[0] ?? intsOf(context.node, 'starts')?.length;
  // A file may declare any number of bounds.
  const isPlain = typeof count === 'number' && count <= rank && !context.node.inputs[3];
  const all = isPlain ? Array.from({ length: count }, (_, i) => i) : undefined;
  return (numbersOf(context, 3, 'axes') ?? all)?.map((axis) => axisOf(context, axis, rank));
}

/** Starts, ends, axes and steps of a Slice (operands since opset 10, attributes before), where they are known. */
export function sliceRanges(context: ShapeContext, rank: number): readonly SliceRange[] | undefined {
  const bounds = (input: number, name: string): readonly Dim[] | undefined =>
    context.input(input)?.content ?? numbersOf(context, input, name);
  const [starts, ends] = [bounds(1, 'starts'), bounds(2, 'ends')];
  const axes = numbersOf(context, 3, 'axes') ?? starts?.map((_, i) => i);
  const steps = numbersOf(context, 4, 'steps') ?? starts?.map(() => 1);
  const unknown = [3, 4].some((input) => context.node.inputs[input] && !numbersOf(context, input, ''));
  if (!starts || !ends || !axes || !steps || unknown) return undefined;
  if ([ends, axes, steps].some((list) => list.length !== starts.length) || steps.includes(0))
    throw shapeConflict(nodeText(context.node), 'its bounds, axes and steps do not fit each other');
  return axes.map((axis, i) => ({
    axis: axisOf(context, axis, rank),
    start: starts[i] as Dim,
    end: ends[i] as Dim,
    step: steps[i] as number,
  }));
}

/** Ends from here on are open: exporters write INT64_MAX or INT32_MAX. */
const OPEN_END = 2 ** 31 - 1;

/**
 * How many positions a Slice leaves of an axis; undefined where it cannot be told. A single position of an open axis is there,
 * and a table of positions that is cut to the length of the input is long enough: models that do this rely on it.
 */
function slicedLength(length: Dim, range: SliceRange): Dim | undefined {
  const positions = slicePositions(length, range);
  if (positions) return positions.length;
  const { start, end, step } = range;
  if (step !== 1 || isSymbolic(start)) return undefined;
  if (isSymbolic(end)) return start === 0 ? end : undefined;
  if (end >= OPEN_END) return start === 0 ? length : start === -1 ? 1 : undefined;
  return start >= 0 === end >= 0 && end - start === 1 ? 1 : undefined;
}

const slice: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  const ranges = shape && sliceRanges(context, shape.length);
  if (!shape || !ranges) {
    const axes = shape && sliceAxes(context, shape.length);
    return [{ dtype, shape: shape?.map((dim, at) => (axes && !axes.includes(at) ? dim : unknownDim(context, at))) }];
  }
  const cut = new Map(ranges.map((range) => [range.axis, range]));
  const length = (dim: Dim, axis: number): Dim => {
    const range = cut.get(axis);
    return range ? (slicedLength(dim, range) ?? unknownDim(context, axis)) : dim;
  };
  const picks = new Map(ranges.map((range) => [range.axis, slicePositions(shape[range.axis] as Dim, range)]));
  return [{ dtype, shape: shape.map(length), content: rearranged(content, shape, picks) }];
};

export const movingShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Flatten'], flatten),
  ...rows(['Reshape'], reshape),
  ...rows(['Squeeze'], squeeze),
  ...rows(['Unsqueeze'], unsqueeze),
  ...rows(['Transpose'], transpose),
  ...rows(['Concat'], concat),
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(REDUCE, reduce),
];
