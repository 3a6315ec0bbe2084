import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { contentsOf } from '../../lib/report/contents.js';
import { analyse, describeModel } from '../../lib/report/inspect.js';
import { build, buildGraph } from '../support/build.js';
import { halves, int64s } from '../support/weights.js';

const report = (model: Model) => describeModel(model, analyse(model), { neurons: true, nodes: true });

/** conv 3 -> 4 (3x3, padded), pool to 4x4, flatten, linear 64 -> 5. */
const network = build({
  inputs: { x: ['batch', 3, 8, 8] },
  weights: { w: [4, 3, 3, 3], b: [4], v: [64, 5], shape: int64s([0, -1]) },
  nodes: [
    'a = Conv(x, w, b) {pads: [1,1,1,1]}',
    'r = Relu(a)',
    'p = MaxPool(r) {kernel_shape: [2,2], strides: [2,2]}',
    'f = Reshape(p, shape)',
    'y = MatMul(f, v)',
  ],
});

describe('what a model is made of', () => {
  test('versions, values, operators, weights', () => {
    expect(contentsOf(network)).toMatchObject({
      irVersion: 8,
      opsets: [{ domain: '', version: 17 }],
      inputs: [{ name: 'x', dtype: 'float32', shape: ['batch', 3, 8, 8] }],
      outputs: [{ name: 'y', dtype: 'float32', shape: null }],
      operators: ['Conv', 'MatMul', 'MaxPool', 'Relu', 'Reshape'].map((op) => ({ domain: '', op, count: 1 })),
      weights: { tensors: 4, parameters: 108 + 4 + 320, bytes: 4 * 432 + 16 },
    });
  });

  test('float16 counts as parameters, integers do not; most bytes first', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { h: halves([1, 2, 3, 4], [2, 2]), i: int64s([1, 2, 3]) },
      nodes: ['c = Cast(x) {to: 10}', 'y = MatMul(c, h)'],
    });
    expect(contentsOf(model).weights).toEqual({
      tensors: 2,
      parameters: 4,
      bytes: 32,
      types: [
        { dtype: 'int64', tensors: 1, bytes: 24 },
        { dtype: 'float16', tensors: 1, bytes: 8 },
      ],
    });
  });

  test('subgraphs count', () => {
    const branch = buildGraph({ inputs: {}, weights: { w: [2, 3] }, nodes: ['z = Relu(w)', 'o = Neg(z)'] });
    const model = build({
      inputs: { 'c: bool': [] },
      nodes: ['y = If(c) {then_branch: @t, else_branch: @t}'],
      parts: { t: branch },
    });
    const { operators, weights } = contentsOf(model);
    expect(operators.map(({ op, count }) => [op, count])).toEqual([
      ['Neg', 2],
      ['Relu', 2],
      ['If', 1],
    ]);
    expect(weights.parameters).toBe(12);
  });

  test('an initializer among the inputs is no input', () => {
    const model = build({ inputs: { x: [2, 2] }, weights: { w: [2, 2] }, listed: ['w'], nodes: ['y = MatMul(x, w)'] });
    expect(contentsOf(model).inputs.map(({ name }) => name)).toEqual(['x']);
  });
});

