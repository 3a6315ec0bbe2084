import { describe, expect, test } from '@jest/globals';
import { incomingOf } from '../../lib/analysis/incoming.js';
import { findNeurons } from '../../lib/analysis/neurons.js';
import type { Model, Tensor } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { duplicatesIn } from '../../lib/report/duplicates.js';
import { type Health, negativeVariances, patientsOf, tensorHealth, unreadIn } from '../../lib/report/health.js';
import { layersByWeight } from '../../lib/report/neurons.js';
import { build, buildGraph } from '../support/build.js';
import { doubles, floats, halves, int64s, positive } from '../support/weights.js';

function healthOf(model: Model): Health {
  const neurons = findNeurons(model);
  const found = patientsOf(model, layersByWeight(neurons)).map((patient) => tensorHealth(patient, neurons));
  const groups = incomingOf(neurons);
  return {
    nonfinite: found.flatMap((each) => each.nonfinite),
    extreme: found.flatMap((each) => each.extreme),
    variances: negativeVariances(model),
    dead: found.flatMap((each) => each.dead),
    unread: groups.flatMap((each) => unreadIn(neurons, each)),
    duplicates: groups.flatMap((each) => duplicatesIn(neurons, each)),
  };
}

const HEALTHY: Health = { nonfinite: [], extreme: [], variances: [], dead: [], unread: [], duplicates: [] };

describe('dead neurons', () => {
  test('are all-zero columns of a MatMul weight [in, out]', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { w: floats([1, 0, 2, 3, 0, -0], [2, 3]), v: [3, 2] },
      nodes: ['a = MatMul(x, w)', 'y = MatMul(a, v)'],
    });
    expect(healthOf(model)).toEqual({
      ...HEALTHY,
      dead: [{ weight: 'w', axis: 1, positions: [1], of: 3, output: false }],
    });
  });

  test('are all-zero rows of a Gemm weight with transB, and filters of a Conv', () => {
    const model = build({
      inputs: { x: ['n', 1, 2, 2] },
      weights: { k: floats([0, 0, 1, 0], [2, 1, 1, 2]), w: floats([0, 0, 0, 0, 1, 0, 0, 0], [2, 4]) },
      nodes: ['a = Conv(x, k)', 'f = Flatten(a)', 'y = Gemm(f, w) {transB: 1}'],
    });
    expect(healthOf(model).dead).toEqual([
      { weight: 'k', axis: 0, positions: [0], of: 2, output: false },
      { weight: 'w', axis: 0, positions: [0], of: 2, output: true },
    ]);
  });

  test('tiny is not zero, and a zero bias says nothing', () => {
    const model = build({
      inputs: { x: ['n', 1] },
      weights: { w: floats([1e-45, 1], [1, 2]), b: floats([0, 0]) },
      nodes: ['a = MatMul(x, w)', 'y = Add(a, b)'],
    });
    expect(healthOf(model).dead).toEqual([]);
  });
});

describe('NaN and infinity', () => {
  const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

  test('in any real tensor, layers or not', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { w: floats([nan, 0, 1, inf], [2, 2]), h: halves([nan, -inf]), i: int64s([1, 2]) },
      nodes: ['y = MatMul(x, w)'],
    });
    expect(healthOf(model).nonfinite).toEqual([
      { tensor: 'w', nan: 1, infinite: 1 },
      { tensor: 'h', nan: 1, infinite: 1 },
    ]);
  });

  test('in a subgraph, whose tensor may have the name of a layer outside', () => {
    const branch = buildGraph({ inputs: {}, weights: { w: floats([nan]) }, nodes: ['z = Relu(w)'] });
    const model = build({
      inputs: { x: ['n', 2], 'c: bool': [] },
      outputs: ['y', 'i'],
      weights: { w: [2, 2] },
      nodes: ['i = If(c) {then_branch: @t, else_branch: @t}', 'y = MatMul(x, w)'],
      parts: { t: branch },
    });
    expect(healthOf(model)).toEqual({
      ...HEALTHY,
      nonfinite: [
        { tensor: 'w', nan: 1, infinite: 0 },
        { tensor: 'w', nan: 1, infinite: 0 },
      ],
    });
  });
});

describe('neurons that nothing reads', () => {
  test('have zero columns in the weight behind, in all pixels of a Flatten', () => {
    const model = build({
      inputs: { x: ['n', 1, 1, 2] },
      weights: { k: [3, 1, 1, 1], w: floats([0, 0, 1, 0, 0, 0], [6, 1]) },
      nodes: ['a = Conv(x, k)', 'f = Flatten(a)', 'y = MatMul(f, w)'],
    });
    expect(healthOf(model).unread).toEqual([{ group: 'k', neurons: [0, 2], of: 3, readers: ['w'] }]);
  });

  test('must be zero for every reader', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { w: [2, 3], u: floats([0, 0, 1], [3, 1]), v: floats([0, 1, 0], [3, 1]) },
      nodes: ['a = MatMul(x, w)', 'b = MatMul(a, u)', 'c = MatMul(a, v)', 'y = Add(b, c)'],
    });
    expect(healthOf(model).unread).toMatchObject([{ neurons: [0], readers: ['u', 'v'] }]);
  });

  test('are not told of where neurons influence each other', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { w: [2, 3], s: [3], v: floats([0, 1, 1], [3, 1]) },
      nodes: ['a = MatMul(x, w)', 'b = LayerNormalization(a, s)', 'y = MatMul(b, v)'],
    });
    expect(healthOf(model).unread).toEqual([]);
  });
});

