import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inferShapes } from '../../../lib/analysis/shapes.js';
import { INT64 } from '../../../lib/ir/dtype.js';
import type { Model } from '../../../lib/ir/model.js';
import { type NdArray, ndarray } from '../../../lib/ir/ndarray.js';
import { elementCount } from '../../../lib/ir/numeric.js';
import { readModel } from '../../../lib/onnx/read.js';
import { LOWERING_RULES } from '../../../lib/rules/lowering/index.js';
import { lower } from '../../../lib/training/lower.js';
import { type Blueprint, build } from '../../support/build.js';
import { codeFrom } from '../../support/codes.js';
import { withBackward } from '../../support/gradients.js';
import { expectClose, feedsFor, realInputs, runModel } from '../../support/run.js';
import { ARTIFACTS, artifactsAt } from '../../support/trained.js';
import { bools, floats, int64s } from '../../support/weights.js';

describe('losses compute what ONNX Runtime computes', () => {
  const print = (node: string): Blueprint => ({
    inputs: { x: [4, 3], 't: int64': [4], w: [3] },
    domains: { 'com.microsoft': 1 },
    nodes: [node],
  });
  const labels = ndarray(INT64, [4], BigInt64Array.of(2n, 0n, 1n, 2n));
  test.each([
    ['x, t', "{reduction: 'mean'}"],
    ['x, t', "{reduction: 'sum', ignore_index: 1}"],
    ['x, t', "{reduction: 'none'}"],
    ['x, t, w', "{reduction: 'mean'}"],
    ['x, t, w', "{reduction: 'mean', ignore_index: 2}"],
  ])('SoftmaxCrossEntropyLoss(%s) %s', async (inputs, attributes) => {
    const model = build(print(`y, p = SoftmaxCrossEntropyLoss(${inputs}) ${attributes}`));
    const lowered = lower(model);
    expect(lowered.graph.nodes.map(({ opType }) => opType)).not.toContain('SoftmaxCrossEntropyLoss');
    const feeds = new Map([...feedsFor(model), ['t', labels]]);
    expectClose(await runModel(lowered, feeds), await runModel(model, feeds));
  });
});

/** A forward graph, and what the training build calls its gradient. */
interface Case {
  /** Its first output is the one that the gradient arrives at. */
  readonly forward: Blueprint;
  /** The gradient operator; `g` is the arriving gradient. */
  readonly node: string;
  /** The gradient's outputs by what they are the gradient of. */
  readonly by: Readonly<Record<string, string>>;
}

const MS = { domains: { 'com.microsoft': 1 } };

const CASES: Readonly<Record<string, Case>> = {
  BiasGeluGrad_dX: {
    forward: { ...MS, inputs: { x: [2, 5], b: [5] }, nodes: ['s = Add(x, b)', 'y = com.microsoft::Gelu(s)'] },
    node: 'gs = com.microsoft::BiasGeluGrad_dX(g, x, b)',
    by: { x: 'gs' },
  },
  BiasFastGeluGrad_dX: {
    forward: {
      ...MS,
      opset: 20,
      inputs: { x: [2, 5], b: [5] },
      nodes: ['s = Add(x, b)', "y = Gelu(s) {approximate: 'tanh'}"],
    },
    node: 'gs = com.microsoft::BiasFastGeluGrad_dX(g, x, b)',
    by: { x: 'gs' },
  },
  SimplifiedLayerNormalizationGrad: {
    forward: {
      ...MS,
      inputs: { x: [2, 5], s: [5] },
      weights: { fifths: floats([0.2, 0.2, 0.2, 0.2, 0.2], [5, 1]) },
      outputs: ['y'],
      nodes: [
        'q = Mul(x, x)',
        'v = MatMul(q, fifths)',
        'r = Sqrt(v)',
        'i = Reciprocal(r)',
        'n = Mul(x, i)',
        'y = Mul(n, s)',
      ],
    },
    node: 'gx, gs = com.microsoft::SimplifiedLayerNormalizationGrad(g, x, s, i) {axis: -1}',
    by: { x: 'gx', s: 'gs' },
  },
  DropoutGrad: {
    forward: {
      ...MS,
      inputs: { x: [4, 5] },
      weights: { ratio: floats([0.4], []), on: bools([1], []) },
      outputs: ['y'],
      nodes: ['y, mask = Dropout(x, ratio, on) {seed: 3}'],
    },
    node: 'gx = com.microsoft::DropoutGrad(g, mask, ratio, on)',
    by: { x: 'gx' },
  },
  SoftmaxCrossEntropyLossGrad: {
    forward: {
      ...MS,
      inputs: { x: [4, 3], 't: int64': [4] },
      weights: { w: floats([0.5, 1, 2]) },
      outputs: ['y'],
      nodes: ["y, p = SoftmaxCrossEntropyLoss(x, t, w) {reduction: 'mean', ignore_index: 2}"],
    },
    node: "gx = com.microsoft::SoftmaxCrossEntropyLossGrad(g, p, t, w) {reduction: 'mean', ignore_index: 2}",
    by: { x: 'gx' },
  },
  SoftmaxCrossEntropyLossInternalGrad: {
    forward: {
      ...MS,
      inputs: { x: [4, 3, 2], 't: int64': [4, 2] },
      weights: { w: floats([0.5, 1, 2]), left: int64s([2], []) },
      outputs: ['y'],
      nodes: ["y, p = com.microsoft::SoftmaxCrossEntropyLossInternal(x, t, w, left) {reduction: 'none'}"],
    },
    node: "gx = com.microsoft::SoftmaxCrossEntropyLossInternalGrad(g, p, t, w, left) {reduction: 'none'}",
    by: { x: 'gx' },
  },
  AveragePoolGrad: {
    forward: {
      ...MS,
      inputs: { x: [2, 3, 6, 6] },
      nodes: ['y = AveragePool(x) {kernel_shape: [3, 3], strides: [2, 2]}'],
    },
    node: 'x_grad = AveragePoolGrad(y_grad) {kernel_shape: [3, 3], strides: [2, 2]}',
    by: { x: 'x_grad' },
  },
  ConvTransposeGrad: {
    forward: {
      ...MS,
      inputs: { x: [2, 3, 4, 4], w: [3, 2, 3, 3], b: [2] },
      nodes: ['y = ConvTranspose(x, w, b) {kernel_shape: [3, 3], strides: [2, 2]}'],
    },
    node: 'gx, gw, gb = com.microsoft::ConvTransposeGrad(g, x, w) {kernel_shape: [3, 3], strides: [2, 2]}',
    by: { x: 'gx', w: 'gw', b: 'gb' },
  },
  GatherElementsGrad: {
    forward: {
      ...MS,
      inputs: { x: [4, 3] },
      weights: { at: int64s([0, 1, 2, 1], [2, 2]) },
      outputs: ['y'],
      nodes: ['y = GatherElements(x, at) {axis: 0}', 'shape = Shape(x)'],
    },
    node: 'gx = com.microsoft::GatherElementsGrad(g, shape, at) {axis: 0}',
    by: { x: 'gx' },
  },
};

