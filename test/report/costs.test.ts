import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { activationsOf, nodeCosts } from '../../lib/report/costs.js';
import { countMacs, MAC_OPERATORS } from '../../lib/report/macs.js';
import { atSizes, sizesOf } from '../../lib/report/open-sizes.js';
import { type Blueprint, build } from '../support/build.js';
import { codeFrom } from '../support/codes.js';
import { int8s, int64s, uint8s } from '../support/weights.js';

/** conv 3 -> 4 on 8x8, ReLU, pool to 4x4, linear 64 -> 5. */
const NETWORK: Blueprint = {
  inputs: { x: ['batch', 3, 8, 8] },
  weights: { w: [4, 3, 3, 3], b: [4], v: [64, 5], shape: int64s([0, -1]) },
  nodes: [
    'a = Conv(x, w, b) {pads: [1,1,1,1]}',
    'r = Relu(a)',
    'p = MaxPool(r) {kernel_shape: [2,2], strides: [2,2]}',
    'f = Reshape(p, shape)',
    'y = MatMul(f, v)',
  ],
};

describe('what nodes cost', () => {
  test('one by one', () => {
    const model = build(NETWORK);
    const costs = nodeCosts(model.graph, inferShapes(model));
    expect(costs.map(({ op, macs, bytes, parameters }) => [op, macs, bytes, parameters])).toEqual([
      ['Conv', 4 * 64 * 27, 4 * 256, 112],
      ['Relu', null, 4 * 256, 0],
      ['MaxPool', null, 4 * 64, 0],
      ['Reshape', null, 4 * 64, 0],
      ['MatMul', 320, 4 * 5, 320],
    ]);
    expect(costs[0]).toMatchObject({ name: '', outputs: ['a'], shape: ['batch', 4, 8, 8] });
  });

  test('a shared weight counts once, a Constant makes no activation', () => {
    const model = build({
      inputs: { x: [2, 4] },
      weights: { w: [4, 4] },
      nodes: ['c = Constant() {value_float: 2.0}', 'a = MatMul(x, w)', 'b = MatMul(a, w)', 'y = Mul(b, c)'],
    });
    const costs = nodeCosts(model.graph, inferShapes(model));
    expect(costs.map(({ bytes, parameters }) => [bytes, parameters])).toEqual([
      [0, 0],
      [32, 16],
      [32, 0],
      [32, 1],
    ]);
  });
});

describe('memory of activations', () => {
  const activations = (print: Blueprint) => {
    const model = build(print);
    return activationsOf(model.graph, inferShapes(model));
  };

  test('of a chain: two values at a time', () => {
    // 768 + 1024 beside each other, then 1024 + 1024, then 1024 + 256 and less.
    expect(activations(NETWORK)).toEqual({
      total: 768 + 1024 + 1024 + 256 + 256 + 20,
      peak: 2048,
      at: 1,
      unknown: 0,
    });
  });

  test('a value that is read late stays', () => {
    const print = {
      inputs: { x: [10] },
      outputs: ['y'],
      nodes: ['a = Relu(x)', 'b = Neg(a)', 'c = Neg(b)', 'y = Add(c, x)'],
    };
    // x, b and c while c is made.
    expect(activations(print)).toEqual({ total: 200, peak: 120, at: 1, unknown: 0 });
  });

  test('outputs stay to the end, what nobody reads goes at once', () => {
    const print = { inputs: { x: [10] }, outputs: ['a', 'b'], nodes: ['a = Relu(x)', 'z = Neg(x)', 'b = Abs(x)'] };
    expect(activations(print)).toMatchObject({ total: 160, peak: 120 });
  });

  test('types count, and what is unknown is told', () => {
    const print = {
      inputs: { x: [8] },
      domains: { custom: 1 },
      outputs: ['y', 'z'],
      nodes: ['y = Cast(x) {to: 10}', 'z = custom::Op(x)'],
    };
    expect(activations(print)).toMatchObject({ total: 48, unknown: 1 });
  });
});

