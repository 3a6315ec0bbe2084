/** The measures beside l2: by hand where that is short, and as laws between a fusion and the concatenation that it stands for. */
import { describe, expect, test } from '@jest/globals';
import { fpgm, fpgmInBlocks } from '../../../lib/analysis/importance/fpgm.js';
import {
  type Importance,
  type Moments,
  momentKey,
  normaliserOf,
  readAxes,
} from '../../../lib/analysis/importance/index.js';
import { gatherFamily } from '../../../lib/analysis/members.js';
import { findNeurons } from '../../../lib/analysis/neurons.js';
import { findRoles } from '../../../lib/analysis/roles.js';
import type { Tensor } from '../../../lib/ir/model.js';
import { finish } from '../../../lib/ir/steps.js';
import { concat } from '../../../lib/transforms/concat.js';
import { type Blueprint, build, members } from '../../support/build.js';
import { SCORING, scoresAlone, scoresOf } from '../../support/scored.js';
import { floats, positive } from '../../support/weights.js';

/** h = x [1 2; 3 4], y = h [5; 6]. */
const plain: Blueprint = {
  inputs: { x: ['batch', 2] },
  weights: { w1: floats([1, 2, 3, 4], [2, 2]), w2: floats([5, 6], [2, 1]) },
  nodes: ['h = MatMul(x, w1)', 'r = Relu(h)', 'y = MatMul(r, w2)'],
};

/** Everything that scores can meet: BatchNormalization, a residual stream, a Flatten, a Concat. */
const deep: Blueprint = {
  inputs: { x: ['batch', 2, 3, 3] },
  weights: {
    w1: [5, 2, 3, 3],
    g: positive([5]),
    b: [5],
    m: [5],
    v: positive([5]),
    w2: [5, 5, 1, 1],
    w3: [4, 5, 3, 3],
    w4: [81, 6],
    w5: [6, 3],
  },
  nodes: [
    'a = Conv(x, w1) {pads: [1,1,1,1]}',
    'n = BatchNormalization(a, g, b, m, v)',
    'r = Relu(n)',
    'c = Conv(r, w2)',
    's = Add(c, r)',
    'd = Conv(s, w3) {pads: [1,1,1,1]}',
    'j = Concat(s, d) {axis: 1}',
    'f = Flatten(j)',
    'h = MatMul(f, w4)',
    'y = MatMul(h, w5)',
  ],
};

const rounded = (scores: readonly (readonly number[])[]) =>
  scores.map((group) => group.map((score) => Number(score.toPrecision(9))));

test.each<Importance>(['l2', 'l1', 'lamp', 'fpgm'])('%s of a fusion is that of the concatenation', (importance) => {
  const models = members(deep);
  const wide = concat(models, { exact: true }).model;
  const [first = [], second = []] = scoresOf(models, { importance });
  const together = first.map((group, i) => [...group, ...(second[i] ?? [])]);
  expect(rounded(together)).toEqual(rounded(scoresAlone(wide, { importance })));
});