describe('neurons that are there twice', () => {
  /** Rows of a Gemm with transB, in front of a Relu. */
  const gemm = (rows: readonly (readonly number[])[], bias: readonly number[]) =>
    build({
      inputs: { x: ['n', rows[0]?.length ?? 0] },
      weights: { w: floats(rows.flat(), [rows.length, rows[0]?.length ?? 0]), b: floats(bias), v: [rows.length, 2] },
      nodes: ['a = Gemm(x, w, b) {transB: 1}', 'r = Relu(a)', 'y = MatMul(r, v)'],
    });
  const found = (model: Model) => healthOf(model).duplicates;

  test('equal with their bias; up to a factor, of either sign, without it', () => {
    const rows = [
      [1, 2, 3],
      [4, 5, -6],
      [1, 2, 3],
      [-2, -4, -6],
      [1, 2, 3.02],
    ];
    expect(found(gemm(rows, [7, 0, 7, 1, 7]))).toEqual([
      { group: 'w', kind: 'equal', neurons: [0, 2], factors: [1, 1], of: 5 },
      { group: 'w', kind: 'parallel', neurons: [0, 3], factors: [1, -2], of: 5 },
    ]);
  });

  test('another bias makes them another, but still parallel', () => {
    const rows = [
      [1, 2, 3],
      [1, 2, 3],
    ];
    expect(found(gemm(rows, [0, 1]))).toMatchObject([{ kind: 'parallel', neurons: [0, 1], factors: [1, 1] }]);
  });

  test('two weights are parallel by chance; equal is equal', () => {
    const rows = [
      [1, 2],
      [2, 4],
      [1, 2],
    ];
    expect(found(gemm(rows, [0, 0, 0]))).toMatchObject([{ kind: 'equal', neurons: [0, 2] }]);
  });

  test('all of 500', () => {
    const rows = Array.from({ length: 500 }, () => [1, -2, 0.5, 3]);
    const all = [...rows.keys()];
    expect(
      found(
        gemm(
          rows,
          all.map(() => 0),
        ),
      ),
    ).toMatchObject([{ kind: 'equal', neurons: all }]);
  });

  test('a normalisation counts for equal', () => {
    const model = build({
      inputs: { x: ['n', 1, 2, 2] },
      weights: {
        ...{
          k: floats([1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4], [3, 1, 2, 2]),
          s: floats([1, 1, 2]),
          b: floats([0, 0, 0]),
        },
        ...{ m: floats([0, 0, 0]), v: floats([1, 1, 1]), w: [1, 3, 1, 1] },
      },
      nodes: ['a = Conv(x, k)', 'n = BatchNormalization(a, s, b, m, v)', 'y = Conv(n, w)'],
    });
    expect(found(model)).toMatchObject([
      { kind: 'equal', neurons: [0, 1] },
      { kind: 'parallel', neurons: [0, 2] },
    ]);
  });

  test('not in depthwise and grouped layers, whose channels take in other inputs', () => {
    const model = (group: number, inputs: number) =>
      build({
        inputs: { x: ['n', 4, 3, 3] },
        weights: { k: floats(Array(4 * inputs * 4).fill(1), [4, inputs, 2, 2]), w: [1, 4, 1, 1] },
        nodes: [`a = Conv(x, k) {group: ${group}}`, 'y = Conv(a, w)'],
      });
    expect(found(model(4, 1))).toEqual([]);
    expect(found(model(2, 2))).toEqual([]);
    expect(found(model(1, 4))).toMatchObject([{ neurons: [0, 1, 2, 3] }]);
  });

  test('none among 2,000 random ones, and one that is hidden there', () => {
    const print = { inputs: { x: ['n', 8] }, nodes: ['a = MatMul(x, w)', 'r = Relu(a)', 'y = MatMul(r, v)'] };
    const model = build({ ...print, weights: { w: [8, 2000], v: [2000, 1] } });
    expect(found(model)).toEqual([]);
    const [values] = [tensorReals(model.graph.initializers.get('w') as Tensor).slice()];
    for (let row = 0; row < 8; row++) values[row * 2000 + 1234] = 3 * (values[row * 2000 + 77] as number);
    const hidden = build({ ...print, weights: { w: floats([...values], [8, 2000]), v: [2000, 1] } });
    expect(found(hidden)).toMatchObject([
      { kind: 'parallel', neurons: [77, 1234], factors: [1, expect.closeTo(3, 5)] },
    ]);
  });
});

describe('numbers that no training makes', () => {
  test('huge and denormal ones, by type', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: {
        w: floats([1e31, -1e31, 1e-40, 0], [2, 2]),
        h: halves([1e-7, 6e4]),
        d: doubles([1e-40, 1e-310, 1]),
      },
      nodes: ['y = MatMul(x, w)'],
    });
    expect(healthOf(model).extreme).toEqual([
      { tensor: 'w', huge: 2, denormal: 1, of: 4 },
      { tensor: 'd', huge: 0, denormal: 1, of: 3 },
    ]);
  });

  test('variances below minus epsilon', () => {
    const model = build({
      inputs: { x: ['n', 3, 1, 1] },
      weights: { s: [3], b: [3], m: [3], v: floats([1, -0.5, -1e-6]) },
      nodes: ['y = BatchNormalization(x, s, b, m, v)'],
    });
    expect(healthOf(model).variances).toEqual([
      { tensor: 'v', node: 'BatchNormalization (makes "y")', positions: [1], of: 3 },
    ]);
    const fine = build({
      inputs: { x: ['n', 3, 1, 1] },
      weights: { s: [3], b: [3], m: [3], v: positive([3]) },
      nodes: ['y = BatchNormalization(x, s, b, m, v)'],
    });
    expect(healthOf(fine)).toEqual(HEALTHY);
  });
});
