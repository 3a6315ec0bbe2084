/** Gradient cases of convolution, against plain loops: ONNX Runtime's Conv has no kernel in double precision. */
import { type ConvOptions, convolve, convolveTransposed } from '../../support/windows.js';
import type { GradientCase } from './case.js';

interface Case {
  readonly x: readonly (number | string)[];
  readonly w: readonly number[];
  readonly attributes?: string;
  readonly windows: Omit<ConvOptions, 'kernel'>;
}

const CONVOLUTIONS: readonly Case[] = [
  { /* 1-D */ x: [2, 3, 7], w: [4, 3, 3], windows: { out: [5] } },
  {
    // 2-D, padded.
    x: ['batch', 3, 5, 4],
    w: [2, 3, 3, 3],
    attributes: 'pads: [1,1,1,1]',
    windows: { pads: [1, 1], out: [5, 4] },
  },
  { /* 2-D, one place */ x: ['batch', 3, 3, 4], w: [5, 3, 1, 1], windows: { out: [3, 4] } },
  {
    // 2-D, steps that reach the end.
    x: [2, 3, 5, 5],
    w: [2, 3, 3, 3],
    attributes: 'strides: [2,2]',
    windows: { strides: [2, 2], out: [2, 2] },
  },
  {
    // 2-D, steps that leave places behind, unlike padding.
    x: [2, 2, 6, 7],
    w: [3, 2, 3, 2],
    attributes: 'strides: [2,3], pads: [1,0,0,1]',
    windows: { strides: [2, 3], pads: [1, 0], out: [3, 3] },
  },
  {
    // 2-D, padding behind that no window reaches.
    x: [2, 2, 6, 6],
    w: [3, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
  },
  {
    // 2-D, dilated and with steps.
    x: [1, 2, 8, 7],
    w: [2, 2, 2, 3],
    attributes: 'strides: [2,1], dilations: [3,2], pads: [1,2,1,2]',
    windows: { strides: [2, 1], dilations: [3, 2], pads: [1, 2], out: [4, 7] },
  },
  {
    // padding wider than the kernel.
    x: [1, 2, 4],
    w: [2, 2, 2],
    attributes: 'pads: [3,3]',
    windows: { pads: [3], out: [9] },
  },
  {
    // groups.
    x: ['batch', 4, 4, 4],
    w: [6, 2, 3, 3],
    attributes: 'group: 2, pads: [1,1,1,1]',
    windows: { groups: 2, pads: [1, 1], out: [4, 4] },
  },
  {
    // groups with steps.
    x: [2, 4, 5, 5],
    w: [2, 2, 2, 2],
    attributes: 'group: 2, strides: [2,2]',
    windows: { groups: 2, strides: [2, 2], out: [2, 2] },
  },
  {
    // each channel by itself.
    x: [2, 3, 5, 5],
    w: [3, 1, 3, 3],
    attributes: 'group: 3, pads: [1,1,1,1]',
    windows: { groups: 3, pads: [1, 1], out: [5, 5] },
  },
  {
    // each channel by itself, twice.
    x: [2, 3, 5, 5],
    w: [6, 1, 3, 3],
    attributes: 'group: 3, strides: [2,2]',
    windows: { groups: 3, strides: [2, 2], out: [2, 2] },
  },
  {
    // 3-D.
    x: [1, 2, 3, 4, 3],
    w: [2, 2, 2, 2, 2],
    attributes: 'strides: [1,2,1], pads: [0,0,1,0,0,1]',
    windows: { strides: [1, 2, 1], pads: [0, 0, 1], out: [2, 2, 4] },
  },
  {
    // auto_pad SAME_UPPER.
    x: [2, 2, 5, 6],
    w: [2, 2, 2, 3],
    attributes: "auto_pad: 'SAME_UPPER', strides: [2,2]",
    windows: { strides: [2, 2], pads: [0, 0], out: [3, 3] },
  },
  {
    // auto_pad SAME_LOWER.
    x: [1, 2, 5],
    w: [2, 2, 4],
    attributes: "auto_pad: 'SAME_LOWER'",
    windows: { pads: [2], out: [5] },
  },
  { /* auto_pad VALID */ x: [1, 2, 5], w: [2, 2, 4], attributes: "auto_pad: 'VALID'", windows: { out: [2] } },
  {
    // open lengths, with steps.
    x: ['batch', 2, 'high', 'wide'],
    w: [3, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [2, 2] },
  },
  {
    // open lengths, groups.
    x: ['batch', 4, 'high', 'wide'],
    w: [2, 2, 2, 2],
    attributes: 'group: 2',
    windows: { groups: 2, out: [3, 2] },
  },
];

/** So many channels that the batch takes their place: [C / groups, M / groups] of 12 or more. */
const BROAD: readonly Case[] = [
  {
    // large images: the channels go behind the places.
    x: ['batch', 12, 6, 7],
    w: [12, 12, 3, 2],
    attributes: 'pads: [1,1,0,0]',
    windows: { pads: [1, 1], out: [5, 7] },
  },
  {
    // small images: the channels stay in front.
    x: ['batch', 12, 3, 4],
    w: [12, 12, 3, 3],
    attributes: 'pads: [1,1,1,1]',
    windows: { pads: [1, 1], out: [3, 4] },
  },
  {
    // steps that leave places behind, unlike padding, dilated.
    x: [2, 16, 9, 8],
    w: [8, 16, 2, 2],
    attributes: 'strides: [2,3], dilations: [2,1], pads: [1,0,0,1]',
    windows: { strides: [2, 3], dilations: [2, 1], pads: [1, 0], out: [4, 3] },
  },
  {
    // the same in small images.
    x: [2, 16, 4, 5],
    w: [8, 16, 2, 2],
    attributes: 'strides: [2,3]',
    windows: { strides: [2, 3], out: [2, 2] },
  },
  {
    // groups.
    x: ['batch', 24, 6, 6],
    w: [22, 12, 2, 1],
    attributes: 'group: 2',
    windows: { groups: 2, out: [5, 6] },
  },
  {
    // groups, small images.
    x: [2, 24, 2, 3],
    w: [22, 12, 2, 1],
    attributes: 'group: 2, pads: [1,0,0,0]',
    windows: { groups: 2, pads: [1, 0], out: [2, 3] },
  },
  {
    // one place, with steps.
    x: ['batch', 12, 5, 4],
    w: [12, 12, 1, 1],
    attributes: 'strides: [2,3]',
    windows: { strides: [2, 3], out: [3, 2] },
  },
  { /* 1-D */ x: ['batch', 12, 9], w: [12, 12, 3], windows: { out: [7] } },
  {
    // open lengths, with steps.
    x: ['batch', 12, 'high', 'wide'],
    w: [12, 12, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [2, 2] },
  },
  {
    // 3-D.
    x: [2, 12, 2, 3, 2],
    w: [12, 12, 1, 2, 2],
    windows: { out: [2, 2, 1] },
  },
];

const TRANSPOSED: readonly Case[] = [
  { /* 1-D */ x: [2, 3, 4], w: [3, 2, 3], windows: { out: [6] } },
  {
    // steps and padding.
    x: ['batch', 2, 3, 4],
    w: [2, 3, 4, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [6, 7] },
  },
  {
    // output_padding.
    x: [2, 2, 3, 3],
    w: [2, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1], output_padding: [1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [6, 6] },
  },
  {
    // groups, dilated.
    x: [2, 4, 3, 3],
    w: [4, 2, 2, 2],
    attributes: 'group: 2, dilations: [2,1]',
    windows: { groups: 2, dilations: [2, 1], out: [5, 4] },
  },
  {
    // output_shape.
    x: [1, 2, 4],
    w: [2, 2, 3],
    attributes: 'strides: [2], output_shape: [8]',
    windows: { strides: [2], pads: [1], out: [8] },
  },
  {
    // auto_pad SAME_UPPER.
    x: [1, 2, 4],
    w: [2, 2, 3],
    attributes: "strides: [2], auto_pad: 'SAME_UPPER'",
    windows: { strides: [2], pads: [0], out: [8] },
  },
  {
    // open lengths.
    x: ['batch', 2, 'long'],
    w: [2, 2, 3],
    attributes: 'strides: [2], output_padding: [1]',
    windows: { strides: [2], out: [6] },
  },
];

const SIZES = new Map([
  ['high', 4],
  ['wide', 3],
  ['long', 2],
]);

const caseOf = (op: 'Conv' | 'ConvTranspose', { x, w, attributes, windows }: Case): GradientCase => {
  const outs = op === 'Conv' ? (w[0] as number) : (w[1] as number) * (windows.groups ?? 1);
  const compute = op === 'Conv' ? convolve : convolveTransposed;
  return {
    inputs: { x },
    weights: { w, b: [outs] },
    nodes: [`y = ${op}(x, w, b) {${attributes ?? ''}}`],
    exact: (value) => compute(value('x'), value('w'), value('b'), { ...windows, kernel: w.slice(2) }),
    sizes: SIZES,
  };
};

export const convolutionCases: readonly GradientCase[] = [
  ...[...CONVOLUTIONS, ...BROAD].map((each) => caseOf('Conv', each)),
  ...TRANSPOSED.map((each) => caseOf('ConvTranspose', each)),
];