/** Its arriving gradient under the name that the operator takes it by. */
const arrivingOf = ({ node }: Case): string => (node.includes('y_grad') ? 'y_grad' : 'g');

/** The forward graph beside the gradient operator, lowered. */
function loweredOf(each: Case): Model {
  const { forward, node } = each;
  const print = { ...forward, nodes: [...forward.nodes, node], outputs: Object.values(each.by) };
  const model = build({ ...print, inputs: { ...forward.inputs, [arrivingOf(each)]: shapeOf(each) } });
  return lower(model);
}

function shapeOf({ forward }: Case): readonly number[] {
  const model = lower(build(forward));
  const [output] = model.graph.outputs;
  return (inferShapes(model).get(output?.name ?? '')?.shape ?? []) as readonly number[];
}

test.each(Object.keys(CASES))('%s is the gradient of its forward operator', async (name) => {
  const each = CASES[name] as Case;
  const by = Object.keys(each.by);
  // What the graph makes with the gradient rules, which are held against differences elsewhere.
  const { model, gradients } = withBackward(lower(build(each.forward)), 'y', by);
  const feeds = new Map([...feedsFor(model), ['t', labelsFor(model)]]);
  const arriving = feeds.get('test.cotangent') as NdArray;
  const known = (graph: Model) =>
    new Map([...feeds].filter(([key]) => realInputs(graph).some((value) => value.name === key)));
  const expected = await runModel(model, known(model));
  const lowered = loweredOf(each);
  const actual = await runModel(lowered, new Map([...known(lowered), [arrivingOf(each), arriving]]));
  for (const value of by) {
    const wanted = new Map([[value, expected.get(gradients.get(value) ?? '') as NdArray]]);
    expectClose(new Map([[value, actual.get(each.by[value] ?? '') as NdArray]]), wanted);
  }
});

/** Classes in turn, in the shape of the input `t`. */
function labelsFor(model: Model): NdArray {
  const dims = (realInputs(model).find(({ name }) => name === 't')?.shape ?? []) as readonly number[];
  return ndarray(
    INT64,
    dims,
    BigInt64Array.from({ length: elementCount(dims) }, (_, i) => BigInt((i * 2) % 3)),
  );
}

test('ReduceSumTraining is a ReduceSum', async () => {
  const print = (op: string): Blueprint => ({
    ...MS,
    inputs: { x: [2, 3, 4] },
    weights: { axes: int64s([0, 2]) },
    nodes: [`y = ${op}(x, axes) {keepdims: 0}`],
  });
  const lowered = lower(build(print('com.microsoft::ReduceSumTraining')));
  const feeds = feedsFor(lowered);
  expectClose(await runModel(lowered, feeds), await runModel(build(print('ReduceSum')), feeds));
});

test('a MaxPoolGrad whose pooling is elsewhere is refused', () => {
  const model = build({ inputs: { g: [1, 1, 2, 2], 'at: int64': [1, 1, 2, 2] }, nodes: ['x = MaxPoolGrad(g, at)'] });
  expect(codeFrom(() => lower(model))).toBe('OP_UNSUPPORTED');
});

test('every lowering rule is met by a test here or by the artifacts of onnxruntime-training', () => {
  const inArtifacts = ARTIFACTS.flatMap((net) => readModel(join(artifactsAt(net), 'training_model.onnx')).graph.nodes);
  const here = ['SoftmaxCrossEntropyLossInternal', 'ReduceSumTraining', ...Object.keys(CASES)];
  const met = new Set([...inArtifacts.map(({ opType }) => opType), ...here]);
  const rules = [...LOWERING_RULES.values()].flatMap((rows) => rows.map(({ op }) => op));
  expect(rules.filter((op) => !met.has(op))).toEqual([]);
});
