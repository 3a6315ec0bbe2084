/** Importance by hand: small weights, every term of a score written out. */
import { describe, expect, test } from '@jest/globals';
import type { ImportanceOptions } from '../../../lib/analysis/importance/index.js';
import { DOUBLE, FLOAT16 } from '../../../lib/ir/dtype.js';
import { type Blueprint, build } from '../../support/build.js';
import { scoresAlone, scoresOf } from '../../support/scored.js';
import { doubles, floats, halves, int64s, type Weight } from '../../support/weights.js';

const scores = (print: Blueprint, options?: Partial<ImportanceOptions>) => scoresAlone(build(print), options);
const sq = (...values: readonly number[]) => values.reduce((sum, value) => sum + value * value, 0);
const mean = (...values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** h = x [1 2; 3 4] + 100, y = h [5; 6]: neuron 0 is made of 1 and 3 and read with 5. */
const plain: Blueprint = {
  inputs: { x: ['batch', 2] },
  weights: { w1: floats([1, 2, 3, 4], [2, 2]), b1: floats([100, 200]), w2: floats([5, 6], [2, 1]), b2: floats([300]) },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};

describe('l2 is the mean over the layers of squared norms', () => {
  test('rows that make a neuron and columns that read it, without a square root, without biases', () => {
    expect(scores(plain)).toEqual([[mean(sq(1, 3), sq(5)), mean(sq(2, 4), sq(6))]]);
  });

  test('l1 takes sizes in place of squares', () => {
    expect(scores(plain, { importance: 'l1' })).toEqual([[mean(1 + 3, 5), mean(2 + 4, 6)]]);
  });

  test.each<readonly [string, Partial<Blueprint>]>([
    [
      'Gemm with transB',
      {
        weights: { w1: floats([1, 3, 2, 4], [2, 2]), w2: floats([5, 6], [1, 2]) },
        nodes: ['h = Gemm(x, w1) {transB: 1}', 'y = Gemm(h, w2) {transB: 1}'],
      },
    ],
    ['MatMul and Add', { nodes: ['p = MatMul(x, w1)', 'h = Add(b1, p)', 'y = MatMul(h, w2)'] }],
    [
      'weights on the left',
      {
        inputs: { x: [2, 'batch'] },
        weights: { w1: floats([1, 3, 2, 4], [2, 2]), w2: floats([5, 6], [1, 2]) },
        nodes: ['h = MatMul(w1, x)', 'y = Gemm(w2, h)'],
      },
    ],
    ['alpha is not counted', { nodes: ['h = Gemm(x, w1, b1) {alpha: 3.0}', 'y = Gemm(h, w2)'] }],
  ])('however it is written: %s', (_, rest) => {
    expect(scores({ ...plain, ...rest })).toEqual(scores(plain));
  });

  test('negative weights count by size', () => {
    const weights = { w1: floats([-1, 2, 3, -4], [2, 2]), w2: floats([-5, 6], [2, 1]) };
    const nodes = ['h = MatMul(x, w1)', 'y = MatMul(h, w2)'];
    expect(scores({ ...plain, weights, nodes })).toEqual(scores(plain));
    expect(scores({ ...plain, weights, nodes }, { importance: 'l1' })).toEqual(scores(plain, { importance: 'l1' }));
  });

  test.each<readonly [string, (values: readonly number[], dims: readonly number[]) => Weight, number]>([
    ['float16', halves, FLOAT16],
    ['float64', doubles, DOUBLE],
  ])('in %s', (type, make, to) => {
    const weights = { w1: make([1, 2, 3, 4], [2, 2]), w2: make([5, 6], [2, 1]) };
    const print = {
      inputs: { [`x: ${type}`]: ['batch', 2] },
      weights,
      nodes: ['h = MatMul(x, w1)', 'y = MatMul(h, w2)'],
    };
    expect(build(print).graph.inputs[0]?.dtype).toBe(to);
    expect(scores(print)).toEqual(scores(plain));
  });
});

describe('what else counts', () => {
  const normed: Blueprint = {
    inputs: { x: ['batch', 2] },
    weights: {
      w1: floats([1, 2, 3, 4], [2, 2]),
      g: floats([7, -8]),
      b: floats([100, 100]),
      m: floats([100, 100]),
      v: floats([100, 100]),
      w2: floats([5, 6], [2, 1]),
    },
    nodes: ['h = MatMul(x, w1)', 'n = BatchNormalization(h, g, b, m, v)', 'y = MatMul(n, w2)'],
  };

  test('the scale of a BatchNormalization, as a term of its own', () => {
    expect(scores(normed)).toEqual([[mean(sq(1, 3), sq(7), sq(5)), mean(sq(2, 4), sq(8), sq(6))]]);
    expect(scores(normed, { importance: 'bn-scale' })).toEqual([[7, 8]]);
  });

  test('the scale of a LayerNormalization', () => {
    const nodes = ['h = MatMul(x, w1)', 'n = LayerNormalization(h, g, b)', 'y = MatMul(n, w2)'];
    expect(scores({ ...normed, nodes })).toEqual(scores(normed));
  });

  test('not the slope of a PRelu, nor a scale that is only multiplied, nor that of an InstanceNormalization', () => {
    const nodes = ['h = MatMul(x, w1)', 'p = PRelu(h, m)', 'n = Mul(p, g)', 'y = MatMul(n, w2)'];
    expect(scores({ ...normed, nodes })).toEqual(scores(plain));
    const conv: Blueprint = {
      inputs: { x: ['batch', 2, 4] },
      weights: { w1: floats([1, 3, 2, 4], [2, 2, 1]), g: floats([7, 8]), w2: floats([5, 6], [1, 2, 1]) },
      nodes: ['h = Conv(x, w1)', 'n = InstanceNormalization(h, g, g)', 'y = Conv(n, w2)'],
    };
    expect(scores(conv)).toEqual(scores(plain));
  });

  test('not the kernels of a depthwise convolution', () => {
    const conv: Blueprint = {
      inputs: { x: ['batch', 2, 4] },
      weights: { w1: floats([1, 3, 2, 4], [2, 2, 1]), d: floats([100, 200], [2, 1, 1]), w2: floats([5, 6], [1, 2, 1]) },
      nodes: ['h = Conv(x, w1)', 'n = Conv(h, d) {group: 2}', 'y = Conv(n, w2)'],
    };
    expect(scores(conv)).toEqual(scores(plain));
  });

  test('every reader', () => {
    const nodes = ['h = MatMul(x, w1)', 'p = MatMul(h, w2)', 'q = MatMul(h, w3)', 'y = Concat(p, q) {axis: 1}'];
    const weights = { ...plain.weights, w3: floats([7, 8, 9, 10], [2, 2]) };
    expect(scores({ ...plain, weights, nodes })).toEqual([
      [mean(sq(1, 3), sq(5), sq(7, 8)), mean(sq(2, 4), sq(6), sq(9, 10))],
    ]);
  });
});

describe('neurons on several positions', () => {
  test('behind a Flatten the columns of a channel are summed to one term', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 1, 1, 2] },
      weights: { w1: floats([2, 3], [2, 1, 1, 1]), w2: floats([4, 5, 6, 7], [4, 1]) },
      nodes: ['h = Conv(x, w1)', 'f = Flatten(h)', 'y = Gemm(f, w2)'],
    };
    expect(scores(print)).toEqual([[mean(sq(2), sq(4, 5)), mean(sq(3), sq(6, 7))]]);
  });

  test('channels last, the columns lie apart', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 1, 1, 2] },
      weights: { w1: floats([2, 3], [2, 1, 1, 1]), w2: floats([4, 5, 6, 7], [4, 1]) },
      nodes: ['h = Conv(x, w1)', 't = Transpose(h) {perm: [0, 2, 3, 1]}', 'f = Flatten(t)', 'y = Gemm(f, w2)'],
    };
    expect(scores(print)).toEqual([[mean(sq(2), sq(4, 6)), mean(sq(3), sq(5, 7))]]);
  });

  test('a kernel counts as a whole', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 1, 3] },
      weights: { w1: floats([1, 2, 3, 4], [2, 1, 2]), w2: floats([5, 6, 7, 8], [1, 2, 2]) },
      nodes: ['h = Conv(x, w1)', 'y = Conv(h, w2)'],
    };
    expect(scores(print)).toEqual([[mean(sq(1, 2), sq(5, 6)), mean(sq(3, 4), sq(7, 8))]]);
  });

  test('the same tensor twice', () => {
    const print: Blueprint = {
      ...plain,
      weights: { w1: floats([1, 2, 3, 4], [2, 2]), w2: floats([5, 6, 7, 8], [4, 1]) },
      nodes: ['h = MatMul(x, w1)', 'c = Concat(h, h) {axis: 1}', 'y = MatMul(c, w2)'],
    };
    expect(scores(print)).toEqual([[mean(sq(1, 3), sq(5, 7)), mean(sq(2, 4), sq(6, 8))]]);
  });

  test('queries, keys and values in one matrix add up for each head', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 5, 1] },
      weights: {
        w: floats([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [1, 12]),
        heads: int64s([0, 5, 3, 2, 2]),
        first: int64s([0], []),
        second: int64s([1], []),
        third: int64s([2], []),
        merged: int64s([0, 5, 4]),
        v: floats([13, 14, 15, 16], [4, 1]),
      },
      nodes: [
        'a = MatMul(x, w)',
        'b = Reshape(a, heads)',
        'c = Transpose(b) {perm: [2, 0, 3, 1, 4]}',
        'q = Gather(c, first)',
        'k = Gather(c, second)',
        'u = Gather(c, third)',
        't = Transpose(k) {perm: [0, 1, 3, 2]}',
        'e = MatMul(q, t)',
        's = Softmax(e) {axis: -1}',
        'o = MatMul(s, u)',
        'p = Transpose(o) {perm: [0, 2, 1, 3]}',
        'm = Reshape(p, merged)',
        'y = MatMul(m, v)',
      ],
    };
    // Two heads of two features each: a head has two columns of each of the three, and two rows of the last matrix.
    expect(scores(print)).toEqual([
      [mean(sq(1, 2, 5, 6, 9, 10) / 2, sq(13, 14) / 2), mean(sq(3, 4, 7, 8, 11, 12) / 2, sq(15, 16) / 2)],
    ]);
  });
});