describe('fpgm', () => {
  test('is the sum of distances between vectors of squares, on both sides', () => {
    // [1 9] and [4 16] are sqrt(9 + 49) apart, [25] and [36] 11.
    const apart = (Math.sqrt(58) + 11) / 2;
    expect(rounded(scoresAlone(build(plain), { importance: 'fpgm' }))).toEqual(rounded([[apart, apart]]));
  });

  test('of a neuron that doubles another is smaller than of one that stands alone', () => {
    const weights = { w1: floats([1, 1, 5], [1, 3]), w2: floats([2, 2, 9], [3, 1]) };
    const [[a, b, c] = []] = scoresAlone(build({ ...plain, inputs: { x: ['batch', 1] }, weights }), {
      importance: 'fpgm',
    });
    expect(a).toBe(b);
    expect(c).toBeGreaterThan(a as number);
  });

  test('is the same in blocks of any size', () => {
    const models = members(deep);
    const family = gatherFamily(models[0], models);
    const scene = { family, roles: findRoles(family.template), shareOf: () => 0.5, options: { ...SCORING } };
    const whole = finish(fpgm(scene));
    for (const bytes of [8, 500, 2000]) {
      const parts = finish(fpgmInBlocks(bytes)(scene));
      expect(parts.map((terms) => terms.map(({ sums }) => rounded([[...sums]])))).toEqual(
        whole.map((terms) => terms.map(({ sums }) => rounded([[...sums]]))),
      );
    }
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('%p is refused, or counts as nothing', (value) => {
    const broken = build({ ...plain, weights: { ...plain.weights, w1: floats([1, value, 3, 4], [2, 2]) } });
    expect(() => scoresAlone(broken, { importance: 'fpgm' })).toThrow(expect.objectContaining({ code: 'NONFINITE' }));
    const zero = build({ ...plain, weights: { ...plain.weights, w1: floats([1, 0, 3, 4], [2, 2]) } });
    expect(scoresAlone(broken, { importance: 'fpgm', allowNonfinite: true })).toEqual(
      scoresAlone(zero, { importance: 'fpgm' }),
    );
  });
});

describe('lamp', () => {
  test('divides by all that is not smaller; the largest is 1', () => {
    expect([...normaliserOf('lamp')(Float64Array.of(3, 1, 4))]).toEqual([3 / 7, 1 / 8, 1]);
    expect([...normaliserOf('lamp')(Float64Array.of(0, 0))]).toEqual([0, 0]);
  });

  test('of equal ones divides the later by less', () => {
    expect([...normaliserOf('lamp')(Float64Array.of(2, 2, 2))]).toEqual([1 / 3, 1 / 2, 1]);
  });
});

describe('activation', () => {
  const moments = (entries: Readonly<Record<string, readonly number[]>>): Moments =>
    new Map(Object.entries(entries).map(([value, means]) => [momentKey({ value, axis: 1 }), Float64Array.from(means)]));
  const score = (print: Blueprint, entries: Readonly<Record<string, readonly number[]>>) =>
    scoresAlone(build(print), { importance: 'activation', moments: [moments(entries)] });

  test('is the mean square of what is read times the squared weights that read it', () => {
    expect(score(plain, { r: [2, 3] })).toEqual([[2 * 25, 3 * 36]]);
  });

  test('adds up over the columns behind a Flatten', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 1, 1, 2] },
      weights: { w1: floats([2, 3], [2, 1, 1, 1]), w2: floats([4, 5, 6, 7], [4, 1]) },
      nodes: ['h = Conv(x, w1)', 'f = Flatten(h)', 'y = Gemm(f, w2)'],
    };
    expect(score(print, { f: [1, 2, 3, 4] })).toEqual([[16 + 2 * 25, 3 * 36 + 4 * 49]]);
  });

  test('is the mean over all readers, each with what it reads', () => {
    const print: Blueprint = {
      ...plain,
      weights: { ...plain.weights, w3: floats([7, 8], [2, 1]) },
      nodes: [
        'h = MatMul(x, w1)',
        'r = Relu(h)',
        'p = MatMul(r, w2)',
        'q = MatMul(h, w3)',
        'y = Concat(p, q) {axis: 1}',
      ],
    };
    expect(score(print, { r: [2, 3], h: [1, 10] })).toEqual([[(2 * 25 + 49) / 2, (3 * 36 + 640) / 2]]);
  });

  test('of neurons that only a product of activations reads is the mean square of them', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 3, 2] },
      weights: { wq: [2, 4], wk: [2, 4], wv: [2, 5], wo: floats([1, 2, 3, 4, 5], [5, 1]) },
      nodes: [
        'q = MatMul(x, wq)',
        'k = MatMul(x, wk)',
        't = Transpose(k) {perm: [0, 2, 1]}',
        's = MatMul(q, t)',
        'p = Softmax(s)',
        'v = MatMul(x, wv)',
        'o = MatMul(p, v)',
        'y = MatMul(o, wo)',
      ],
    };
    const model = build(print);
    expect(readAxes(findNeurons(model)).map(({ value }) => value)).toEqual(['q', 'k', 'v', 'o']);
    const of = (value: string, ...means: readonly number[]) =>
      [momentKey({ value, axis: 2 }), Float64Array.from(means)] as const;
    const all = new Map([of('q', 1, 2, 3, 4), of('k', 5, 6, 7, 8), of('v', 9, 9, 9, 9, 9), of('o', 1, 1, 1, 1, 2)]);
    expect(scoresAlone(model, { importance: 'activation', moments: [all] })).toEqual([
      [3, 4, 5, 6],
      [1, 4, 9, 16, 50],
    ]);
  });

  test('needs data', () => {
    expect(() => scoresAlone(build(plain), { importance: 'activation' })).toThrow(
      expect.objectContaining({ code: 'USAGE', advice: expect.stringMatching(/--data/) }),
    );
  });
});

describe('taylor', () => {
  const gradient = (name: string, values: readonly number[], dims: readonly number[]): readonly [string, Tensor] => [
    name,
    build({ inputs: {}, weights: { [name]: floats(values, dims) }, nodes: [], outputs: [] }).graph.initializers.get(
      name,
    ) as Tensor,
  ];
  const good = new Map([gradient('w1', [1, -1, 0.5, 2], [2, 2]), gradient('w2', [-3, 0.5], [2, 1])]);

  test('is the mean of the sums of |w g|', () => {
    expect(scoresAlone(build(plain), { importance: 'taylor', gradients: [good] })).toEqual([
      [(1 + 1.5 + 15) / 2, (2 + 8 + 3) / 2],
    ]);
  });

  test('counts the scale of a normalisation', () => {
    const weights = { ...plain.weights, g: floats([2, 3]), b: [2], m: [2], v: positive([2]) };
    const nodes = ['h = MatMul(x, w1)', 'r = BatchNormalization(h, g, b, m, v)', 'y = MatMul(r, w2)'];
    const gradients = [new Map([...good, gradient('g', [10, -1], [2])])];
    expect(scoresAlone(build({ ...plain, weights, nodes }), { importance: 'taylor', gradients })).toEqual([
      [(1 + 1.5 + 15 + 20) / 3, (2 + 8 + 3 + 3) / 3],
    ]);
  });

  test('needs a gradient of the right shape for each weight', () => {
    const refused = (gradients: readonly ReadonlyMap<string, Tensor>[] | undefined, code: string) =>
      expect(() => scoresAlone(build(plain), { importance: 'taylor', gradients })).toThrow(
        expect.objectContaining({ code }),
      );
    refused(undefined, 'USAGE');
    refused([new Map()], 'MEMBERS_DIFFER');
    refused([new Map([...good, gradient('w2', [1, 2, 3], [3, 1])])], 'MEMBERS_DIFFER');
  });
});
