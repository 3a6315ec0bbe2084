/**
 * The gradient of a convolution by its weight: a sum over the batch and all places. Both forms are a convolution again, whose
 * kernel is the arriving gradient, over as many places as the weight's kernel has; steps and dilations change their roles.
 */
import { isSymbolic, type Shape } from '../../ir/dim.js';
import { attributes, type Convolution, leftOver, numbersOf } from './convolution-parts.js';
import type { GradientContext } from './rule.js';
import { squeeze, transpose, unsqueeze } from './support.js';
import { cropped, lengthsOf, reshaped, spatialOf, type Window } from './windows.js';

/** [M, C / groups, ..]. */
export function byWeight(c: GradientContext, convolution: Convolution, g: string): string {
  const [outs = 0, ins = 0] = numbersOf(c, convolution.weight);
  const { x, windows, groups } = plainSteps(c, convolution);
  const turned = windows.map((each, i) => turnedWindow(each, spatialOf(c.shape(x))[i]));
  const isThin = ins === 1 || (ins <= THIN.ins && outs / groups <= THIN.outs);
  const form = isThin || windows.length > MLAS_AXES - 1 ? byExchange : byBatch;
  return form(c, { ...convolution, x, windows }, turned, g);
}

/** Channels of a group up to which the exchange is as fast (measured from 3 to 32 in, 6 to 128 out). */
const THIN = { ins: 8, outs: 16 };

/** Spatial axes that ONNX Runtime's fast convolution knows. */
const MLAS_AXES = 3;

/** A kernel of one place sees what its steps reach: that, in steps of 1. */
function plainSteps(c: GradientContext, convolution: Convolution): Convolution {
  const { x, windows } = convolution;
  const isPlain = windows.every(({ kernel, begin, end }) => kernel === 1 && begin === 0 && end === 0);
  if (!isPlain || windows.every(({ stride }) => stride === 1)) return convolution;
  const all = (values: readonly number[]) => c.int64s(values);
  const reached = c.emit('Slice', [
    x,
    all(windows.map(() => 0)),
    all(windows.map(() => Number.MAX_SAFE_INTEGER)),
    all(windows.map((_, i) => i + 2)),
    all(windows.map(({ stride }) => stride)),
  ]);
  return { ...convolution, x: reached, windows: windows.map((each) => ({ ...each, stride: 1 })) };
}

/** The window of the convolution that sums: without the padding behind that no window reached, as far as there is any. */
function turnedWindow(window: Window, length: Shape[number] | undefined): Window {
  const turned = { ...window, stride: window.dilation, dilation: window.stride };
  return typeof length === 'number' ? { ...turned, end: Math.max(0, window.end - leftOver(window, length)) } : turned;
}

/** Without the places behind those of the weight's kernel, which come where windows did not reach the end; they begin at `axis`. */
function asKernel(
  c: GradientContext,
  { x, weight, windows }: Convolution,
  turned: readonly Window[],
  made: string,
  axis: number,
): string {
  const kernel = numbersOf(c, weight).slice(2);
  const lengths = spatialOf(c.shape(x));
  const isExact = windows.every((each, i) => {
    const [length, { end }] = [lengths[i], turned[i] as Window];
    return each.stride === 1 || (typeof length === 'number' && each.end - end === leftOver(each, length));
  });
  return isExact ? made : cropped(c, made, c.int64s(kernel), kernel.length, axis);
}

/**
 * The batch as the channels that are summed over, and the channels as one more spatial axis: of [1, batch, .., C] * [M, batch, .., 1]
 * comes [1, M, kernel, C]. ONNX Runtime computes it as one product [M, batch and places] [batch and places, kernel and C], for which
 * it copies runs of C numbers, a piece at a time: two to four times as fast as the exchange. Where images are so small that this
 * weighs less than two changes of layout, the channels stay in front of the places.
 */
