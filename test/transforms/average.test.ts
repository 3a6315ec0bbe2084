/** Averages and ensembles, and why members may not be combined so. */
import { describe, expect, test } from '@jest/globals';
import { DOUBLE } from '../../lib/ir/dtype.js';
import type { Model } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { average } from '../../lib/transforms/average.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { type Blueprint, build, localFunction, members } from '../support/build.js';
import { expectClose, feedsFor, meanOf, realInputs, runModel } from '../support/run.js';
import { floats, int64s, randomly } from '../support/weights.js';

const refusal = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

const mlp: Blueprint = {
  inputs: { x: ['batch', 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};

const reals = (model: Model, name: string): readonly number[] => {
  const tensor = model.graph.initializers.get(name);
  return tensor ? [...tensorReals(tensor)] : [];
};

describe('average', () => {
  const pair = (a: readonly number[], b: readonly number[]) =>
    [a, b].map((values) => build({ ...mlp, weights: { ...mlp.weights, b2: floats(values) } }));

  test('position by position', () => {
    expect(reals(average(pair([1, 2, 3], [5, 8, -3]), {}).model, 'b2')).toEqual([3, 5, 0]);
  });

  test('with weights', () => {
    const both = pair([1, 2, 3], [5, 8, -5]);
    expect(reals(average(both, { weights: [3, 1] }).model, 'b2')).toEqual([2, 3.5, 1]);
    expect(reals(average(both, { weights: [1, 0] }).model, 'b2')).toEqual([1, 2, 3]);
    expect(() => average(both, { weights: [1] })).toThrow(refusal('USAGE'));
  });

  test('of members whose weights stand the other way round', async () => {
    const turned = build({
      ...mlp,
      label: 'turned',
      seed: 2,
      weights: { v1: [8, 6], c1: [8], v2: [3, 8], c2: [3] },
      nodes: ['h = Gemm(x, v1, c1) {transB: 1}', 'r = Relu(h)', 'y = Gemm(r, v2, c2) {transB: 1}'],
    });
    const straight = build(mlp);
    const mean = average([straight, turned], {});
    const [w, v] = [reals(straight, 'w1'), reals(turned, 'v1')];
    expect(reals(mean.model, 'w1')[1]).toBeCloseTo(((w[1] as number) + (v[6] as number)) / 2, 6);
    expect(mean.proofs.map((proof) => proof.member.label)).toEqual(['turned']);
    await runModel(average([straight, turned], { like: turned }).model);
  });

  test('statistics of a normalisation are averaged, integers are not', () => {
    const print: Blueprint = {
      ...mlp,
      weights: { ...mlp.weights, t: int64s([-1, 8]) },
      nodes: ['p = Gemm(x, w1, b1)', 'h = Reshape(p, t)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
    };
    const [a, b] = members(print);
    expect(average([a, b], {}).model.graph.initializers.get('t')).toBe(a.graph.initializers.get('t'));
  });

  test('of other widths is refused', () => {
    const wide = build({ ...mlp, weights: { w1: [6, 9], b1: [9], w2: [9, 3], b2: [3] } });
    expect(() => average([build(mlp), wide], {})).toThrow(
      refusal('MEMBERS_DIFFER', '"w1" is [6, 8] in one member and [6, 9] in another'),
    );
  });

  test('takes two', () => {
    expect(() => average([build(mlp)], {})).toThrow(refusal('USAGE'));
  });
});

describe('ensemble', () => {
  async function expectMean(all: readonly Model[], weights?: readonly number[]): Promise<void> {
    const { model } = ensemble(all, weights ? { weights } : {});
    const feeds = feedsFor(model);
    const results = await Promise.all(
      all.map((each) =>
        runModel(
          each,
          new Map(
            realInputs(each).map((value, i) => [
              value.name,
              [...feeds.values()][i] as NonNullable<ReturnType<typeof feeds.get>>,
            ]),
          ),
        ),
      ),
    );
    const renamed = results.map(
      (result) => new Map([...result.values()].map((array, i) => [model.graph.outputs[i]?.name ?? '', array])),
    );
    const sum = weights?.reduce((a, b) => a + b, 0) ?? 1;
    expectClose(
      await runModel(model, feeds),
      meanOf(
        renamed,
        weights?.map((weight) => weight / sum),
      ),
    );
  }

  const convolution: Blueprint = {
    inputs: { in: ['n', 6] },
    outputs: ['out'],
    weights: { w1: [4, 1, 3], w2: [16, 3], ax: int64s([1]) },
    nodes: ['u = Unsqueeze(in, ax)', 'c = Conv(u, w1)', 'f = Flatten(c)', 'out = MatMul(f, w2)'],
  };

  test('of any architectures with one interface, whatever the names', async () => {
    await expectMean([build(mlp), build(convolution), build({ ...mlp, seed: 3 })]);
    await expectMean([build(convolution), build(mlp)], [1, 4]);
  });

  test('two inputs and outputs', async () => {
    const print: Blueprint = {
      ...mlp,
      inputs: { x: ['batch', 6], z: ['batch', 8] },
      outputs: ['y', 's'],
      nodes: ['h = Gemm(x, w1, b1)', 'r = Mul(h, z)', 'y = Gemm(r, w2, b2)', 's = Relu(r)'],
    };
    await expectMean(members(print, 3), [0, 1, 2]);
  });

  test('initializers among the inputs', async () => {
    await expectMean(members({ ...mlp, opset: 8, irVersion: 3, listed: ['w1', 'b1', 'w2', 'b2'] }));
  });

  test('of an ensemble', async () => {
    const inner = ensemble(members(mlp), {}).model;
    await expectMean([inner, build({ ...mlp, seed: 5 }), inner], [1, 2, 1]);
  });

  test('in float64, for which ONNX Runtime has no Mean', async () => {
    await expectMean(
      [1, 2].map((seed) =>
        build({
          inputs: { 'x: float64': ['batch', 6] },
          outputs: ['y: float64'],
          weights: { w: randomly([6, 3], DOUBLE) },
          nodes: ['y = MatMul(x, w)'],
          seed,
        }),
      ),
    );
  });

  test('members that call functions of one name, each its own', async () => {
    const calling = (op: string, seed: number): Model => ({
      ...build({
        ...mlp,
        domains: { f: 1 },
        nodes: ['h = Gemm(x, w1, b1)', 'r = f::F(h)', 'y = Gemm(r, w2, b2)'],
        seed,
      }),
      functions: [localFunction('F', [`y = ${op}(x)`], { opsets: new Map([['', 17]]) })],
    });
    await expectMean([calling('Tanh', 1), calling('Relu', 2)]);
  });

  test('an output that is an input, or a weight', async () => {
    await expectMean(members({ ...mlp, outputs: ['y', 'x'] }));
    await expectMean(members({ ...mlp, outputs: ['y', 'b1'] }), [1, 3]);
  });

  test('names that look like ours', async () => {
    const odd: Blueprint = {
      inputs: { 'member0/h': ['batch', 6] },
      outputs: ['member1/y'],
      weights: { w: [6, 3] },
      nodes: ['h = Relu(member0/h)', 'member1/y = MatMul(h, w)'],
    };
    await expectMean(members(odd), [1, 2]);
  });

  test.each<readonly [string, Blueprint, string, string]>([
    ['another number of outputs', { ...mlp, outputs: ['y', 'r'] }, 'MEMBERS_DIFFER', 'outputs'],
    ['another opset', { ...mlp, opset: 13 }, 'MEMBERS_DIFFER', 'opset 17 of "ai.onnx"'],
    [
      'another number of classes',
      { ...mlp, weights: { ...mlp.weights, w2: [8, 1], b2: [1] } },
      'MEMBERS_DIFFER',
      'output "y" of A is float32 [batch, 3], of B float32 [batch, 1]',
    ],
    [
      'another input',
      { ...mlp, inputs: { x: ['batch', 7] }, weights: { ...mlp.weights, w1: [7, 8] } },
      'MEMBERS_DIFFER',
      'input "x"',
    ],
    [
      'another type of output',
      {
        ...mlp,
        outputs: ['y: float64'],
        nodes: [...mlp.nodes.slice(0, 2), 'p = Gemm(r, w2, b2)', 'y = Cast(p) {to: 11}'],
      },
      'MEMBERS_DIFFER',
      'of B float64 [batch, 3]',
    ],
  ])('%s is refused', (_, print, code, message) => {
    expect(() => ensemble([build({ ...mlp, label: 'A' }), build({ ...print, label: 'B' })], {})).toThrow(
      refusal(code, message),
    );
  });

  test('an output that is no real number is refused', () => {
    const labels: Blueprint = { ...mlp, outputs: ['y', 'l: int64'], nodes: [...mlp.nodes, 'l = ArgMax(y) {axis: 1}'] };
    expect(() => ensemble(members(labels), {})).toThrow(refusal('DTYPE_UNSUPPORTED', '"l" of type int64'));
  });

  test('local functions that cannot be put in place are refused', () => {
    const functions = [localFunction('F', [])];
    expect(() => ensemble([{ ...build(mlp), functions }, build(mlp)], {})).toThrow(
      refusal('MEMBERS_DIFFER', 'functions'),
    );
  });
});
