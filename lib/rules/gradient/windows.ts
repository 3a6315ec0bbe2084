/** Sliding windows of convolution and pooling, as their gradients need them. */
import { type Dim, isSymbolic, type Shape } from '../../ir/dim.js';
import { intsOf, stringOf } from '../../ir/nodes.js';
import type { Emitter, GradientContext } from './rule.js';

/** The window along one spatial axis. */
export interface Window {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  /** Padding in front and behind. */
  readonly begin: number;
  readonly end: number;
}

/** How far a window reaches. */
export const extentOf = ({ kernel, dilation }: Window): number => (kernel - 1) * dilation + 1;

/** The spatial lengths of [batch, channels, ..]. */
export const spatialOf = (shape: Shape): Shape => shape.slice(2);

/** Numbers of the spatial axes. */
export const spatialAxes = (shape: Shape): readonly number[] => spatialOf(shape).map((_, i) => i + 2);

/** The windows of a node with that kernel over an input with those lengths, automatic padding put into numbers. */
export function windowsOf(c: GradientContext, kernel: readonly number[], lengths: Shape): readonly Window[] {
  const { node } = c;
  const [strides, dilations, pads] = ['strides', 'dilations', 'pads'].map((name) => intsOf(node, name));
  const autoPad = stringOf(node, 'auto_pad', 'NOTSET');
  return kernel.map((size, i): Window => {
    const own = {
      kernel: size,
      stride: strides?.[i] ?? 1,
      dilation: dilations?.[i] ?? 1,
      begin: pads?.[i] ?? 0,
      end: pads?.[i + kernel.length] ?? 0,
    };
    if (autoPad === 'NOTSET' || autoPad === '') return own;
    const total = autoPad === 'VALID' ? 0 : samePadding(c, own, lengths[i] as Dim);
    const less = Math.floor(total / 2);
    return autoPad === 'SAME_LOWER'
      ? { ...own, begin: total - less, end: less }
      : { ...own, begin: less, end: total - less };
  });
}

/** So much that there are ceil(length / stride) windows. */
function samePadding(c: GradientContext, window: Window, length: Dim): number {
  const free = extentOf(window) - window.stride;
  if (window.stride === 1) return free;
  if (isSymbolic(length)) return c.refuse('its padding depends on a length that is not known; bind the spatial axes');
  return Math.max(0, (Math.ceil(length / window.stride) - 1) * window.stride + extentOf(window) - length);
}

export const attributesOf = (windows: readonly Window[]) => ({
  strides: windows.map(({ stride }) => stride),
  dilations: windows.map(({ dilation }) => dilation),
  pads: [...windows.map(({ begin }) => begin), ...windows.map(({ end }) => end)],
});

/** Lengths of a value from axis `from` to before `to`, as an operand: a constant where they are known. */
export function lengthsOf(e: Emitter, value: string, from: number, to?: number): string {
  const shape = e.shape(value);
  const asked = shape.slice(from, to);
  if (!asked.some(isSymbolic)) return e.int64s(asked as readonly number[]);
  return e.emit('Slice', [e.emit('Shape', [value]), e.int64s([from]), e.int64s([to ?? shape.length]), e.int64s([0])]);
}

/** x in a shape put together of known numbers and of lengths that are operands. */
export function reshaped(e: Emitter, x: string, ...parts: readonly (readonly number[] | string)[]): string {
  const known = parts.flatMap((part) => (typeof part === 'string' ? e.content(part) : part));
  const numbers = known.every((dim) => typeof dim === 'number');
  const target = numbers ? e.int64s(known as readonly number[]) : joined(e, parts);
  return e.emit('Reshape', [x, target]);
}

const joined = (e: Emitter, parts: readonly (readonly number[] | string)[]): string =>
  e.emit(
    'Concat',
    parts.map((part) => (typeof part === 'string' ? part : e.int64s(part))),
    ['axis', { type: 'int', value: 0 }],
  );

/** The first elements along `rank` axes from `axis` on, as many as `lengths` (an operand) says. */
export const cropped = (e: Emitter, x: string, lengths: string, rank: number, axis = 2): string => {
  const axes = Array.from({ length: rank }, (_, i) => i + axis);
  return e.emit('Slice', [x, e.int64s(axes.map(() => 0)), lengths, e.int64s(axes)]);
};
