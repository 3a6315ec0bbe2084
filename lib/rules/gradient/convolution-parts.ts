/** What the gradients of convolution share. */
import { int, ints, type NamedAttribute } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import type { GradientContext } from './rule.js';
import { attributesOf, extentOf, type Window } from './windows.js';

/** y [batch, M, ..] = x [batch, C, ..] * weight [M, C / groups, ..]. */
export interface Convolution {
  readonly x: string;
  readonly weight: string;
  readonly windows: readonly Window[];
  readonly groups: number;
}

/** Attributes of Conv and ConvTranspose. */
export const attributes = (windows: readonly Window[], groups: number): readonly NamedAttribute[] => {
  const { strides, dilations, pads } = attributesOf(windows);
  return [ints('strides', strides), ints('dilations', dilations), ints('pads', pads), int('group', groups)];
};

/** A weight's lengths, which are numbers. Throws GRADIENT_MISSING. */
export function numbersOf(c: GradientContext, value: string): readonly number[] {
  const shape = c.shape(value);
  return shape.some(isSymbolic) ? c.refuse("its weight's lengths are not known") : (shape as readonly number[]);
}

/** Padded places behind the last window. */
export const leftOver = (window: Window, length: number): number =>
  (length + window.begin + window.end - extentOf(window)) % window.stride;