describe('layers of one group', () => {
  const loop = floats([10, 20, 30, 40], [2, 2]);

  test('of a residual stream count all, each side once', () => {
    const print: Blueprint = {
      ...plain,
      weights: { ...plain.weights, v: loop },
      nodes: ['h = MatMul(x, w1)', 'c = MatMul(h, v)', 's = Add(h, c)', 'y = MatMul(s, w2)'],
    };
    expect(scores(print)).toEqual([
      [mean(sq(1, 3), sq(10, 30), sq(10, 20), sq(5)), mean(sq(2, 4), sq(20, 40), sq(30, 40), sq(6))],
    ]);
  });

  test('called twice count once a side', () => {
    const print: Blueprint = {
      ...plain,
      weights: { ...plain.weights, v: loop },
      nodes: ['h = MatMul(x, w1)', 'c = MatMul(h, v)', 'd = MatMul(c, v)', 'y = MatMul(d, w2)'],
    };
    expect(scores(print)).toEqual([
      [mean(sq(1, 3), sq(10, 30), sq(10, 20), sq(5)), mean(sq(2, 4), sq(20, 40), sq(30, 40), sq(6))],
    ]);
  });
});

describe('in a fusion', () => {
  test('the closing layer is scaled by the share, its norm by the share squared', () => {
    const [first, second] = scoresOf([build(plain), build(plain)]);
    expect([...(first?.[0] ?? [])]).toEqual([mean(sq(1, 3), sq(5) / 4), mean(sq(2, 4), sq(6) / 4)]);
    expect(second).toEqual(first);
    const [l1] = scoresOf([build(plain), build(plain)], { importance: 'l1' });
    expect([...(l1?.[0] ?? [])]).toEqual([mean(4, 5 / 2), mean(6, 6 / 2)]);
  });

  test('shares follow the widths: 2 of 5 neurons and 3 of 5', () => {
    const wide: Blueprint = {
      ...plain,
      weights: { w1: floats([1, 2, 3, 4, 5, 6], [2, 3]), b1: [3], w2: floats([5, 10, 15], [3, 1]), b2: [1] },
    };
    const [first, second] = scoresOf([build(plain), build(wide)]);
    expect(first?.[0]?.[0]).toBeCloseTo(mean(sq(1, 3), sq(5 * 0.4)), 12);
    expect(second?.[0]?.[2]).toBeCloseTo(mean(sq(3, 6), sq(15 * 0.6)), 12);
  });

  test('a weight that both makes neurons and closes is scaled only where it closes', () => {
    // The first output goes out, the other two are neurons.
    const print: Blueprint = {
      inputs: { x: ['batch', 1] },
      outputs: ['p', 'y'],
      weights: { w0: floats([1, 2], [1, 2]), w1: floats([8, 1, 2, 8, 3, 4], [2, 3]), w2: floats([5, 6], [2, 1]) },
      nodes: [
        'g = MatMul(x, w0)',
        'h = MatMul(g, w1)',
        'p = Slice(h, z, i, i)',
        'q = Slice(h, i, t, i)',
        'y = MatMul(q, w2)',
      ],
    };
    const weights = { ...print.weights, z: int64s([0]), i: int64s([1]), t: int64s([3]) };
    const [first] = scoresOf([build({ ...print, weights }), build({ ...print, weights })]);
    expect([...(first?.[0] ?? [])]).toEqual([mean(sq(1), sq(8 / 2, 1, 2)), mean(sq(2), sq(8 / 2, 3, 4))]);
    expect([...(first?.[1] ?? [])]).toEqual([mean(sq(1, 3), sq(5 / 2)), mean(sq(2, 4), sq(6 / 2))]);
  });
});

