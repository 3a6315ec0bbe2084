/** Gradients of convolution (ONNX Conv 11, ConvTranspose 11) over any number of spatial axes. */
import { int, ints, type NamedAttribute } from '../../ir/attributes.js';
import { isSymbolic, type Shape } from '../../ir/dim.js';
import { intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, reduceSum, transpose, wanted } from './support.js';
import { attributesOf, cropped, extentOf, lengthsOf, reshaped, spatialOf, type Window, windowsOf } from './windows.js';

/** y [batch, M, ..] = x [batch, C, ..] * weight [M, C / groups, ..]. */
export interface Convolution {
  readonly x: string;
  readonly weight: string;
  readonly windows: readonly Window[];
  readonly groups: number;
}

/**
 * By the input: at stride 1 a convolution with the flipped kernel, which ONNX Runtime computes faster than the transposed
 * one; that one elsewhere, and where the padding is wider than the kernel reaches.
 */
const byInput = (c: GradientContext, convolution: Convolution, g: string): string =>
  convolution.windows.every((each) => each.stride === 1 && each.begin < extentOf(each) && each.end < extentOf(each))
    ? byFlippedKernel(c, convolution, g)
    : byTransposed(c, convolution, g);

/** By the weight: batch and channels change places, so that one convolution sums over the batch and all places. */
const byWeight = (c: GradientContext, convolution: Convolution, g: string): string => byExchange(c, convolution, g);

const attributes = (windows: readonly Window[], groups: number): readonly NamedAttribute[] => {
  const { strides, dilations, pads } = attributesOf(windows);
  return [ints('strides', strides), ints('dilations', dilations), ints('pads', pads), int('group', groups)];
};

/** A weight's lengths, which are numbers. */
function numbersOf(c: GradientContext, value: string): readonly number[] {
  const shape = c.shape(value);
  return shape.some(isSymbolic) ? c.refuse("its weight's lengths are not known") : (shape as readonly number[]);
}

function byFlippedKernel(c: GradientContext, { weight, windows, groups }: Convolution, g: string): string {
  const turned = windows.map((each) => ({
    ...each,
    begin: extentOf(each) - 1 - each.begin,
    end: extentOf(each) - 1 - each.end,
  }));
  return c.emit('Conv', [g, exchangedWeight(c, flipped(c, weight), groups)], ...attributes(turned, groups));
}

/** All spatial axes back to front. */
function flipped(c: GradientContext, weight: string): string {
  const shape = numbersOf(c, weight);
  const axes = shape.flatMap((length, axis) => (axis > 1 && length > 1 ? [axis] : []));
  if (axes.length === 0) return weight;
  const all = (value: number) => c.int64s(axes.map(() => value));
  const before = c.int64s(axes.map((axis) => -(shape[axis] as number) - 1));
  return c.emit('Slice', [weight, all(-1), before, c.int64s(axes), all(-1)]);
}

/** [M, C / groups, ..] as [C, M / groups, ..]. */
function exchangedWeight(c: GradientContext, weight: string, groups: number): string {
  const [outs = 0, ins = 0, ...kernel] = numbersOf(c, weight);
  const spatial = kernel.map((_, i) => i);
  if (groups === 1) return transpose(c, weight, [1, 0, ...spatial.map((i) => i + 2)]);
  if (ins === 1 && outs === groups) return weight;
  const apart = reshaped(c, weight, [groups, outs / groups, ins, ...kernel]);
  return reshaped(c, transpose(c, apart, [0, 2, 1, ...spatial.map((i) => i + 3)]), [
    groups * ins,
    outs / groups,
    ...kernel,
  ]);
}

/** The transposed convolution, with what the windows did not reach at the end of the input. */
function byTransposed(c: GradientContext, { x, weight, windows, groups }: Convolution, g: string): string {
  const lengths = spatialOf(c.shape(x));
  const isKnown = !lengths.some(isSymbolic);
  const behind = windows.map((each, i) => (isKnown ? leftOver(each, lengths[i] as number) : each.stride - 1));
  const made = c.emit(
    'ConvTranspose',
    [g, weight],
    ...attributes(windows, groups),
    ...(behind.some((each) => each > 0) ? [ints('output_padding', behind)] : []),
  );
  return isKnown || behind.every((each) => each === 0) ? made : cropped(c, made, lengthsOf(c, x, 2), windows.length);
}

/** Padded places behind the last window. */
const leftOver = (window: Window, length: number): number =>
  (length + window.begin + window.end - extentOf(window)) % window.stride;

/**
 * x [C, batch, ..] * g [M, batch, ..], whose steps are the dilations and the other way round: [C, M, kernel], and more where the
 * windows did not reach the end.
 */
