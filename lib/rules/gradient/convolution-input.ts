/** The gradient of a convolution by its input. */
import { ints } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { FLOAT } from '../../ir/dtype.js';
import { attributes, type Convolution, leftOver, numbersOf } from './convolution-parts.js';
import type { GradientContext } from './rule.js';
import { transpose } from './support.js';
import { cropped, extentOf, lengthsOf, reshaped, spatialOf } from './windows.js';

/**
 * At stride 1 a convolution with the flipped kernel, which ONNX Runtime computes faster than the transposed one (by a third to
 * a half); that one elsewhere, where the padding is wider than the kernel reaches, and for few channels, of which the flipped
 * one would make thin products.
 */
export const byInput = (c: GradientContext, convolution: Convolution, g: string): string =>
  (numbersOf(c, convolution.weight)[1] as number) >= FEW &&
  convolution.windows.every((each) => each.stride === 1 && each.begin < extentOf(each) && each.end < extentOf(each))
    ? byFlippedKernel(c, convolution, g)
    : byTransposed(c, convolution, g);

/** Channels of a group, below which the transposed convolution is as fast (measured from 4 to 64). */
const FEW = 8;

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
  const places = shape.slice(2).reduce((a, b) => a * b, 1);
  if (places === 1) return weight;
  if (c.dtype(weight) === FLOAT && places <= SMALL) return turnedByProduct(c, weight, places);
  const axes = shape.flatMap((length, axis) => (axis > 1 && length > 1 ? [axis] : []));
  const all = (value: number) => c.int64s(axes.map(() => value));
  const before = c.int64s(axes.map((axis) => -(shape[axis] as number) - 1));
  return c.emit('Slice', [weight, all(-1), before, c.int64s(axes), all(-1)]);
}

/** Places of a kernel, up to which a product is the faster way to turn it. */
const SMALL = 49;

/** Times the matrix that reverses a row: exact, and five times as fast as a Slice with steps of -1. */
function turnedByProduct(c: GradientContext, weight: string, places: number): string {
  const reversing = Array.from({ length: places ** 2 }, (_, i) =>
    Math.floor(i / places) + (i % places) === places - 1 ? 1 : 0,
  );
  const rows = c.emit('Reshape', [weight, c.int64s([-1, places])]);
  const turned = c.emit('MatMul', [rows, c.reals(reversing, [places, places], weight)]);
  return c.emit('Reshape', [turned, c.int64s(numbersOf(c, weight))]);
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
