/** Models at the edge of what can be transformed: odd interfaces, unknown operators, subgraphs, tiny layers. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { allBytes } from '../../lib/ir/numeric.js';
import { average } from '../../lib/transforms/average.js';
import { concat } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build, buildGraph, members } from '../support/build.js';
import { FUSE, groupSizes, PRUNE, pruneRandomly } from '../support/oracle.js';
import { refusal } from '../support/refused.js';
import { expectClose, feedsFor, meanOf, runModel } from '../support/run.js';
import { bools, int64s } from '../support/weights.js';
import { expectMasked, expectMean, mlp } from './edge-nets.js';

describe('interfaces', () => {
  const cases: Readonly<Record<string, Blueprint>> = {
    'two inputs': {
      ...mlp,
      inputs: { x: ['batch', 6], z: ['batch', 4] },
      weights: { ...mlp.weights, v: [4, 8] },
      nodes: ['p = Gemm(x, w1, b1)', 'q = MatMul(z, v)', 's = Add(p, q)', 'r = Relu(s)', 'y = Gemm(r, w2, b2)'],
    },
    'two outputs of one layer': {
      ...mlp,
      outputs: ['y', 'z'],
      weights: { ...mlp.weights, v: [8, 2], c: [2] },
      nodes: [...mlp.nodes, 'z = Gemm(r, v, c)'],
    },
    'a stem and two heads': {
      ...mlp,
      outputs: ['y', 'z'],
      weights: { ...mlp.weights, u: [8, 5], v: [5, 2], c: [2] },
      nodes: [...mlp.nodes, 'k = MatMul(r, u)', 't = Tanh(k)', 'z = Gemm(t, v, c)'],
    },
    'an input that goes around the net': {
      ...mlp,
      inputs: { x: ['batch', 3] },
      weights: { ...mlp.weights, w1: [3, 8] },
      nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'p = Gemm(r, w2, b2)', 'y = Add(p, x)'],
    },
    'initializers among the inputs': { ...mlp, irVersion: 3, opset: 8, listed: ['w1', 'b1', 'w2', 'b2'] },
    'an output that is an input': { ...mlp, outputs: ['y', 'x'] },
    'fixed batch': { ...mlp, inputs: { x: [2, 6] } },
    'no batch': {
      inputs: { x: [6] },
      weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
      nodes: ['p = MatMul(x, w1)', 'h = Add(p, b1)', 'r = Relu(h)', 'q = MatMul(r, w2)', 'y = Add(q, b2)'],
    },
    'one output': { ...mlp, weights: { ...mlp.weights, w2: [8, 1], b2: [1] } },
  };

  test.each(Object.entries(cases))('%s', async (_, print) => {
    await expectMasked(build(print));
    await expectMean(print);
    await runModel(transplant(members(print), FUSE).model);
  });

  test('an output in the middle keeps its neurons, and fusing is no longer exact', async () => {
    const print = { ...mlp, outputs: ['y', 'r'] };
    expect(() => prune(build(print), PRUNE)).toThrow(
      refusal('NO_NEURONS', 'no layer stands between its inputs and its outputs'),
    );
    expect(() => concat(members(print), { exact: true })).toThrow(refusal('NOT_EXACT'));
    const fused = concat(members(print), { exact: false });
    expect(fused.notes.join()).toMatch(/Relu.*not linear/);
    await runModel(fused.model);
  });

  test('a linear net with an output in the middle is exact there, and not behind it', async () => {
    const print = { ...mlp, outputs: ['y', 'h'], nodes: ['h = Gemm(x, w1, b1)', 'y = Gemm(h, w2, b2)'] };
    const all = members(print);
    expect(() => concat(all, { exact: true })).toThrow(refusal('NOT_EXACT', 'differs from member to member'));
    const wide = concat(all, { exact: false }).model;
    const feeds = feedsFor(wide);
    const [fused, ...each] = await Promise.all([wide, ...all].map((model) => runModel(model, feeds)));
    const only = (results: typeof fused) => new Map([...(results ?? [])].filter(([name]) => name === 'h'));
    expectClose(only(fused), meanOf(each.map(only)));
  });
});

describe('why there are no neurons', () => {
  const because = (print: Blueprint, ...parts: readonly string[]) => {
    for (const part of parts) expect(() => prune(build(print), PRUNE)).toThrow(refusal('NO_NEURONS', part));
  };

  test('a layer slides over the channels', () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 3, 8] },
      weights: { w: [6, 3, 1], k: [1, 1, 3], second: int64s([1]), channels: int64s([6, 8]), v: [48, 2] },
      nodes: [
        'h = Conv(x, w)',
        'm = GlobalAveragePool(h)',
        't = Transpose(m) {perm: [0, 2, 1]}',
        'c = Conv(t, k) {pads: [1, 1]}',
        'g = Transpose(c) {perm: [0, 2, 1]}',
        's = Mul(h, g)',
        'f = Flatten(s)',
        'y = MatMul(f, v)',
      ],
    };
    because(print, 'axis 0 of "w" is fixed (Conv (makes "c"): spatial axis)');
  });

  test('several reasons, each once', () => {
    const print: Blueprint = {
      ...mlp,
      weights: { w1: [6, 8], w2: [8, 8], w3: [8, 3] },
      nodes: ['h = MatMul(x, w1)', 'r = Softmax(h)', 'i = MatMul(r, w2)', 's = CumSum(i, one)', 'y = MatMul(s, w3)'],
    };
    const one = { one: int64s([1], []) };
    because(
      { ...print, weights: { ...print.weights, ...one } },
      'axis 1 of "w1" is fixed (Softmax (makes "r"): ',
      '; axis 1 of "w2" is fixed (CumSum (makes "s"): ',
    );
  });
});

describe('no hidden layer', () => {
  const logistic: Blueprint = {
    inputs: { x: ['batch', 6] },
    weights: { w: [6, 3], b: [3] },
    nodes: ['y = Gemm(x, w, b)'],
  };

  test('weights that the graph computes are no constants before they are folded', () => {
    const print = { ...logistic, nodes: ['s = Sqrt(w)', 'y = Gemm(x, s, b)'] };
    expect(() => prune(build(print), PRUNE)).toThrow(refusal('NO_NEURONS', 'no layer with a constant weight'));
  });

  test('nothing can be pruned', () => {
    expect(() => prune(build(logistic), PRUNE)).toThrow(
      refusal('NO_NEURONS', 'no layer stands between its inputs and its outputs'),
    );
  });

  test('fusing averages exactly', async () => {
    await expectMean(logistic);
    const all = members(logistic);
    const [fused, mean] = [transplant(all, { ...FUSE, exact: true }).model, average(all, {}).model];
    const feeds = feedsFor(fused);
    expectClose(await runModel(fused, feeds), await runModel(mean, feeds));
  });

  test('with a nonlinear end it is not exact', () => {
    const end = { ...logistic, nodes: ['p = Gemm(x, w, b)', 'y = Softmax(p)'] };
    expect(() => concat(members(end), { exact: true })).toThrow(refusal('NOT_EXACT', 'Softmax'));
  });
});

describe('files up to IR 3 list every initializer among the inputs', () => {
  const old: Blueprint = {
    ...mlp,
    opset: 8,
    irVersion: 3,
    weights: { ...mlp.weights, v: [8, 8] },
    listed: ['w1', 'b1', 'w2', 'b2', 'v'],
    nodes: ['h = Gemm(x, w1, b1)', 'q = Relu(h)', 'g = Gemm(q, v, b1)', 'y = Gemm(g, w2, b2)'],
  };

  test.each<readonly [string, (all: readonly [Model, Model]) => Model]>([
    ['prune', ([a]) => pruneRandomly(a).model],
    ['transplant', (all) => transplant(all, FUSE).model],
    ['average', (all) => average(all, {}).model],
    ['ensemble', (all) => ensemble(all, { weights: [1, 2] }).model],
  ])('%s too', async (_, make) => {
    const all = members(old);
    const made = make([all[0], all[1]]);
    expect(
      made.graph.inputs
        .map((value) => value.name)
        .slice(1)
        .sort(),
    ).toEqual([...made.graph.initializers.keys()].sort());
    expect(made.graph.inputs.map((value) => value.shape).slice(1)).toEqual(
      made.graph.inputs.slice(1).map((value) => made.graph.initializers.get(value.name)?.dims),
    );
    await runModel(made);
  });
});

describe('narrow layers', () => {
  const narrow = (width: number): Blueprint => ({
    ...mlp,
    weights: { w1: [6, width], b1: [width], w2: [width, 3], b2: [3] },
  });

  test('a bottleneck of one neuron keeps it', async () => {
    const model = build(narrow(1));
    const { model: pruned } = prune(model, PRUNE);
    expect(groupSizes(pruned)).toEqual([1]);
    const feeds = feedsFor(model);
    expect([...(await runModel(pruned, feeds))]).toEqual([...(await runModel(model, feeds))]);
  });

  test('side by side it is as wide as there are members', async () => {
    expect(groupSizes(await expectMean(narrow(1)))).toEqual([2]);
  });

  test('of one channel behind a Flatten', async () => {
    const print: Blueprint = {
      inputs: { x: ['batch', 1, 3, 3] },
      weights: { w1: [1, 1, 2, 2], b1: [1], w2: [4, 2], b2: [2] },
      nodes: ['h = Conv(x, w1, b1)', 'r = Relu(h)', 'f = Flatten(r)', 'y = Gemm(f, w2, b2)'],
    };
    // An axis of length 1 is no factor of a longer one: the channel is lost, and the result only nearly the mean.
    expect(groupSizes(build(print))).toEqual([]);
    expect(() => concat(members(print), { exact: true })).toThrow(refusal('NOT_EXACT', 'Relu'));
    await runModel(concat(members(print), { exact: false }).model);
  });

  test('pruned to the last neuron and fused again', async () => {
    const once = prune(build(narrow(3)), { ...PRUNE, ratio: 0.9 }).model;
    expect(groupSizes(once)).toEqual([1]);
    expect(groupSizes(transplant([once, build(narrow(3))], FUSE).model)).toEqual([1]);
    expect(groupSizes(transplant([build(narrow(3)), once], FUSE).model)).toEqual([3]);
  });
});

describe('operators that no rule knows', () => {
  const custom: Blueprint = {
    ...mlp,
    domains: { 'com.microsoft': 1 },
    weights: { ...mlp.weights, v: [8, 8] },
    nodes: [
      'h = Gemm(x, w1, b1)',
      'f = com.microsoft::SampleOp(h)',
      'g = MatMul(f, v)',
      'r = Relu(g)',
      'y = Gemm(r, w2, b2)',
    ],
  };
  const noted = (model: Model): Model => ({
    ...model,
    graph: {
      ...model.graph,
      valueInfo: [{ name: 'f', dtype: 1, shape: model.graph.inputs[0]?.shape?.slice(0, 1).concat(8) }],
    },
  });

  test('pruning leaves their neurons alone and takes the others', async () => {
    const model = noted(build(custom));
    expect(groupSizes(model)).toEqual([8]);
    await expectMasked(model);
  });

  test('a value of unknown width may be as wide as what it meets', async () => {
    const all = bools([1, 1, 1, 1, 1, 1, 1, 1]);
    const print: Blueprint = {
      ...mlp,
      weights: { w1: [6, 8], all, keep: int64s([0, -1]), u: [8, 5], v: [5, 8], w2: [8, 3] },
      nodes: [
        'h = MatMul(x, w1)',
        'f = Compress(h, all) {axis: 1}',
        'r = Reshape(f, keep)',
        'g = MatMul(r, u)',
        'q = MatMul(g, v)',
        's = Add(r, q)',
        'y = MatMul(s, w2)',
      ],
    };
    const model = build(print);
    expect(groupSizes(model)).toEqual([5]);
    await expectMasked(model);
  });

  test('without a noted shape everything behind is left alone', () => {
    expect(() => prune(build(custom), PRUNE)).toThrow(
      refusal('NO_NEURONS', 'axis 1 of "w1" is fixed (com.microsoft::SampleOp (makes "f"): no rule'),
    );
  });

  test('fusing refuses, and names them', () => {
    const all = members(custom).map(noted);
    const wanted = refusal('OP_UNSUPPORTED', 'com.microsoft::SampleOp (makes "f"): no rule says where the neurons go');
    expect(() => concat(all, { exact: false })).toThrow(wanted);
    expect(() => transplant(all, FUSE)).toThrow(wanted);
  });

  test('on the inputs alone they are no obstacle', async () => {
    const print = {
      ...custom,
      nodes: ['f = com.microsoft::SampleOp(x)', ...mlp.nodes.map((node) => node.replace('Gemm(x', 'Gemm(f'))],
    };
    const shaped = (model: Model): Model => ({
      ...model,
      graph: { ...model.graph, valueInfo: [{ name: 'f', dtype: 1, shape: model.graph.inputs[0]?.shape }] },
    });
    const all = members(print).map(shaped);
    const wide = concat(all, { exact: true }).model;
    const feeds = feedsFor(wide);
    expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
  });

  test('an average does not care', async () => {
    await runModel(average(members(custom), {}).model);
  });
});

describe('subgraphs', () => {
  const branch = (nodes: readonly string[]) => buildGraph({ inputs: {}, nodes });
  const iffy = (captured: string): Blueprint => ({
    ...mlp,
    inputs: { ...mlp.inputs, 'c: bool': [] },
    outputs: ['y', 'z'],
    parts: { t: branch([`p = ReduceSum(${captured})`]), e: branch([`q = ReduceMax(${captured})`]) },
    weights: { ...mlp.weights, v: [8, 4], u: [4, 3] },
    nodes: [
      'h = Gemm(x, w1, b1)',
      'r = Relu(h)',
      'g = MatMul(r, v)',
      't = Tanh(g)',
      'y = MatMul(t, u)',
      'z = If(c) {then_branch: @t, else_branch: @e}',
    ],
  });

  test('that look at neurons keep them', async () => {
    const model = build(iffy('r'));
    expect(groupSizes(model)).toEqual([4]);
    await expectMasked(model);
  });

  test('that look at neurons cannot be fused', () => {
    expect(() => concat(members(iffy('r')), { exact: false })).toThrow(refusal('OP_UNSUPPORTED', 'If (makes "z")'));
  });

  test('that look at inputs alone are no obstacle', async () => {
    await expectMasked(build(iffy('x')));
    const print = iffy('x');
    const wide = concat(members(print), { exact: true });
    // What stands in branches is not compared: running has to prove that the members agree there.
    expect(wide.proofs).toHaveLength(1);
    await runModel(wide.model);
  });

  test('a Loop that reads a weight from outside', async () => {
    const body = buildGraph({
      inputs: { 'i: int64': [], 'go: bool': [], s: ['batch', 3] },
      outputs: ['again: bool', 'n'],
      nodes: ['again = Identity(go)', 'n = Add(s, b2)'],
    });
    const print: Blueprint = {
      ...mlp,
      parts: { body },
      weights: {
        ...mlp.weights,
        two: int64s([2], []),
        yes: bools([1], []),
      },
      nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'q = MatMul(r, w2)', 'y = Loop(two, yes, q) {body: @body}'],
    };
    await expectMasked(build(print));
    expect(() => concat(members(print), { exact: false })).toThrow(refusal('OP_UNSUPPORTED', 'Loop'));
  });
});

test('the same bytes for the same seed', () => {
  const all = (model: Model) =>
    [...model.graph.initializers.values()].map((tensor) => tensor.data && [...allBytes(tensor.data)]);
  const fused = () => transplant(members(mlp, 3), { ...FUSE, importance: 'random', seed: 9 }).model;
  expect(all(fused())).toEqual(all(fused()));
});
