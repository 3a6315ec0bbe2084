import { describe, expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import type { Model } from '../../lib/ir/model.js';
import { patientsOf, tensorHealth } from '../../lib/report/health.js';
import { layersByWeight } from '../../lib/report/neurons.js';
import { build, buildGraph } from '../support/build.js';
import { floats, halves, int64s } from '../support/weights.js';

function healthOf(model: Model) {
  const found = patientsOf(model, layersByWeight(findNeurons(model))).map((each) =>
    tensorHealth(each, findNeurons(model)),
  );
  return { nonfinite: found.flatMap((each) => each.nonfinite), dead: found.flatMap((each) => each.dead) };
}

describe('dead neurons', () => {
  test('are all-zero columns of a MatMul weight [in, out]', () => {
    const model = build({
      inputs: { x: ['n', 2] },
      weights: { w: floats([1, 0, 2, 3, 0, -0], [2, 3]), v: [3, 2] },
      nodes: ['a = MatMul(x, w)', 'y = MatMul(a, v)'],
    });
    expect(healthOf(model)).toEqual({ nonfinite: [], dead: [{ weight: 'w', axis: 1, positions: [1], of: 3 }] });
  });

  test('are all-zero rows of a Gemm weight with transB, and filters of a Conv', () => {
    const model = build({
      inputs: { x: ['n', 1, 2, 2] },
      weights: { k: floats([0, 0, 1, 0], [2, 1, 1, 2]), w: floats([0, 0, 0, 0, 1, 0, 0, 0], [2, 4]) },
      nodes: ['a = Conv(x, k)', 'f = Flatten(a)', 'y = Gemm(f, w) {transB: 1}'],
    });
    expect(healthOf(model).dead).toEqual([
      { weight: 'k', axis: 0, positions: [0], of: 2 },
      { weight: 'w', axis: 0, positions: [0], of: 2 },
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
      nonfinite: [
        { tensor: 'w', nan: 1, infinite: 0 },
        { tensor: 'w', nan: 1, infinite: 0 },
      ],
      dead: [],
    });
  });
});
