/** Which axes a group of neurons lies on, and why others are fixed. */
import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { type Blueprint, build, buildGraph } from '../support/build.js';
import { int64s } from '../support/weights.js';

const neuronsOf = (print: Blueprint) => findNeurons(build(print));

/** `w1: 8 on w1.1 b1.0 h.1 w2.0` */
const told = (print: Blueprint): readonly string[] =>
  neuronsOf(print).groups.map(
    ({ name, size, axes }) => `${name}: ${size} on ${axes.map(({ value, axis }) => `${value}.${axis}`).join(' ')}`,
  );

const chain: Blueprint = {
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};

test('one layer between input and output is one group', () => {
  expect(told(chain)).toEqual(['w1: 8 on w1.1 b1.0 w2.0 h.1 r.1']);
});

test('layers in a row are groups in their order', () => {
  const print = {
    ...chain,
    weights: { ...chain.weights, v: [8, 5] },
    nodes: ['h = Gemm(x, w1, b1)', 'g = MatMul(h, v)', 'y = MatMul(g, u)'],
  };
  expect(told({ ...print, weights: { ...print.weights, u: [5, 3] } })).toEqual([
    'w1: 8 on w1.1 b1.0 v.0 h.1',
    'v: 5 on v.1 u.0 g.1',
  ]);
});

test('a residual stream is one group, and the layer inside a branch another', () => {
  const print = {
    ...chain,
    weights: { ...chain.weights, u: [8, 5], v: [5, 8] },
    nodes: ['h = Gemm(x, w1, b1)', 'p = MatMul(h, u)', 'q = MatMul(p, v)', 's = Add(q, h)', 'y = Gemm(s, w2, b2)'],
  };
  expect(told(print)).toEqual(['w1: 8 on w1.1 b1.0 w2.0 u.0 v.1 h.1 q.1 s.1', 'u: 5 on u.1 v.0 p.1']);
});

test('a dense block: each layer keeps its own neurons on the joint axis', () => {
  const print = {
    ...chain,
    weights: { w1: [6, 8], v: [8, 4], w2: [18, 3] },
    nodes: ['h = MatMul(x, w1)', 'g = MatMul(h, v)', 'c = Concat(x, h, g) {axis: 1}', 'y = MatMul(c, w2)'],
  };
  expect(told(print)).toEqual(['w1: 8 on w1.1 v.0 w2.0 h.1 c.1', 'v: 4 on v.1 w2.0 g.1 c.1']);
  const labels = neuronsOf(print).labels('w2', 0);
  expect([...(labels?.group ?? [])]).toEqual([...Array(6).fill(-1), ...Array(8).fill(0), ...Array(4).fill(1)]);
  expect([...(labels?.neuron ?? [])].slice(6)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3]);
});

test('behind a Flatten a channel is several columns', () => {
  const print = {
    inputs: { x: ['batch', 1, 2, 2] },
    weights: { w1: [3, 1, 1, 1], w2: [12, 2] },
    nodes: ['h = Conv(x, w1)', 'f = Flatten(h)', 'y = Gemm(f, w2)'],
  } as const;
  expect([...(neuronsOf(print).labels('w2', 0)?.neuron ?? [])]).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
  const last = {
    ...print,
    nodes: ['h = Conv(x, w1)', 't = Transpose(h) {perm: [0, 2, 3, 1]}', 'f = Flatten(t)', 'y = Gemm(f, w2)'],
  };
  expect([...(neuronsOf(last).labels('w2', 0)?.neuron ?? [])]).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2]);
});

test('heads: whole ones for a fusion, the same feature of each for pruning', () => {
  const print: Blueprint = {
    inputs: { x: ['batch', 6] },
    weights: { w1: [6, 6], w2: [6, 3], t: int64s([0, 2, 3]), u: int64s([0, 6]) },
    nodes: ['h = MatMul(x, w1)', 'm = Reshape(h, t)', 'r = Relu(m)', 'f = Reshape(r, u)', 'y = MatMul(f, w2)'],
  };
  const labels = (policy: 'outer' | 'inner') => [...(findNeurons(build(print), policy).labels('w1', 1)?.neuron ?? [])];
  expect(labels('outer')).toEqual([0, 0, 0, 1, 1, 1]);
  expect(labels('inner')).toEqual([0, 1, 2, 0, 1, 2]);
});

test('an embedding makes neurons', () => {
  const print: Blueprint = {
    inputs: { 'ids: int64': ['batch', 4] },
    weights: { table: [10, 6], w2: [6, 3] },
    nodes: ['e = Gather(table, ids)', 'y = MatMul(e, w2)'],
  };
  expect(told(print)).toEqual(['table: 6 on table.1 w2.0 e.2']);
});

test('a bare parameter makes none', () => {
  const print: Blueprint = {
    inputs: { x: ['batch', 1] },
    weights: { p: [1, 6], w2: [6, 3] },
    nodes: ['e = Mul(x, p)', 'y = MatMul(e, w2)'],
  };
  expect(told(print)).toEqual([]);
});

