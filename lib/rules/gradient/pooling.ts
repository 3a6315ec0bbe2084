/** Gradients of pooling (ONNX MaxPool 12, AveragePool 19, LpPool 18 and the pools over a whole image). */
import { int, ints, text } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { intOf, intsOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import {
  arriving,
  div,
  expandLike,
  mask,
  mul,
  reduceSum,
  reshapeLike,
  scalar,
  shapeOf,
  times,
  wanted,
} from './support.js';
import {
  attributesOf,
  cropped,
  extentOf,
  lengthsOf,
  reshaped,
  spatialAxes,
  spatialOf,
  type Window,
  windowsOf,
} from './windows.js';

const poolWindows = (c: GradientContext): readonly Window[] =>
  windowsOf(c, intsOf(c.node, 'kernel_shape') ?? [], spatialOf(c.shape(c.input(0))));

/** Each gradient goes to the place of the largest number of its window, which MaxPool can tell. */
const maxPool: GradientRule = (context) =>
  wanted(context, () => {
    const windows = poolWindows(context);
    const [g, places] = [arriving(context), placesOf(context)];
    if (windows.every((each) => each.stride >= extentOf(each))) return unpooled(context, g, places);
    return context.opset >= ADDS_SINCE ? scattered(context, g, places) : unpooledInTurns(context, windows, g, places);
  });

/** ScatterElements adds up what meets in one place since opset 16. */
const ADDS_SINCE = 16;

/** The place of each window's largest number, counted over the whole input. */
function placesOf(c: GradientContext): string {
  const { node } = c;
  if (c.output(1) !== '' && intOf(node, 'storage_order', 0) === 0) return c.output(1);
  const attributes = [...node.attributes].filter(([name]) => name !== 'storage_order');
  return c.emitAll('MaxPool', [c.input(0)], 2, ...attributes)[1] as string;
}

/** No two windows overlap: each gradient is written to its place. */
function unpooled(c: GradientContext, g: string, places: string): string {
  // Places say all; a kernel of 1 keeps the length that would follow from the windows below the one that is given.
  const ones = spatialAxes(c.shape(g)).map(() => 1);
  return c.emit('MaxUnpool', [g, places, shapeOf(c, c.input(0))], ints('kernel_shape', ones));
}

function scattered(c: GradientContext, g: string, places: string): string {
  const x = c.input(0);
  const flat = (value: string) => c.emit('Reshape', [value, c.int64s([-1])]);
  const shape = c.shape(x);
  const count = shape.some(isSymbolic)
    ? c.emit('Reshape', [c.emit('Size', [x]), c.int64s([1])])
    : c.int64s([(shape as readonly number[]).reduce((a, b) => a * b, 1)]);
  const empty = c.emit('Expand', [c.reals([0], [1], x), count]);
  const made = c.emit('ScatterElements', [empty, flat(places), flat(g)], int('axis', 0), text('reduction', 'add'));
  return reshapeLike(c, made, x);
}

/** Every n-th window along each axis, so that those of one turn do not overlap; the turns are summed. */
function unpooledInTurns(c: GradientContext, windows: readonly Window[], g: string, places: string): string {
  const every = windows.map((each) => Math.ceil(extentOf(each) / each.stride));
  const starts = every.reduce<readonly (readonly number[])[]>(
    (all, count) => all.flatMap((start) => Array.from({ length: count }, (_, i) => [...start, i])),
    [[]],
  );
  const axes = c.int64s(spatialAxes(c.shape(g)));
  const ends = c.int64s(every.map(() => Number.MAX_SAFE_INTEGER));
  const turn = (value: string, start: readonly number[]) =>
    c.emit('Slice', [value, c.int64s(start), ends, axes, c.int64s(every)]);
  const turns = starts
    .filter((start) => start.every((at, i) => isThere(at, c.shape(g)[i + 2])))
    .map((start) => unpooled(c, turn(g, start), turn(places, start)));
  return turns.length === 1 ? (turns[0] as string) : c.emit('Sum', turns);
}

const isThere = (at: number, length: unknown): boolean => typeof length !== 'number' || at < length;

/**
 * Each window's number at all of its places, summed where windows overlap: the transposed convolution with ones, of every channel
 * as an image of its own.
 */
function spread(c: GradientContext, windows: readonly Window[], g: string): string {
  const x = c.input(0);
  const { strides, dilations, pads } = attributesOf(windows);
  const kernel = windows.map((each) => each.kernel);
  const images = reshaped(c, g, [-1, 1], lengthsOf(c, g, 2));
  const lengths = spatialOf(c.shape(x));
  const behind = windows.map((each, i) => notReached(each, lengths[i], c.shape(g)[i + 2]));
  const ones = c.reals(Array(kernel.reduce((a, b) => a * b, 1)).fill(1), [1, 1, ...kernel], g);
  const made = c.emit(
    'ConvTranspose',
    [images, ones],
    ints('strides', strides),
    ints('dilations', dilations),
    ints(
      'pads',
      pads.map((pad, i) => pad + Math.max(0, -(behind[i - kernel.length] ?? 0))),
    ),
    ...(behind.some((each) => each > 0)
      ? [
          ints(
            'output_padding',
            behind.map((each) => Math.max(0, each)),
          ),
        ]
      : []),
  );
  const isExact = !lengths.some(isSymbolic) || windows.every(({ stride }) => stride === 1);
  const cut = isExact ? made : cropped(c, made, lengthsOf(c, x, 2), windows.length);
  return reshapeLike(c, cut, x);
}

/** Places behind the last window; below 0 where it reaches over the end of the padding. */
const notReached = (window: Window, length: unknown, count: unknown): number =>
  typeof length === 'number' && typeof count === 'number'
    ? length + window.begin + window.end - ((count - 1) * window.stride + extentOf(window))
    : window.stride - 1;

/** y = the mean of a window, of which padding counts or not. */
const averagePool: GradientRule = (context) =>
  wanted(context, () => {
    const windows = poolWindows(context);
    return spread(context, windows, shares(context, windows, arriving(context)));
  });

/** Each window's gradient over the number of places that count in it. */
function shares(c: GradientContext, windows: readonly Window[], g: string): string {
  const isPadCounted = intOf(c.node, 'count_include_pad', 0) !== 0;
  const isCeil = intOf(c.node, 'ceil_mode', 0) !== 0;
  const isPadded = windows.some(({ begin, end }) => begin > 0 || end > 0);
  if (!isCeil && (isPadCounted || !isPadded))
    return times(c, g, 1 / windows.reduce((all, { kernel }) => all * kernel, 1));
  const counts = windows.map((window, i) => countsOf(c, window, i + 2, isPadCounted));
  const each = counts.reduce<readonly number[]>((all, row) => all.flatMap((a) => row.map((b) => a * b)), [1]);
  return mul(
    c,
    g,
    c.reals(
      each.map((count) => 1 / count),
      counts.map(({ length }) => length),
      g,
    ),
  );
}

/** Along one axis: how many places of each window count. */
function countsOf(c: GradientContext, window: Window, axis: number, isPadCounted: boolean): readonly number[] {
  const [length, count] = [c.shape(c.input(0))[axis], c.shape(c.output(0))[axis]];
  if (typeof length !== 'number' || typeof count !== 'number')
    return c.refuse(
      'how many places count in its windows depends on a length that is not known; bind the spatial axes',
    );
  const [from, to] = isPadCounted ? [-window.begin, length + window.end] : [0, length];
  return Array.from({ length: count }, (_, i) => {
    const places = Array.from(
      { length: window.kernel },
      (_, k) => i * window.stride - window.begin + k * window.dilation,
    );
    return places.filter((at) => at >= from && at < to).length;
  });
}

/** y^p = sum |x|^p: dy/dx = sign(x) (|x| / y)^(p-1), and 0 where y is. */
function lpSlope(c: GradientContext, spreadOut: (value: string) => string): string {
  const [x, y, p] = [c.input(0), c.output(0), intOf(c.node, 'p', 2)];
  const g = arriving(c);
  const isZero = c.emit('Equal', [y, scalar(c, 0, y)]);
  const safe = c.emit('Where', [isZero, scalar(c, 1, y), y]);
  const power = (value: string) => (p === 2 ? value : c.emit('Pow', [value, scalar(c, p - 1, value)]));
  const shared = spreadOut(p === 1 ? g : div(c, g, power(safe)));
  if (p === 1) return mul(c, shared, c.emit('Sign', [x]));
  return mul(c, shared, p === 2 ? x : mul(c, c.emit('Sign', [x]), power(c.emit('Abs', [x]))));
}

const lpPool: GradientRule = (context) =>
  wanted(context, () => lpSlope(context, (value) => spread(context, poolWindows(context), value)));

const globalLpPool: GradientRule = (context) => wanted(context, () => lpSlope(context, (value) => value));

/** The mean over all spatial axes. */
const globalAverage: GradientRule = (context) =>
  wanted(context, () => {
    const [x, g] = [context.input(0), arriving(context)];
    const lengths = spatialOf(context.shape(x));
    if (!lengths.some(isSymbolic))
      return expandLike(context, times(context, g, 1 / (lengths as readonly number[]).reduce((a, b) => a * b, 1)), x);
    const count = context.emit('ReduceProd', [lengthsOf(context, x, 2)], int('keepdims', 0));
    return expandLike(context, div(context, g, context.emit('Cast', [count], int('to', context.dtype(g) ?? 1))), x);
  });

/** The largest over all spatial axes; where several are equal each gets its share. */
const globalMax: GradientRule = (context) =>
  wanted(context, () => {
    const x = context.input(0);
    const chosen = mask(context, context.emit('Equal', [x, context.output(0)]), x);
    const count = reduceSum(context, chosen, spatialAxes(context.shape(x)), true);
    return mul(context, div(context, arriving(context), count), chosen);
  });

export const poolingGradients: readonly Row<GradientRule>[] = [
  ...rows(['MaxPool'], maxPool),
  ...rows(['AveragePool'], averagePool),
  ...rows(['LpPool'], lpPool),
  ...rows(['GlobalAveragePool'], globalAverage),
  ...rows(['GlobalMaxPool'], globalMax),
  ...rows(['GlobalLpPool'], globalLpPool),
];
