/** Where a rule cannot tell the backward pass it says why. */
import { expect, test } from '@jest/globals';
import { type Blueprint, build } from '../../support/build.js';
import { withBackward } from '../../support/gradients.js';
import { floats, int32s, int64s } from '../../support/weights.js';

const heads = { q: [1, 2, 4, 3], k: [1, 2, 4, 3], v: [1, 2, 4, 3] };

const CASES: readonly (Blueprint & { readonly why: RegExp })[] = [
  {
    inputs: { x: [4] },
    weights: { r: floats([0.5], []) },
    nodes: ['t = Equal(x, x)', 'n = ReduceMax(x)', 'b = Cast(n) {to: 9}', 'y = Dropout(x, r, b)'],
    outputs: ['y'],
    why: /what it kept/,
  },
  {
    inputs: { x: [2, 3], 'a: int64': [1] },
    nodes: ['y = ReduceSum(x, a)'],
    outputs: ['y'],
    why: /its axes are known only/,
  },
  {
    inputs: { x: [2, 3] },
    nodes: ['y = ReduceL2(x) {noop_with_empty_axes: 1}'],
    opset: 18,
    why: /without axes/,
  },
  {
    inputs: { x: ['batch', 3] },
    weights: { i: int64s([0, 1], [1, 2]) },
    nodes: ['y = GatherElements(x, i)'],
    opset: 13,
    why: /before opset 16/,
  },
  {
    inputs: { x: [4], u: [2] },
    weights: { i: int64s([0, 1]) },
    nodes: ["y = ScatterElements(x, i, u) {reduction: 'mul'}"],
    why: /the reduction mul/,
  },
  { inputs: { x: ['n', 'n'] }, nodes: ["y = Einsum(x) {equation: 'ii->i'}"], why: /a diagonal of an open length/ },
  {
    inputs: { x: [2, 3], 'p: int64': [4] },
    nodes: ["y = Pad(x, p) {mode: 'edge'}"],
    why: /its margins are known only/,
  },
  {
    inputs: { x: [1, 'c', 2, 2] },
    nodes: ["y = DepthToSpace(x) {blocksize: 2, mode: 'CRD'}"],
    why: /its number of channels/,
  },
  { inputs: heads, nodes: ['y = Attention(q, k, v) {softcap: 2.0}'], opset: 23, why: /its scores are capped/ },
  {
    inputs: { ...heads, pk: [1, 2, 1, 3], pv: [1, 2, 1, 3] },
    nodes: ['y = Attention(q, k, v, , pk, pv)'],
    opset: 23,
    why: /of the past/,
  },
  ...(
    [
      ['x, w, r', ', layout: 1', /its batch comes first/],
      ['x, w, r', ', clip: 3.0', /its sums are clipped/],
      ['x, w, r', ', input_forget: 1', /input and forget gates/],
      ['x, w, r, , , , , p', '', /peepholes/],
      ['x, w, r, , n', '', /may differ in length/],
      ['x, w, r, , shorter', '', /may differ in length/],
      ['x, w, r', ", activations: ['Sigmoid','Tanh','Relu']", /for the activations sigmoid, tanh, relu/],
    ] as const
  ).map(([operands, attributes, why]) => ({
    inputs: { x: [5, 2, 3], 'n: int32': [2] },
    weights: { w: [1, 16, 3], r: [1, 16, 4], p: [1, 12], shorter: int32s([5, 4]) },
    nodes: [`y = LSTM(${operands}) {hidden_size: 4${attributes}}`],
    why,
  })),
  {
    inputs: { x: ['steps', 2, 3] },
    weights: { w: [1, 4, 3], r: [1, 4, 4], n: int32s([5, 5]) },
    nodes: ['y = RNN(x, w, r, , n) {hidden_size: 4}'],
    why: /may differ in length/,
  },
  {
    inputs: { x: [5, 2, 'inputs'] },
    weights: { w: [1, 4, 3], r: [1, 4, 4] },
    nodes: ['y = RNN(x, w, r) {hidden_size: 4}'],
    why: /its number of directions, inputs or hidden units/,
  },
];

test.each(CASES.map((each) => [each.nodes.at(-1) as string, each] as const))('%s', (_, { why, ...print }) => {
  const model = build(print);
  const output = model.graph.outputs[0]?.name ?? '';
  expect(() => withBackward(model, output, Object.keys(print.inputs))).toThrow(why);
});