function byExchange(c: GradientContext, { x, weight, windows, groups }: Convolution, g: string): string {
  const [outs = 0, ins = 0, ...kernel] = numbersOf(c, weight);
  const spatial = kernel.map((_, i) => i + 2);
  const lengths = spatialOf(c.shape(x));
  const turned = windows.map((each, i) =>
    shortened({ ...each, stride: each.dilation, dilation: each.stride }, each, lengths[i]),
  );
  const made = c.emit(
    'Conv',
    [channelsFirst(c, x, groups), transpose(c, g, [1, 0, ...spatial])],
    ...attributes(turned, groups),
  );
  const isExact = windows.every((each, i) => each.stride === 1 || isReached(each, turned[i], lengths[i]));
  const cut = isExact ? made : cropped(c, made, c.int64s(kernel), kernel.length);
  const turnedBack = transpose(c, cut, [1, 0, ...spatial]);
  // The lengths are known even where those of the operands are not.
  return c.shape(g).some((dim, axis) => axis > 1 && isSymbolic(dim))
    ? reshaped(c, turnedBack, [outs, ins, ...kernel])
    : turnedBack;
}

/** Without the padding behind that no window reached, as far as there is any. */
const shortened = (turned: Window, window: Window, length: Shape[number] | undefined): Window =>
  typeof length === 'number' ? { ...turned, end: Math.max(0, window.end - leftOver(window, length)) } : turned;

const isReached = (window: Window, turned: Window | undefined, length: Shape[number] | undefined): boolean =>
  typeof length === 'number' && turned !== undefined && window.end - turned.end === leftOver(window, length);

/** [batch, groups * C, ..] as [C, groups * batch, ..]. */
function channelsFirst(c: GradientContext, x: string, groups: number): string {
  const spatial = spatialOf(c.shape(x)).map((_, i) => i);
  if (groups === 1) return transpose(c, x, [1, 0, ...spatial.map((i) => i + 2)]);
  const channels = c.shape(x)[1];
  if (channels === undefined || isSymbolic(channels)) return c.refuse('the number of its channels is not known');
  const lengths = lengthsOf(c, x, 2);
  const apart = reshaped(c, x, [-1, groups, channels / groups], lengths);
  return reshaped(c, transpose(c, apart, [2, 1, 0, ...spatial.map((i) => i + 3)]), [channels / groups, -1], lengths);
}

/** Summed over the batch and all places. */
const byBias = (c: GradientContext, g: string): string =>
  reduceSum(
    c,
    g,
    c.shape(g).flatMap((_, axis) => (axis === 1 ? [] : [axis])),
    false,
  );

const conv: GradientRule = (context) => {
  const [x, weight, g] = [context.input(0), context.input(1), arriving(context)];
  const windows = windowsOf(context, numbersOf(context, weight).slice(2), spatialOf(context.shape(x)));
  const convolution = { x, weight, windows, groups: intOf(context.node, 'group', 1) };
  return wanted(
    context,
    () => byInput(context, convolution, g),
    () => byWeight(context, convolution, g),
    () => byBias(context, g),
  );
};

/** The input gradient of a convolution, read forward: its own gradients are that convolution of g, and its weight gradient. */
const convTranspose: GradientRule = (context) => {
  const [x, weight, g] = [context.input(0), context.input(1), arriving(context)];
  const kernel = numbersOf(context, weight).slice(2);
  const windows = transposedWindows(context, kernel);
  const convolution = { x: g, weight, windows, groups: intOf(context.node, 'group', 1) };
  return wanted(
    context,
    () => {
      const made = context.emit('Conv', [g, weight], ...attributes(windows, convolution.groups));
      const [from, into] = [spatialOf(context.shape(made)), spatialOf(context.shape(x))];
      const isSame = windows.every(({ stride }, i) => stride === 1 || from[i] === into[i]);
      return isSame ? made : cropped(context, made, lengthsOf(context, x, 2), kernel.length);
    },
    () => byWeight(context, convolution, x),
    () => byBias(context, g),
  );
};

/** Windows of a ConvTranspose, where padding may follow from the lengths that come out. */
function transposedWindows(c: GradientContext, kernel: readonly number[]): readonly Window[] {
  const { node } = c;
  const autoPad = stringOf(node, 'auto_pad', 'NOTSET');
  const asked = intsOf(node, 'output_shape')?.slice(-kernel.length);
  const isSame = autoPad.startsWith('SAME');
  const lengths = spatialOf(c.shape(c.input(0)));
  return windowsOf(
    c,
    kernel,
    lengths.map(() => 0),
  ).map((window, i) => {
    if (!asked && !isSame) return window;
    const natural = extentOf(window) + (intsOf(node, 'output_padding')?.[i] ?? 0);
    const total = asked ? natural - (asked[i] as number) + stepped(c, window, lengths[i]) : natural - window.stride;
    const less = Math.floor(Math.max(0, total) / 2);
    const more = Math.max(0, total) - less;
    return autoPad === 'SAME_UPPER' ? { ...window, begin: less, end: more } : { ...window, begin: more, end: less };
  });
}

/** How far the last place lies from the first. */
function stepped(c: GradientContext, { stride }: Window, length: Shape[number] | undefined): number {
  return typeof length === 'number'
    ? (length - 1) * stride
    : c.refuse('its padding depends on a length that is not known; bind the spatial axes');
}

export const convolutionGradients: readonly Row<GradientRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['ConvTranspose'], convTranspose),
];
