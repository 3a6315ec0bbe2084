/** Gradient cases of Slice and Pad. */
import { floats, int64s } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const END = Number.MAX_SAFE_INTEGER;
const INTEGERS = ['s', 'e', 'a', 't'];

/** Slice(x, s, e, a, t): starts, ends, axes and steps. */
const slice = (x: readonly (number | string)[], ...bounds: readonly (readonly number[])[]): GradientCase => ({
  inputs: { x },
  weights: Object.fromEntries(bounds.map((values, i) => [INTEGERS[i], int64s(values)])),
  nodes: [`y = Slice(x, ${INTEGERS.slice(0, bounds.length).join(', ')})`],
  batch: 4,
});

const slices: readonly GradientCase[] = [
  slice([4, 5], [1, 0], [3, 4]),
  slice(['batch', 5], [-2], [END], [1]),
  slice(['batch', 7], [1], [6], [-1], [2]),
  slice(['batch', 7], [5], [-END], [1], [-2]),
  // An axis whose length is open: ends from both sides, steps.
  slice(['batch', 3], [1], [END], [0]),
  slice(['batch', 3], [1], [-1], [0]),
  slice(['batch', 3], [-1], [END], [0]),
  slice(['batch', 3], [-3], [-1], [0]),
  slice(['batch', 3], [1], [3], [0]),
  slice(['batch', 3], [0, 1], [END, 2], [0, 1], [2, 1]),
  slice(['batch', 3], [-1], [-END], [0], [-1]),
  // Bounds that the model computes.
  {
    inputs: { x: ['batch', 4], 'n: int64': [1] },
    weights: { s: int64s([1]), a: int64s([1]) },
    nodes: ['y = Slice(x, s, n, a)'],
    feeds: new Map([['n', { dtype: 7, dims: [1], data: BigInt64Array.from([3n]) }]]),
  },
  {
    inputs: { x: ['batch', 4] },
    weights: { table: [9, 4], s: int64s([0]), one: int64s([1]) },
    nodes: ['n = Shape(x)', 'e = Slice(n, s, one)', 't = Slice(table, s, e)', 'y = Mul(t, x)'],
  },
];

const pads = (attributes: string, widths: readonly number[], rest: Partial<GradientCase> = {}): GradientCase => ({
  inputs: { x: ['batch', 3, 4] },
  weights: { p: int64s(widths) },
  nodes: [`y = Pad(x, p) ${attributes}`],
  ...rest,
});

/** Indices of margins are no real numbers: ONNX Runtime repeats them in every type. */
const modes: readonly GradientCase[] = ['reflect', 'edge'].flatMap((mode) => [
  pads(`{mode: '${mode}'}`, [0, 1, 2, 0, 2, 3]),
  pads(`{mode: '${mode}'}`, [0, 0, 3, 0, 0, 0], { opset: 13 }),
]);

export const slicingCases: readonly GradientCase[] = [
  ...slices,
  pads('', [0, 1, 2, 0, 0, 3]),
  pads('', [0, 1, -1, 0, -1, 0]),
  pads('', [0, 0, 0, 0, 0, 0]),
  pads('', [], {
    weights: { p: int64s([1, 2]), v: floats([0.5], []), a: int64s([-1]) },
    nodes: ['y = Pad(x, p, v, a)'],
    opset: 18,
  }),
  ...modes,
  pads("{mode: 'wrap'}", [0, 1, 2, 0, 2, 3], { opset: 19 }),
];