describe('random', () => {
  test('is the same for a seed, another for another seed or member, and depends on no weight', () => {
    const [a, b] = scoresOf([build(plain), build(plain)], { importance: 'random', seed: 5 });
    expect(a).not.toEqual(b);
    expect(
      scoresOf([build({ ...plain, weights: { ...plain.weights, w1: [2, 2] } })], { importance: 'random', seed: 5 })[0],
    ).toEqual(a);
    expect(scoresOf([build(plain)], { importance: 'random', seed: 6 })[0]).not.toEqual(a);
  });
});

describe('what cannot be scored', () => {
  const broken = (value: number) =>
    build({ ...plain, weights: { ...plain.weights, w1: floats([1, value, 3, 4], [2, 2]) } });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%p is refused with the tensor, or counts as nothing', (value) => {
    expect(() => scoresAlone(broken(value))).toThrow(
      expect.objectContaining({ code: 'NONFINITE', message: expect.stringContaining('"w1"') }),
    );
    expect(scoresAlone(broken(value), { allowNonfinite: true })).toEqual([[mean(sq(1, 3), sq(5)), mean(0, sq(6))]]);
  });

  test('bn-scale where there is none', () => {
    expect(() => scores(plain, { importance: 'bn-scale' })).toThrow(
      expect.objectContaining({ code: 'USAGE', message: expect.stringContaining('"w1"') }),
    );
  });
});
