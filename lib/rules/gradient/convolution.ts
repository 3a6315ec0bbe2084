/** Gradients of convolution (ONNX Conv 11, ConvTranspose 11) over any number of spatial axes. */
import type { Shape } from '../../ir/dim.js';
import { intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { byInput } from './convolution-input.js';
import { attributes, numbersOf } from './convolution-parts.js';
import { byWeight } from './convolution-weight.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, reduceSum, wanted } from './support.js';
import { cropped, extentOf, lengthsOf, spatialOf, type Window, windowsOf } from './windows.js';

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