function byBatch(c: GradientContext, convolution: Convolution, turned: readonly Window[], g: string): string {
  const { x, weight, groups } = convolution;
  const [outs = 0, ins = 0, ...kernel] = numbersOf(c, weight);
  const places = kernel.map((_, i) => i + 2);
  const isBehind = !areFew(spatialOf(c.shape(x)));
  const images = isBehind ? channelsBehind(c, x, ins, groups) : channelsBefore(c, x, ins, groups);
  const kernels = unsqueeze(c, transpose(c, g, [1, 0, ...places]), [isBehind ? places.length + 2 : 2]);
  const windows = isBehind ? [...turned, POINT] : [POINT, ...turned];
  const made = c.emit('Conv', [images, kernels], ...attributes(windows, groups));
  const cut = squeeze(c, asKernel(c, convolution, turned, made, isBehind ? 2 : 3), [0]);
  const ordered = isBehind ? transpose(c, cut, [0, places.length + 1, ...kernel.map((_, i) => i + 1)]) : cut;
  return settled(c, ordered, g, [outs, ins, ...kernel]);
}

const POINT: Window = { kernel: 1, stride: 1, dilation: 1, begin: 0, end: 0 };

/** Whether an image has few places (measured from 4 to 1,024). */
const areFew = (lengths: Shape): boolean =>
  !lengths.some(isSymbolic) && (lengths as readonly number[]).reduce((a, b) => a * b, 1) < 32;

/** [batch, groups * C, ..] as [1, groups * batch, .., C]. */
function channelsBehind(c: GradientContext, x: string, ins: number, groups: number): string {
  const places = spatialOf(c.shape(x)).map((_, i) => i + 2);
  if (groups === 1) return unsqueeze(c, transpose(c, x, [0, ...places, 1]), [0]);
  const lengths = lengthsOf(c, x, 2);
  const apart = reshaped(c, x, [-1, groups, ins], lengths);
  return reshaped(c, transpose(c, apart, [1, 0, ...places.map((i) => i + 1), 2]), [1, -1], lengths, [ins]);
}

/** [batch, groups * C, ..] as [1, groups * batch, C, ..]. */
function channelsBefore(c: GradientContext, x: string, ins: number, groups: number): string {
  if (groups === 1) return unsqueeze(c, x, [0]);
  const lengths = lengthsOf(c, x, 2);
  const places = spatialOf(c.shape(x)).map((_, i) => i + 3);
  const apart = reshaped(c, x, [-1, groups, ins], lengths);
  return reshaped(c, transpose(c, apart, [1, 0, 2, ...places]), [1, -1, ins], lengths);
}

/**
 * Batch and channels change places: x [C, batch, ..] * g [M, batch, ..] = [C, M, kernel]. For each of the C images that is a product
 * of as many columns as the kernel has places: good for few channels only.
 */
function byExchange(c: GradientContext, convolution: Convolution, turned: readonly Window[], g: string): string {
  const { x, weight, groups } = convolution;
  const [outs = 0, ins = 0, ...kernel] = numbersOf(c, weight);
  const swap = [1, 0, ...kernel.map((_, i) => i + 2)];
  const operands = [channelsFirst(c, x, ins, groups), transpose(c, g, swap)];
  const made = c.emit('Conv', operands, ...attributes(turned, groups));
  const cut = asKernel(c, convolution, turned, made, 2);
  return settled(c, transpose(c, cut, swap), g, [outs, ins, ...kernel]);
}

/** [batch, groups * C, ..] as [C, groups * batch, ..]. */
function channelsFirst(c: GradientContext, x: string, ins: number, groups: number): string {
  const places = spatialOf(c.shape(x)).map((_, i) => i + 2);
  if (groups === 1) return transpose(c, x, [1, 0, ...places]);
  const lengths = lengthsOf(c, x, 2);
  const apart = reshaped(c, x, [-1, groups, ins], lengths);
  return reshaped(c, transpose(c, apart, [2, 1, 0, ...places.map((i) => i + 1)]), [ins, -1], lengths);
}

/** The lengths are known even where those of the operands are not. */
const settled = (c: GradientContext, made: string, g: string, dims: readonly number[]): string =>
  spatialOf(c.shape(g)).some(isSymbolic) ? reshaped(c, made, dims) : made;