describe('multiply-accumulates of other operators', () => {
  const macs = (print: Blueprint) => {
    const model = build(print);
    return countMacs(model.graph, inferShapes(model));
  };

  test.each<readonly [string, Blueprint, number]>([
    [
      'Einsum',
      { inputs: { x: [2, 3, 4] }, weights: { w: [4, 5] }, nodes: ["y = Einsum(x, w) {equation: 'abc,cd->abd'}"] },
      2 * 3 * 4 * 5,
    ],
    [
      'MatMulInteger',
      {
        inputs: { 'x: uint8': [2, 3] },
        weights: { w: int8s(Array(12).fill(1), [3, 4]) },
        nodes: ['y = MatMulInteger(x, w)'],
      },
      2 * 3 * 4,
    ],
    [
      'ConvInteger',
      {
        inputs: { 'x: uint8': [1, 2, 4, 4] },
        weights: { w: uint8s(Array(3 * 2 * 9).fill(1), [3, 2, 3, 3]) },
        nodes: ['y = ConvInteger(x, w)'],
      },
      3 * 4 * 18,
    ],
    [
      'LSTM of 5 steps, 3 -> 4',
      {
        inputs: { x: [5, 2, 3] },
        weights: { w: [1, 16, 3], r: [1, 16, 4] },
        nodes: ['y = LSTM(x, w, r) {hidden_size: 4}'],
      },
      5 * 2 * (16 * 3 + 16 * 4),
    ],
    [
      'Attention of 2 heads, 3 queries, 5 keys',
      {
        opset: 23,
        inputs: { q: [1, 2, 3, 4], k: [1, 2, 5, 4], v: [1, 2, 5, 6] },
        nodes: ['y = Attention(q, k, v)'],
      },
      2 * 3 * 5 * (4 + 6),
    ],
    [
      'Gemm with transA',
      { inputs: { x: [7, 3] }, weights: { w: [7, 5] }, nodes: ['y = Gemm(x, w) {transA: 1}'] },
      3 * 7 * 5,
    ],
  ])('%s', (_, print, total) => {
    expect(macs(print)).toEqual({ total, unknown: 0 });
  });
});

describe('open lengths', () => {
  const model = build({
    inputs: { x: ['n', 3, 'h', 'h'], m: ['n', 'k'] },
    outputs: ['y'],
    weights: { w: [4, 3, 3, 3] },
    nodes: ['y = Conv(x, w)'],
  });
  const macsAt = (options: Parameters<typeof sizesOf>[1]) => {
    const sized = atSizes(model, sizesOf(model, options));
    return countMacs(sized.graph, inferShapes(sized)).total;
  };

  test('are set in the inputs, so that what comes of them is known', () => {
    expect(macsAt({ batch: 2, sizes: new Map([['h', 10]]) })).toBe(2 * 4 * 8 * 8 * 27);
    expect([...sizesOf(model, { batch: 2 })]).toEqual([['n', 2]]);
  });

  test.each([
    ['a name that no input has', { sizes: new Map([['w', 3]]) }],
    ['half an image', { batch: 0.5 }],
    ['no image', { sizes: new Map([['h', 0]]) }],
  ])('%s is refused', (_, options) => {
    expect(codeFrom(() => sizesOf(model, options))).toBe('USAGE');
  });

  test('a batch for a model that has a fixed one is refused', () => {
    const fixed = build({ inputs: { x: [1, 3] }, nodes: ['y = Relu(x)'] });
    expect(codeFrom(() => sizesOf(fixed, { batch: 2 }))).toBe('USAGE');
  });
});

test('docs/inspect.md names the operators that are counted', () => {
  const text = readFileSync('docs/inspect.md', 'utf8');
  expect(MAC_OPERATORS.filter((op) => !text.includes(op.replace('com.microsoft::', '')))).toEqual([]);
});
