/** Gradient cases of Resize, which is linear in what it resizes. */
import { floats, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const PLACINGS = ['half_pixel', 'pytorch_half_pixel', 'align_corners', 'asymmetric'] as const;

const resize = (attributes: string, scales: readonly number[], rest: Partial<GradientCase> = {}): GradientCase => ({
  inputs: { x: ['batch', 2, 4, 5] },
  weights: { scales: floats(scales) },
  nodes: [`y = Resize(x, , scales) {${attributes}}`],
  by: ['x'],
  linear: true,
  ...rest,
});

const up = [1, 1, 2, 1.6];
const down = [1, 1, 0.5, 0.8];

export const resamplingCases: readonly GradientCase[] = [
  ...PLACINGS.flatMap((placing) =>
    ['linear', 'cubic', 'nearest'].flatMap((mode) =>
      [up, down].map((scales) => resize(`mode: '${mode}', coordinate_transformation_mode: '${placing}'`, scales)),
    ),
  ),
  // Elements repeated a whole number of times.
  resize("mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor'", [1, 1, 2, 3]),
  resize("mode: 'nearest'", [1, 1, 2, 3]),
  resize("mode: 'nearest', nearest_mode: 'round_prefer_ceil'", [1, 1, 1, 4]),
  resize("mode: 'nearest', nearest_mode: 'floor'", [1, 1, 3, 3]),
  resize("mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor'", [1, 1, 2, 2], {
    inputs: { x: ['batch', 2, 'high', 'wide'] },
    sizes: new Map([
      ['high', 3],
      ['wide', 4],
    ]),
  }),
  resize("mode: 'linear'", [1, 1, 2, 2], {
    inputs: { x: ['batch', 2, 'high', 'wide'] },
    sizes: new Map([
      ['high', 3],
      ['wide', 4],
    ]),
  }),
  resize("mode: 'linear', antialias: 1", down, { opset: 18 }),
  resize("mode: 'cubic', cubic_coeff_a: -0.5, exclude_outside: 1", up),
  {
    inputs: { x: ['batch', 2, 4, 5] },
    weights: { sizes: int64s([7, 3]) },
    nodes: ["y = Resize(x, , , sizes) {mode: 'linear', axes: [2, 3]}"],
    opset: 18,
    by: ['x'],
    linear: true,
  },
  {
    inputs: { x: [2, 3, 4, 5] },
    weights: { sizes: int64s([2, 3, 8, 10]) },
    nodes: [
      "y = Resize(x, , , sizes) {mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor'}",
    ],
    by: ['x'],
    linear: true,
  },
  // One spatial axis, three, and an image alone.
  resize("mode: 'linear'", [1, 1, 1.5], { inputs: { x: ['batch', 2, 4] } }),
  resize("mode: 'linear'", [1, 1, 2, 1.5, 2], { inputs: { x: [1, 2, 2, 4, 3] } }),
  resize("mode: 'linear'", [2, 1.5], { inputs: { x: [3, 4] } }),
];
