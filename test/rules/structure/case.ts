/** What a structure case is, and the nets around the operator under test. */
import type { Blueprint } from '../../support/build.js';
import { floats } from '../../support/weights.js';

export interface StructureCase extends Blueprint {
  /** Sizes of the neuron groups that must be found. */
  readonly groups: readonly number[];
  /** Sizes of those that are found after half is pruned, where that is not half of them. */
  readonly after?: readonly number[];
  /** Code of the refusal of pruning. */
  readonly pruneRefused?: string;
  /** Neurons see each other: pruning is no masking, and concatenation only nearly the mean. What the note says. */
  readonly mixes?: RegExp;
  /** Only concatenation is approximate. What the note says. */
  readonly approximate?: RegExp;
  /** Where pruning takes the same neuron of every group or head: sizes found, and the note where neurons see each other. */
  readonly inner?: { readonly groups: readonly number[]; readonly mixes?: RegExp };
}

type Rest = Partial<StructureCase>;

/** x [batch, 6] -> h: 8 neurons -> `nodes`, which make a of 8 (or `width`) -> y: 3 outputs. */
export const dense = (
  nodes: readonly string[],
  { weights, width = 8, ...rest }: Rest & { width?: number } = {},
): StructureCase => ({
  groups: [8],
  inputs: { x: ['batch', 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], b1: [8], w2: [width, 3], b2: [3], zero: floats([0], []), half: floats([0.5], []), ...weights },
  nodes: ['h = Gemm(x, w1, b1)', ...nodes, 'y = Gemm(a, w2, b2)'],
  ...rest,
});

/** x [batch, 3, 6, 6] -> h: 8 channels of 6x6 -> `nodes`, which make a of 8 (or `width`) channels -> y: 4 channels. */
export const conv = (
  nodes: readonly string[],
  { weights, width = 8, ...rest }: Rest & { width?: number } = {},
): StructureCase => ({
  groups: [8],
  inputs: { x: ['batch', 3, 6, 6] },
  outputs: ['y'],
  weights: { w1: [8, 3, 3, 3], b1: [8], w2: [4, width, 1, 1], b2: [4], ...weights },
  nodes: ['h = Conv(x, w1, b1) {pads: [1, 1, 1, 1]}', ...nodes, 'y = Conv(a, w2, b2)'],
  ...rest,
});

/** x [batch, 3, 4, 4] -> h: 8 channels of 4x4 -> `nodes`, which make the matrix a of `width` columns -> y: 3 outputs. */
export const flat = (nodes: readonly string[], width: number, { weights, ...rest }: Rest = {}): StructureCase => ({
  groups: [8],
  inputs: { x: ['batch', 3, 4, 4] },
  outputs: ['y'],
  weights: { w1: [8, 3, 3, 3], b1: [8], w2: [width, 3], b2: [3], ...weights },
  nodes: ['h = Conv(x, w1, b1) {pads: [1, 1, 1, 1]}', ...nodes, 'y = Gemm(a, w2, b2)'],
  ...rest,
});

/** x [batch, 5, 6] -> h: 8 features at each of 5 places -> `nodes`, which make a of 8 features -> y: 3 at each place. */
export const sequence = (
  nodes: readonly string[],
  { weights, width = 8, ...rest }: Rest & { width?: number } = {},
): StructureCase => ({
  groups: [8],
  inputs: { x: ['batch', 5, 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], w2: [width, 3], b2: [3], ...weights },
  nodes: ['h = MatMul(x, w1)', ...nodes, 'product = MatMul(a, w2)', 'y = Add(product, b2)'],
  ...rest,
});
