/** Which constant of one model is which of another: by structure, never by name, and told where there is none. */
import { describe, expect, test } from '@jest/globals';
import { matchMembers } from '../../lib/analysis/correspondence.js';
import { isomorphism } from '../../lib/analysis/isomorphism.js';
import { gatherFamily } from '../../lib/analysis/members.js';
import { findNeurons } from '../../lib/analysis/neurons.js';
import type { Model } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { compareOutputs } from '../../lib/runtime/compare.js';
import { concat } from '../../lib/transforms/concat.js';
import { type Blueprint, build, buildGraph, localFunction } from '../support/build.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';
import { floats, int64s } from '../support/weights.js';

const gemm: Blueprint = {
  label: 'A',
  inputs: { x: ['batch', 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};
const turned: Blueprint = {
  ...gemm,
  label: 'B',
  weights: { v1: [8, 6], c1: [8], v2: [3, 8], c2: [3] },
  nodes: ['h = Gemm(x, v1, c1) {transB: 1}', 'r = Relu(h)', 'y = Gemm(r, v2, c2) {transB: 1}'],
};
const added: Blueprint = {
  ...gemm,
  label: 'C',
  weights: { v1: [6, 8], c1: [8], v2: [8, 3], c2: [3] },
  nodes: ['p = MatMul(x, v1)', 'h = Add(c1, p)', 'r = Relu(h)', 'q = MatMul(r, v2)', 'y = Add(q, c2)'],
};

const match = (a: Blueprint, b: Blueprint) => matchMembers(findNeurons(build(a)), findNeurons(build(b)));
const pairs = (a: Blueprint, b: Blueprint) =>
  [...match(a, b).constants].map(([name, other]) => `${name} ${other.name}${other.transposed ? ' transposed' : ''}`);
const differs = (message: string) =>
  expect.objectContaining({ code: 'MEMBERS_DIFFER', message: expect.stringContaining(message) });

describe('one network written in several ways', () => {
  test('the same graph under other names is matched node by node, and needs no proof', () => {
    const renamed = {
      ...gemm,
      inputs: { input: ['N', 6] },
      outputs: ['out'],
      weights: { q: [6, 8], r: [8], s: [8, 3], t: [3] },
      nodes: ['1 = Gemm(input, q, r)', '2 = Relu(1)', 'out = Gemm(2, s, t)'],
    };
    expect(pairs(gemm, renamed)).toEqual(['w1 q', 'b1 r', 'w2 s', 'b2 t']);
    expect(match(gemm, renamed).proved).toBe(true);
  });

  test('a Gemm with its weight the other way round', () => {
    expect(pairs(gemm, turned)).toEqual(['w1 v1 transposed', 'b1 c1', 'w2 v2 transposed', 'b2 c2']);
    expect(match(gemm, turned).proved).toBe(false);
  });

  test('MatMul and Add', () => {
    expect(pairs(gemm, added)).toEqual(['w1 v1', 'b1 c1', 'w2 v2', 'b2 c2']);
    expect(pairs(turned, added)).toEqual(['v1 v1 transposed', 'c1 c1', 'v2 v2 transposed', 'c2 c2']);
    expect(pairs(added, turned)).toEqual(['v1 v1 transposed', 'c1 c1', 'v2 v2 transposed', 'c2 c2']);
  });

  test('MatMul and Add of a row, behind what an exporter left between them', () => {
    const row: Blueprint = {
      ...added,
      weights: { ...added.weights, c1: [1, 8] },
      nodes: ['p = MatMul(x, v1)', 'i = Identity(p)', 'd = Dropout(i)', 'h = Add(d, c1)', ...added.nodes.slice(2)],
    };
    expect(pairs(gemm, row)).toEqual(['w1 v1', 'b1 c1', 'w2 v2', 'b2 c2']);
    expect(match(gemm, row).constants.get('b1')?.lead).toBe(-1);
  });

  test.each<readonly [string, Blueprint, Blueprint]>([
    ['a Gemm and a turned one', gemm, turned],
    ['a turned Gemm and MatMul with Add', turned, added],
    ['MatMul with Add and a Gemm', added, gemm],
  ])('side by side they compute the mean: %s', async (_, a, b) => {
    const members = [build(a), build({ ...b, seed: 2 })];
    const { model, proofs } = concat(members, { exact: true });
    const feeds = feedsFor(model);
    expectClose(await runModel(model, feeds), meanOf(await Promise.all(members.map((each) => runModel(each, feeds)))));
    expect(proofs.map((proof) => proof.member.label)).toEqual([b.label]);
    for (const { member, rebuilt } of proofs) await expectSameFunction(rebuilt, member);
  });

  const shifted = (print: Blueprint, op: string, by: number): Blueprint => ({
    ...print,
    weights: { ...print.weights, s: floats([by], []) },
    nodes: [...print.nodes, `z = ${op}(y, s)`],
    outputs: ['z'],
  });

  test('a number behind the last layer is averaged as its bias is', async () => {
    const members = [build(shifted(gemm, 'Sub', 0.5)), build({ ...shifted(turned, 'Sub', 0.75), seed: 2 })];
    const { model, proofs } = concat(members, { exact: true });
    const feeds = feedsFor(model);
    expectClose(await runModel(model, feeds), meanOf(await Promise.all(members.map((each) => runModel(each, feeds)))));
    for (const { member, rebuilt } of proofs) await expectSameFunction(rebuilt, member);
  });

  test.each([-0.5, -0.75])(
    'a number that the other adds is that of both, which the proof shows (%d)',
    async (number) => {
      const members = [build(shifted(gemm, 'Sub', 0.5)), build({ ...shifted(turned, 'Add', number), seed: 2 })];
      const { model, proofs } = concat(members, { exact: true });
      const feeds = feedsFor(model);
      const [is, told] = [proofs[0]?.rebuilt, proofs[0]?.member] as readonly [Model, Model];
      const holds = compareOutputs(await runModel(is, feeds), await runModel(told, feeds)).within;
      expect(holds).toBe(number === -0.5);
      if (!holds) return;
      expectClose(
        await runModel(model, feeds),
        meanOf(await Promise.all(members.map((each) => runModel(each, feeds)))),
      );
    },
  );

  test('a single output, whose bias has one element', async () => {
    const single = (print: Blueprint, weights: Blueprint['weights']) => ({
      ...print,
      weights: { ...print.weights, ...weights },
    });
    const members = [build(single(gemm, { w2: [8, 1], b2: [1] })), build(single(added, { v2: [8, 1], c2: [1] }))];
    const wide = concat(members, { exact: true }).model;
    const feeds = feedsFor(wide);
    expectClose(await runModel(wide, feeds), meanOf(await Promise.all(members.map((each) => runModel(each, feeds)))));
  });

  test('a transposed member in the terms of the template', () => {
    const values = { ...turned, weights: { ...turned.weights, v1: floats([...Array(48).keys()], [8, 6]) } };
    const member = gatherFamily(build(gemm), [build(values)]).members[0];
    const tensor = member?.tensor('w1');
    expect(tensor?.dims).toEqual([6, 8]);
    expect(tensor && [...tensorReals(tensor)].slice(0, 9)).toEqual([0, 6, 12, 18, 24, 30, 36, 42, 1]);
    expect(member?.tensor('nothing')).toBeUndefined();
  });
});

describe('the first difference is told', () => {
  const conv: Blueprint = {
    label: 'A',
    inputs: { x: ['batch', 3, 8, 8] },
    outputs: ['y'],
    weights: { w1: [8, 3, 3, 3], w2: [4, 8, 3, 3] },
    nodes: ['h = Conv(x, w1) {pads: [1, 1, 1, 1]}', 'r = Relu(h)', 'y = Conv(r, w2)'],
  };

  test.each<readonly [string, Blueprint, Blueprint, string]>([
    [
      'one layer more',
      gemm,
      {
        ...gemm,
        label: 'B',
        weights: { ...gemm.weights, v: [8, 8] },
        nodes: ['h = Gemm(x, w1, b1)', 'g = MatMul(h, v)', 'y = Gemm(g, w2, b2)'],
      },
      'layer 2 is linear with [3, 8] and [3], in Gemm (makes "y") of A, but linear with [8, 8] and none, in MatMul (makes "g") of B',
    ],
    [
      'no bias',
      gemm,
      { ...gemm, label: 'B', nodes: ['h = Gemm(x, w1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'] },
      'layer 1 is linear with [8, 6] and [8]',
    ],
    [
      'strides',
      conv,
      {
        ...conv,
        label: 'B',
        nodes: ['h = Conv(x, w1) {dilations: [2, 2], pads: [2, 2, 2, 2]}', 'r = Relu(h)', 'y = Conv(r, w2)'],
      },
      'layer 1 is conv with [8, 3, 3, 3] and none, in Conv (makes "h") of A, but conv dilations=[2,2] with',
    ],
    [
      'a normalisation',
      conv,
      {
        ...conv,
        label: 'B',
        weights: { ...conv.weights, s: [8] },
        nodes: ['h = Conv(x, w1) {pads: [1, 1, 1, 1]}', 'r = InstanceNormalization(h, s, s)', 'y = Conv(r, w2)'],
      },
      'but parameter with [8], in InstanceNormalization',
    ],
    [
      'alpha',
      gemm,
      { ...gemm, label: 'B', nodes: ['h = Gemm(x, w1, b1) {alpha: 0.5}', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'] },
      'linear alpha=0.5 with',
    ],
    [
      'fewer layers',
      gemm,
      { ...gemm, label: 'B', weights: { w: [6, 3], b: [3] }, nodes: ['y = Gemm(x, w, b)'] },
      'layer 2 is linear with [3, 8] and [3], in Gemm (makes "y") of A, but nothing of B',
    ],
  ])('%s', (_, a, b, message) => {
    expect(() => gatherFamily(build(a), [build(b)])).toThrow(differs(message));
  });

  test.each<readonly [string, Blueprint, string]>([
    [
      'another number of inputs',
      { ...gemm, label: 'B', inputs: { x: ['batch', 6], z: [1] } },
      'A has 1 inputs, B has 2',
    ],
    ['another number of outputs', { ...gemm, label: 'B', outputs: ['y', 'r'] }, 'A has 1 outputs, B has 2'],
    [
      'another input shape',
      { ...gemm, label: 'B', inputs: { x: ['batch', 7] }, weights: { ...gemm.weights, w1: [7, 8] } },
      'input "x" of A is float32 [batch, 6], of B float32 [batch, 7]',
    ],
    [
      'another input rank',
      { ...added, label: 'B', inputs: { x: ['batch', 2, 6] } },
      'input "x" of A is float32 [batch, 6], of B float32 [batch, 2, 6]',
    ],
    [
      'another input type',
      { ...gemm, label: 'B', inputs: { 'x: float16': ['batch', 6] } },
      'input "x" of A is float32 [batch, 6], of B float16 [batch, 6]',
    ],
    [
      'another number of classes',
      { ...gemm, label: 'B', weights: { ...gemm.weights, w2: [8, 4], b2: [4] } },
      'output "y" of A is float32 [batch, 3], of B float32 [batch, 4]',
    ],
    [
      'other ties between layers',
      { ...gemm, label: 'B', outputs: ['y'], nodes: ['h = Gemm(x, w1, b1)', 'r = Softmax(h)', 'y = Gemm(r, w2, b2)'] },
      'axis 1 of "w1" holds other neurons in A than in B',
    ],
  ])('%s', (_, b, message) => {
    expect(() => concat([build(gemm), build(b)], { exact: false })).toThrow(differs(message));
  });

  test('two groups of one model that are one of the other', () => {
    const loose: Blueprint = {
      ...gemm,
      weights: { w1: [6, 8], v: [8, 8], w2: [8, 3] },
      nodes: ['h = MatMul(x, w1)', 'g = MatMul(h, v)', 'y = MatMul(g, w2)'],
    };
    const tied = {
      ...loose,
      label: 'B',
      nodes: ['h = MatMul(x, w1)', 'g = MatMul(h, v)', 's = Add(g, h)', 'y = MatMul(s, w2)'],
    };
    expect(() => gatherFamily(build(loose), [build(tied)])).toThrow(differs('other neurons'));
    expect(() => gatherFamily(build(tied), [build(loose)])).toThrow(differs('other neurons'));
  });
});

describe('the same graph', () => {
  const same = (a: Blueprint, b: Blueprint) => isomorphism(buildGraph(a), buildGraph(b)) !== undefined;
  const three: Blueprint = {
    inputs: { x: [2] },
    weights: { w: [2], v: [2] },
    nodes: ['a = Add(x, w)', 'b = Mul(a, v)', 'y = Sub(a, b)'],
  };

  test.each<readonly [string, Partial<Blueprint>]>([
    ['itself', {}],
    ['other names', { weights: { v: [2], w: [2] }, nodes: ['q = Add(x, v)', 'r = Mul(q, w)', 'y = Sub(q, r)'] }],
    [
      'names that swap places',
      { weights: { w: [2], v: [2] }, nodes: ['b = Add(x, v)', 'a = Mul(b, w)', 'y = Sub(b, a)'] },
    ],
    [
      'a constant in a node',
      { weights: { w: [2] }, nodes: ['v = Constant() {value_floats: [1.0, 2.0]}', ...three.nodes] },
    ],
  ])('is %s', (_, rest) => {
    expect(same(three, { ...three, ...rest })).toBe(true);
  });

  test.each<readonly [string, Partial<Blueprint>]>([
    ['other wiring', { nodes: ['a = Add(x, w)', 'b = Mul(a, v)', 'y = Sub(b, a)'] }],
    ['one constant for two', { nodes: ['a = Add(x, w)', 'b = Mul(a, w)', 'y = Sub(a, b)'] }],
    ['another operator', { nodes: ['a = Add(x, w)', 'b = Div(a, v)', 'y = Sub(a, b)'] }],
    ['another domain', { nodes: ['a = Add(x, w)', 'b = my::Mul(a, v)', 'y = Sub(a, b)'] }],
    ['an attribute more', { nodes: ['a = Add(x, w)', 'b = Mul(a, v) {axis: 1}', 'y = Sub(a, b)'] }],
    ['a node less', { nodes: ['a = Add(x, w)', 'y = Mul(a, v)'] }],
    ['another output', { outputs: ['b'] }],
    ['an input in place of a constant', { weights: { w: [2] }, inputs: { x: [2], v: [2] } }],
    [
      'a value in place of a constant',
      { weights: { w: [2] }, nodes: ['a = Add(x, w)', 'b = Mul(a, a)', 'y = Sub(a, b)'] },
    ],
    ['an input left out', { nodes: ['a = Add(x, w)', 'b = Mul(a, )', 'y = Sub(a, b)'] }],
  ])('is not %s', (_, rest) => {
    expect(same(three, { ...three, ...rest })).toBe(false);
  });

  test('attributes are compared by value', () => {
    const soft = (alpha: number): Blueprint => ({ inputs: { x: [2] }, nodes: [`y = LeakyRelu(x) {alpha: ${alpha}}`] });
    expect(same(soft(0.25), soft(0.25))).toBe(true);
    expect(same(soft(0.25), soft(0.5))).toBe(false);
  });
});

describe('what the graphs alone do not prove', () => {
  const proved = (a: Model, b: Model) => matchMembers(findNeurons(a), findNeurons(b)).proved;
  const shaped = (target: readonly number[]): Model =>
    build({
      inputs: { x: ['batch', 4] },
      weights: { w1: [4, 4], t: int64s(target), w2: [4, 2] },
      nodes: ['h = MatMul(x, w1)', 'r = Reshape(h, t)', 'y = MatMul(r, w2)'],
    });

  test('other integers', () => {
    expect(proved(shaped([-1, 4]), shaped([-1, 4]))).toBe(true);
    expect(proved(shaped([-1, 4]), shaped([0, 4]))).toBe(false);
  });

  test('another opset', () => {
    expect(proved(build(gemm), build({ ...gemm, opset: 13 }))).toBe(false);
  });

  test('other elements of a type that nothing computes with', () => {
    const small = (value: number): Model =>
      build({
        ...gemm,
        weights: { ...gemm.weights, c: (name) => ({ name, dtype: 4, dims: [1], data: int16(value) }) },
        nodes: ['h = Gemm(x, w1, b1)', 'f = Cast(c) {to: 1}', 'r = Mul(h, f)', 'y = Gemm(r, w2, b2)'],
      });
    expect(proved(small(3), small(3))).toBe(true);
    expect(proved(small(3), small(4))).toBe(false);
  });

  test('local functions', () => {
    const called: Model = build({
      ...gemm,
      domains: { f: 1 },
      nodes: ['s = f::Scale(x)', 'h = Gemm(s, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
    });
    const functions = [localFunction('Scale', [])];
    expect(proved({ ...called, functions }, { ...called, functions: [...functions] })).toBe(false);
  });

  test('a tensor in an attribute', () => {
    const filled = (value: number): Model =>
      build({
        inputs: { x: ['batch', 2] },
        weights: { w: [2, 2], n: int64s([2]) },
        parts: { v: floats([value])('', () => 0) },
        nodes: ['h = MatMul(x, w)', 'c = ConstantOfShape(n) {value: @v}', 'y = Add(h, c)'],
      });
    expect(proved(filled(1), filled(1))).toBe(true);
    expect(proved(filled(1), filled(2))).toBe(false);
  });
});

const int16 = (value: number) => ({
  length: 2,
  read: () => Uint8Array.of(value, 0),
  *pieces() {
    yield Uint8Array.of(value, 0);
  },
});
