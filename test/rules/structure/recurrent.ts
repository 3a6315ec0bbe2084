/** Structure cases of recurrent layers. */
import { floats, int64s } from '../../support/weights.js';
import type { StructureCase } from './case.js';

type Rest = Partial<StructureCase>;

/** Gates of each operator. */
const GATES = { LSTM: 4, GRU: 3, RNN: 1 } as const;
type Op = keyof typeof GATES;

/** Weights of a layer named `l` of 8 hidden units over `width` inputs. */
const layer = (l: string, op: Op, width: number, directions = 1) => ({
  [`${l}w`]: [directions, GATES[op] * 8, width],
  [`${l}r`]: [directions, GATES[op] * 8, 8],
  [`${l}b`]: [directions, 2 * GATES[op] * 8],
});

/** x [5 steps, batch, 6] -> `nodes`, which make a [.., batch, width] -> y. */
const over = (nodes: readonly string[], { weights, ...rest }: Rest = {}, width = 8): StructureCase => ({
  groups: [8],
  inputs: { x: [5, 'batch', 6] },
  outputs: ['y'],
  weights: { w2: [width, 3], one: int64s([1]), zero: int64s([0]), ...weights },
  nodes: [...nodes, 'y = MatMul(a, w2)'],
  ...rest,
});

const each = (Object.keys(GATES) as Op[]).flatMap((op): readonly StructureCase[] => [
  over([`h = ${op}(x, lw, lr, lb) {hidden_size: 8}`, 'a = Squeeze(h, one)'], { weights: layer('l', op, 6) }),
  // Without a bias, and backwards; the attribute left out is what the weights say.
  over([`h = ${op}(x, lw, lr) {hidden_size: 8, direction: 'reverse'}`, 'a = Squeeze(h, one)'], {
    weights: layer('l', op, 6),
  }),
  // Both directions behind each other, as PyTorch joins them.
  over(
    [
      `h = ${op}(x, lw, lr, lb) {hidden_size: 8, direction: 'bidirectional'}`,
      't = Transpose(h) {perm: [0, 2, 1, 3]}',
      'a = Reshape(t, joined)',
    ],
    { weights: { ...layer('l', op, 6, 2), joined: int64s([0, 0, -1]) } },
    16,
  ),
  // One upon the other: the lower one's units are the upper one's inputs.
  over(
    [
      `h = ${op}(x, lw, lr, lb) {hidden_size: 8}`,
      's = Squeeze(h, one)',
      `g = ${op}(s, uw, ur, ub) {hidden_size: 8}`,
      'a = Squeeze(g, one)',
    ],
    { weights: { ...layer('l', op, 6), ...layer('u', op, 8) }, groups: [8, 8] },
  ),
  // Only the last state; the outputs are left out.
  over([`, s = ${op}(x, lw, lr, lb) {hidden_size: 8}`, 'a = Squeeze(s, zero)'], { weights: layer('l', op, 6) }),
  // Initial states of zeros, which are as wide as the layer, made for an open batch; lengths that are told.
  over(
    [
      'shape = Shape(x) {start: 1, end: 2}',
      'sizes = Concat(one, shape, eight) {axis: 0}',
      'z = ConstantOfShape(sizes)',
      `h, s = ${op}(x, lw, lr, lb, lengths, z) {hidden_size: 8}`,
      'b = Squeeze(h, one)',
      'e = Squeeze(s, zero)',
      'a = Add(b, e)',
    ],
    {
      inputs: { x: [5, 'batch', 6], 'lengths: int32': ['batch'] },
      weights: { ...layer('l', op, 6), eight: int64s([8]) },
    },
  ),
]);

const cells: readonly StructureCase[] = [
  // Learned initial states and peepholes.
  over(
    ['h, s, c = LSTM(x, lw, lr, lb, , h0, c0, p) {hidden_size: 8, clip: 0.5}', 'b = Squeeze(c, zero)', 'a = Tanh(b)'],
    { inputs: { x: [5, 2, 6] }, weights: { ...layer('l', 'LSTM', 6), h0: [1, 2, 8], c0: [1, 2, 8], p: [1, 24] } },
  ),
  over(['h = GRU(x, lw, lr, lb) {hidden_size: 8, linear_before_reset: 1}', 'a = Squeeze(h, one)'], {
    weights: layer('l', 'GRU', 6),
  }),
  // Behind a layer of its own.
  over(['e = MatMul(x, v)', 'h = LSTM(e, lw, lr, lb) {hidden_size: 8}', 'a = Squeeze(h, one)'], {
    weights: { v: [6, 4], ...layer('l', 'LSTM', 4) },
    groups: [4, 8],
  }),
  // The hidden units are the graph's outputs: the members have other ones.
  {
    groups: [4],
    inputs: { x: [5, 'batch', 6] },
    outputs: ['y'],
    weights: { v: [6, 4], ...layer('l', 'LSTM', 4) },
    nodes: ['e = MatMul(x, v)', 'y = LSTM(e, lw, lr, lb) {hidden_size: 8}'],
    approximate: /all neurons share "lr" \(an axis of a graph output\), "lb"/,
  },
  // The same hidden weights in all members: the mean of what goes in is not the mean of what comes out.
  {
    groups: [4],
    inputs: { x: [5, 'batch', 6] },
    outputs: ['y'],
    weights: { v: [6, 4], lw: [1, 3, 4], lr: floats([0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9], [1, 3, 3]) },
    nodes: ['e = MatMul(x, v)', 'y = RNN(e, lw, lr) {hidden_size: 3}'],
    approximate: /not linear and makes the members' mean/,
  },
];

export const recurrentCases: readonly StructureCase[] = [...each, ...cells];