describe('why an axis is fixed', () => {
  const why = (print: Blueprint, value: string, axis: number) => neuronsOf(print).fixedWhy(value, axis);

  test('the interface of the model', () => {
    expect(why(chain, 'w1', 0)).toBe('an axis of a graph input');
    expect(why(chain, 'w2', 1)).toBe('an axis of a graph output');
    expect(why(chain, 'w1', 1)).toBeUndefined();
  });

  test('an output in the middle', () => {
    expect(why({ ...chain, outputs: ['y', 'h'] }, 'w1', 1)).toBe('an axis of a graph output');
  });

  test('an operator that no rule knows', () => {
    const print = {
      ...chain,
      domains: { custom: 1 },
      nodes: ['h = Gemm(x, w1, b1)', 'r = custom::Op(h)', 'y = Gemm(r, w2, b2)'],
    };
    expect(why(print, 'w1', 1)).toBe('custom::Op (makes "r"): no rule says where the neurons go in custom::Op');
    expect([...neuronsOf(print).unsupported.values()]).toEqual([
      'no rule says where the neurons go in custom::Op',
      'the shape of its value "r" is unknown',
    ]);
  });

  test('a value of unknown shape', () => {
    const print = {
      ...chain,
      inputs: { ...chain.inputs, 't: int64': [2] },
      nodes: ['h = Gemm(x, w1, b1)', 'r = Expand(h, t)', 'y = Gemm(r, w2, b2)'],
    };
    expect(why(print, 'w1', 1)).toContain('the shape of its value "r" is unknown');
  });

  test('a subgraph that looks at it', () => {
    const branch = buildGraph({ inputs: {}, nodes: ['b = ReduceSum(h)'] });
    const print = {
      ...chain,
      inputs: { ...chain.inputs, 'c: bool': [] },
      outputs: ['y'],
      parts: { b: branch },
      nodes: [...chain.nodes.slice(0, 2), 'z = If(c) {then_branch: @b, else_branch: @b}', chain.nodes[2] as string],
    };
    expect(why(print, 'w1', 1)).toBe('used inside If (makes "z")');
    expect(told(print)).toEqual([]);
  });

  test('a softmax', () => {
    const print = { ...chain, nodes: ['h = Gemm(x, w1, b1)', 'r = Softmax(h)', 'y = Gemm(r, w2, b2)'] };
    expect(why(print, 'w1', 1)).toBe('Softmax (makes "r"): Softmax runs over it');
  });
});

test('initializers among the inputs are no inputs', () => {
  expect(told({ ...chain, irVersion: 3, listed: ['w1', 'b1', 'w2', 'b2'] })).toEqual([
    'w1: 8 on w1.1 b1.0 w2.0 h.1 r.1',
  ]);
});

test('neurons that mix are noted, and where', () => {
  const print = { ...chain, nodes: ['h = Gemm(x, w1, b1)', 'r = LayerNormalization(h, b1)', 'y = Gemm(r, w2, b2)'] };
  expect(neuronsOf(print).mixes).toEqual([
    { kind: 'mixes', at: { value: 'h', axis: 1 }, why: 'LayerNormalization normalises over these neurons together' },
  ]);
});

test('more positions than memory should hold are refused', () => {
  const nodes = ['h = Expand(x, t)', 'y = Relu(h)'];
  const print = { inputs: { x: [1] }, weights: { t: int64s([2 ** 29]) }, nodes };
  expect(() => neuronsOf(print)).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
});

test('neurons that stand on an axis more often than others are a group of their own', () => {
  const print = {
    inputs: { x: ['batch', 2] },
    weights: { w1: [2, 4], picks: int64s([0, 1, 0, 2]), w2: [4, 3] },
    nodes: ['h = MatMul(x, w1)', 'p = Gather(h, picks) {axis: 1}', 'y = MatMul(p, w2)'],
  };
  const groups = neuronsOf(print).groups.map(({ name, size }) => `${name}: ${size}`);
  expect(groups).toEqual(['w1: 1', 'w1: 2', 'w1: 1']);
});

test('channels whose pixels are taken in another order are a group of their own', () => {
  const print = {
    inputs: { x: ['batch', 1, 2] },
    weights: { w1: [3, 1, 1], picks: int64s([0, 1, 3, 2, 4, 5]), w2: [6, 2] },
    nodes: ['h = Conv(x, w1)', 'f = Flatten(h)', 'p = Gather(f, picks) {axis: 1}', 'y = MatMul(p, w2)'],
  };
  const labels = neuronsOf(print).labels('w2', 0);
  expect([...(labels?.group ?? [])]).toEqual([0, 0, 1, 1, 0, 0]);
});

test('neurons that reach an axis by different ways are groups of their own', () => {
  const print = {
    inputs: { x: ['batch', 2] },
    weights: { w1: [2, 4], picks: int64s([0, 5, 2, 7]), w2: [4, 3] },
    nodes: [
      'h = MatMul(x, w1)',
      'r = Relu(h)',
      'c = Concat(h, r) {axis: 1}',
      'p = Gather(c, picks) {axis: 1}',
      'y = MatMul(p, w2)',
    ],
  };
  const labels = neuronsOf(print).labels('w2', 0);
  expect([...(labels?.group ?? [])]).toEqual([0, 1, 0, 1]);
});
