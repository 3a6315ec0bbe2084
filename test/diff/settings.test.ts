import { describe, expect, test } from '@jest/globals';
import { alignModels, diffModels, diffTensorsOf } from '../../lib/diff/models.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { build } from '../support/build.js';
import { doubles, floats, int64s, type Weight } from '../support/weights.js';

const differences = (a: Model, b: Model) => {
  const aligned = alignModels(a, b, { noteOf: () => new Map(), textsOf: () => [] });
  return diffModels(aligned, [a, b], [...diffTensorsOf(aligned)]);
};

const one = (node: string, weights = {}, opset = 17) =>
  build({ inputs: { x: ['n', 2, 6, 6] }, weights: { w: [4, 2, 3, 3], ...weights }, nodes: [node], opset });

describe('settings that say the same', () => {
  test.each([
    [
      'y = Conv(x, w)',
      "y = Conv(x, w) {group: 1, strides: [1,1], dilations: [1,1], pads: [0,0,0,0], auto_pad: 'NOTSET'}",
    ],
    ['y = MaxPool(x) {kernel_shape: [2,2]}', 'y = MaxPool(x) {kernel_shape: [2,2], ceil_mode: 0, storage_order: 0}'],
    ['y = LeakyRelu(x)', 'y = LeakyRelu(x) {alpha: 0.01}'],
    ['y = Softmax(x)', 'y = Softmax(x) {axis: -1}'],
  ])('%s', (a, b) => {
    expect(differences(one(a), one(b)).nodes[0]).toMatchObject({ change: 'same', settings: [] });
  });

  test('axes as an attribute before opset 18, as an input since', () => {
    const before = one('y = ReduceMean(x) {axes: [2,3], keepdims: 0}');
    const after = one('y = ReduceMean(x, a) {keepdims: 0}', { a: int64s([2, 3]) }, 18);
    expect(differences(before, after).nodes[0]).toMatchObject({ change: 'same', settings: [] });
  });
});

describe('settings that do not', () => {
  test.each([
    ['y = LeakyRelu(x)', 'y = LeakyRelu(x) {alpha: 0.02}', 'alpha', null, '0.02'],
    ['y = Conv(x, w) {strides: [2,2]}', 'y = Conv(x, w)', 'strides', '2, 2', null],
    ["y = Resize(x, , s) {mode: 'linear'}", "y = Resize(x, , s) {mode: 'cubic'}", 'mode', 'linear', 'cubic'],
  ])('%s', (a, b, name, before, after) => {
    const [node] = differences(one(a), one(b)).nodes;
    expect(node).toMatchObject({ change: 'changed' });
    expect(node?.settings).toContainEqual({ name, before, after });
  });
});

test('what flows in from elsewhere is rewired; a node in between is not', () => {
  const nodes = (last: string) => ['a = Relu(x)', 'b = Sigmoid(x)', 'c = Tanh(a)', 'd = Exp(b)', last];
  const of = (last: string) => build({ inputs: { x: ['n', 2] }, nodes: nodes(last) });
  const [crossed] = differences(of('y = Sub(c, d)'), of('y = Sub(d, c)')).nodes.slice(-1);
  expect(crossed).toMatchObject({
    change: 'changed',
    notes: [expect.stringContaining('input 0 comes from "d"'), expect.anything()],
  });
  const [swapped] = differences(of('y = Add(c, d)'), of('y = Add(d, c)')).nodes.slice(-1);
  expect(swapped?.change).not.toBe('changed');
});

test('branches are looked into', () => {
  const branch = (op: string) => build({ inputs: {}, nodes: [`t = ${op}(x)`], outputs: ['t'] }).graph;
  const of = (op: string) =>
    build({
      inputs: { x: [2], 'c: bool': [] },
      nodes: ['y = If(c) {then_branch: @first, else_branch: @other}'],
      parts: { first: branch('Relu'), other: branch(op) },
    });
  expect(differences(of('Tanh'), of('Tanh')).nodes[0]).toMatchObject({ change: 'same' });
  expect(differences(of('Tanh'), of('Exp')).nodes[0]?.notes).toEqual([expect.stringContaining('else_branch')]);
});

describe('attributes that only look alike', () => {
  const tensor = (weight: Weight) => weight('t', seeded(1));
  const nine = (...first: readonly number[]) => tensor(floats([...first, 3, 4, 5, 6, 7, 8, 9]));
  const of = (t: ReturnType<typeof tensor>) =>
    build({ inputs: { x: [2] }, domains: { own: 1 }, nodes: ['y = own::Op(x) {t: @t}'], parts: { t } });
  const change = (a: Model, b: Model) => differences(a, b).nodes[0]?.change;

  test.each([
    ['elements in another order', nine(1, 2), nine(2, 1)],
    ['pairs of elements', nine(1, 1), nine(2, 2)],
    ['float64 beyond float32', tensor(doubles([0.1])), tensor(doubles([0.1 + 1e-12]))],
    ['type', tensor(floats([1, 2])), tensor(doubles([1, 2]))],
    ['shape', tensor(floats([1, 2], [1, 2])), tensor(floats([1, 2], [2, 1]))],
  ])('tensors: %s', (_, a, b) => {
    expect(change(of(a), of(b))).toBe('changed');
    expect(change(of(a), of({ ...a }))).toBe('same');
  });

  test('texts with commas', () => {
    const texts = (list: string) =>
      build({ inputs: { x: [2] }, domains: { own: 1 }, nodes: [`y = own::Op(x) {t: ${list}}`] });
    expect(change(texts("['a','b']"), texts("'a, b'"))).toBe('changed');
  });
});
