import { describe, test } from '@jest/globals';
import { expectGradients } from '../../support/gradients.js';
import { type ConvOptions, convolve, convolveTransposed } from '../../support/windows.js';

interface Case {
  readonly what: string;
  readonly x: readonly (number | string)[];
  readonly w: readonly number[];
  readonly attributes?: string;
  readonly windows: Omit<ConvOptions, 'kernel'>;
}

const CONVOLUTIONS: readonly Case[] = [
  { what: '1-D', x: [2, 3, 7], w: [4, 3, 3], windows: { out: [5] } },
  {
    what: '2-D, padded',
    x: ['batch', 3, 5, 4],
    w: [2, 3, 3, 3],
    attributes: 'pads: [1,1,1,1]',
    windows: { pads: [1, 1], out: [5, 4] },
  },
  { what: '2-D, one place', x: ['batch', 3, 3, 4], w: [5, 3, 1, 1], windows: { out: [3, 4] } },
  {
    what: '2-D, steps that reach the end',
    x: [2, 3, 5, 5],
    w: [2, 3, 3, 3],
    attributes: 'strides: [2,2]',
    windows: { strides: [2, 2], out: [2, 2] },
  },
  {
    what: '2-D, steps that leave places behind, unlike padding',
    x: [2, 2, 6, 7],
    w: [3, 2, 3, 2],
    attributes: 'strides: [2,3], pads: [1,0,0,1]',
    windows: { strides: [2, 3], pads: [1, 0], out: [3, 3] },
  },
  {
    what: '2-D, padding behind that no window reaches',
    x: [2, 2, 6, 6],
    w: [3, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
  },
  {
    what: '2-D, dilated and with steps',
    x: [1, 2, 8, 7],
    w: [2, 2, 2, 3],
    attributes: 'strides: [2,1], dilations: [3,2], pads: [1,2,1,2]',
    windows: { strides: [2, 1], dilations: [3, 2], pads: [1, 2], out: [4, 7] },
  },
  {
    what: 'padding wider than the kernel',
    x: [1, 2, 4],
    w: [2, 2, 2],
    attributes: 'pads: [3,3]',
    windows: { pads: [3], out: [9] },
  },
  {
    what: 'groups',
    x: ['batch', 4, 4, 4],
    w: [6, 2, 3, 3],
    attributes: 'group: 2, pads: [1,1,1,1]',
    windows: { groups: 2, pads: [1, 1], out: [4, 4] },
  },
  {
    what: 'groups with steps',
    x: [2, 4, 5, 5],
    w: [2, 2, 2, 2],
    attributes: 'group: 2, strides: [2,2]',
    windows: { groups: 2, strides: [2, 2], out: [2, 2] },
  },
  {
    what: 'each channel by itself',
    x: [2, 3, 5, 5],
    w: [3, 1, 3, 3],
    attributes: 'group: 3, pads: [1,1,1,1]',
    windows: { groups: 3, pads: [1, 1], out: [5, 5] },
  },
  {
    what: 'each channel by itself, twice',
    x: [2, 3, 5, 5],
    w: [6, 1, 3, 3],
    attributes: 'group: 3, strides: [2,2]',
    windows: { groups: 3, strides: [2, 2], out: [2, 2] },
  },
  {
    what: '3-D',
    x: [1, 2, 3, 4, 3],
    w: [2, 2, 2, 2, 2],
    attributes: 'strides: [1,2,1], pads: [0,0,1,0,0,1]',
    windows: { strides: [1, 2, 1], pads: [0, 0, 1], out: [2, 2, 4] },
  },
  {
    what: 'auto_pad SAME_UPPER',
    x: [2, 2, 5, 6],
    w: [2, 2, 2, 3],
    attributes: "auto_pad: 'SAME_UPPER', strides: [2,2]",
    windows: { strides: [2, 2], pads: [0, 0], out: [3, 3] },
  },
  {
    what: 'auto_pad SAME_LOWER',
    x: [1, 2, 5],
    w: [2, 2, 4],
    attributes: "auto_pad: 'SAME_LOWER'",
    windows: { pads: [2], out: [5] },
  },
  { what: 'auto_pad VALID', x: [1, 2, 5], w: [2, 2, 4], attributes: "auto_pad: 'VALID'", windows: { out: [2] } },
  {
    what: 'open lengths, with steps',
    x: ['batch', 2, 'high', 'wide'],
    w: [3, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [2, 2] },
  },
  {
    what: 'open lengths, groups',
    x: ['batch', 4, 'high', 'wide'],
    w: [2, 2, 2, 2],
    attributes: 'group: 2',
    windows: { groups: 2, out: [3, 2] },
  },
];

const TRANSPOSED: readonly Case[] = [
  { what: '1-D', x: [2, 3, 4], w: [3, 2, 3], windows: { out: [6] } },
  {
    what: 'steps and padding',
    x: ['batch', 2, 3, 4],
    w: [2, 3, 4, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [6, 7] },
  },
  {
    what: 'output_padding',
    x: [2, 2, 3, 3],
    w: [2, 2, 3, 3],
    attributes: 'strides: [2,2], pads: [1,1,1,1], output_padding: [1,1]',
    windows: { strides: [2, 2], pads: [1, 1], out: [6, 6] },
  },
  {
    what: 'groups, dilated',
    x: [2, 4, 3, 3],
    w: [4, 2, 2, 2],
    attributes: 'group: 2, dilations: [2,1]',
    windows: { groups: 2, dilations: [2, 1], out: [5, 4] },
  },
  {
    what: 'output_shape',
    x: [1, 2, 4],
    w: [2, 2, 3],
    attributes: 'strides: [2], output_shape: [8]',
    windows: { strides: [2], pads: [1], out: [8] },
  },
  {
    what: 'auto_pad SAME_UPPER',
    x: [1, 2, 4],
    w: [2, 2, 3],
    attributes: "strides: [2], auto_pad: 'SAME_UPPER'",
    windows: { strides: [2], pads: [0], out: [8] },
  },
  {
    what: 'open lengths',
    x: ['batch', 2, 'long'],
    w: [2, 2, 3],
    attributes: 'strides: [2], output_padding: [1]',
    windows: { strides: [2], out: [6] },
  },
];

const check = (op: 'Conv' | 'ConvTranspose', { x, w, attributes, windows }: Case) => {
  const outs = op === 'Conv' ? (w[0] as number) : (w[1] as number) * (windows.groups ?? 1);
  const compute = op === 'Conv' ? convolve : convolveTransposed;
  return expectGradients(
    { inputs: { x: x }, weights: { w, b: [outs] }, nodes: [`y = ${op}(x, w, b) {${attributes ?? ''}}`] },
    ['x', 'w', 'b'],
    {
      exact: (value) => compute(value('x'), value('w'), value('b'), { ...windows, kernel: w.slice(2) }),
      sizes: new Map([
        ['high', 4],
        ['wide', 3],
        ['long', 2],
      ]),
    },
  );
};

describe('gradients of Conv', () => {
  test.each(CONVOLUTIONS)('$what', (each) => check('Conv', each));
});

describe('gradients of ConvTranspose', () => {
  test.each(TRANSPOSED)('$what', (each) => check('ConvTranspose', each));
});