describe('MACs', () => {
  const macs = (print: Parameters<typeof build>[0]) => report(build(print)).macs;

  test('of a network: conv 4*64*27, linear 64*5, the batch as 1', () => {
    expect(report(network).macs).toEqual({ total: 4 * 64 * 27 + 320, unknown: 0 });
  });

  test('a grouped convolution takes fewer', () => {
    const print = { inputs: { x: [2, 4, 5, 5] }, weights: { w: [6, 2, 3, 3] }, nodes: ['y = Conv(x, w) {group: 2}'] };
    expect(macs(print)).toEqual({ total: 2 * 6 * 9 * (2 * 9), unknown: 0 });
  });

  test('a transposed one counts by its input', () => {
    const print = { inputs: { x: [1, 4, 5, 5] }, weights: { w: [4, 6, 2, 2] }, nodes: ['y = ConvTranspose(x, w)'] };
    expect(macs(print)).toEqual({ total: 4 * 25 * 6 * 4, unknown: 0 });
  });

  test('Gemm with transA', () => {
    const print = { inputs: { x: [7, 3] }, weights: { w: [7, 5] }, nodes: ['y = Gemm(x, w) {transA: 1}'] };
    expect(macs(print)).toEqual({ total: 3 * 7 * 5, unknown: 0 });
  });

  test('of unknown shapes are told apart', () => {
    const print = {
      inputs: { x: [4, 4] },
      weights: { w: [4, 4] },
      domains: { custom: 1 },
      nodes: ['a = custom::Op(x)', 'b = MatMul(a, w)', 'y = MatMul(x, w)'],
    };
    expect(macs(print)).toEqual({ total: 64, unknown: 1 });
  });
});

describe('neurons', () => {
  test('every coupled axis, weights and activations', () => {
    const { neurons, neuronCount } = report(network);
    expect(neuronCount).toEqual({ groups: 1, neurons: 4 });
    expect(neurons?.groups).toEqual([
      {
        name: 'w',
        size: 4,
        axes: [
          { value: 'w', axis: 0, initializer: true },
          { value: 'b', axis: 0, initializer: true },
          { value: 'v', axis: 0, initializer: true },
          ...['a', 'r', 'p', 'f'].map((value) => ({ value, axis: 1, initializer: false })),
        ],
      },
    ]);
  });

  test('why a layer has none', () => {
    expect(report(network).neurons?.fixed).toEqual([
      {
        weight: 'v',
        axis: 1,
        node: 'MatMul (makes "y")',
        positions: 5,
        of: 5,
        why: 'an axis of a graph output',
      },
    ]);
  });

  test('a node without a rule fixes what it touches, and is named', () => {
    const model = build({
      inputs: { x: ['n', 3] },
      weights: { w: [3, 4], v: [4, 2] },
      domains: { custom: 1 },
      nodes: ['a = MatMul(x, w)', 'b = custom::Op(a)', 'y = MatMul(b, v)'],
    });
    const { uncovered, neurons, neuronCount } = report(model);
    expect(uncovered).toEqual([
      { node: 'custom::Op (makes "b")', op: 'custom::Op', why: expect.stringMatching(/no rule/) },
      { node: 'MatMul (makes "y")', op: 'MatMul', why: expect.stringMatching(/shape of its value "b" is unknown/) },
    ]);
    expect(neuronCount).toEqual({ groups: 0, neurons: 0 });
    expect(neurons?.fixed.find(({ weight }) => weight === 'w')?.why).toMatch(/custom::Op .*no rule/);
  });

  test('where they influence each other', () => {
    const model = build({
      inputs: { x: ['n', 3] },
      weights: { w: [3, 4], s: [4], v: [4, 2] },
      nodes: ['a = MatMul(x, w)', 'b = LayerNormalization(a, s)', 'y = MatMul(b, v)'],
    });
    expect(report(model).neurons?.mixes).toEqual([
      { value: 'a', axis: 1, why: expect.stringMatching(/LayerNormalization/) },
    ]);
  });

  test('are left out unless asked for', () => {
    expect(describeModel(network, analyse(network), { neurons: false, nodes: false }).neurons).toBeUndefined();
  });
});

describe('what would stop a transform is a note here', () => {
  test('newer versions', () => {
    const { notes } = report({ ...network, irVersion: 99, opsets: new Map([['', 99]]) });
    expect(notes).toEqual([expect.stringMatching(/IR version 99/), expect.stringMatching(/opset 99/)]);
  });

  test('shapes that contradict each other', () => {
    const model = build({ inputs: { x: [2, 3] }, weights: { w: [4, 5] }, nodes: ['y = MatMul(x, w)'] });
    expect(report(model)).toMatchObject({ macs: null, neuronCount: null, notes: [expect.stringMatching(/MatMul/)] });
  });
});
