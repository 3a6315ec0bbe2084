/** Models at the edge of what can be transformed: odd interfaces, unknown operators, subgraphs, types, tiny layers. */
import { describe, expect, test } from '@jest/globals';
import { BFLOAT16, DOUBLE, FLOAT16 } from '../../lib/ir/dtype.js';
import type { Model } from '../../lib/ir/model.js';
import { allBytes, tensorReals } from '../../lib/ir/numeric.js';
import { average } from '../../lib/transforms/average.js';
import { concat } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build, buildGraph, members } from '../support/build.js';
import { FUSE, groupSizes, masked, PRUNE, pruneRandomly } from '../support/oracle.js';
import { refusal } from '../support/refused.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel, TIGHT } from '../support/run.js';
import { bools, floats, int64s, randomly, type Weight } from '../support/weights.js';

async function expectMasked(model: Model, tolerance = TIGHT): Promise<void> {
  const pruned = pruneRandomly(model);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds), tolerance);
}

async function expectMean(print: Blueprint, tolerance = TIGHT): Promise<Model> {
  const all = members(print);
  const wide = concat(all, { exact: true }).model;
  const feeds = feedsFor(wide);
  const results = await Promise.all(all.map((member) => runModel(member, feeds)));
  expectClose(await runModel(wide, feeds), meanOf(results), tolerance);
  return wide;
}

const mlp: Blueprint = {
  inputs: { x: ['batch', 6] },
  outputs: ['y'],
  weights: { w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
};

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
        two: (name) => ({ name, dtype: 7, dims: [], data: one }),
        yes: (name) => ({ name, dtype: 9, dims: [], data: yes }),
      },
      nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'q = MatMul(r, w2)', 'y = Loop(two, yes, q) {body: @body}'],
    };
    await expectMasked(build(print));
    expect(() => concat(members(print), { exact: false })).toThrow(refusal('OP_UNSUPPORTED', 'Loop'));
  });
});

const bytes = (data: Uint8Array) => ({
  length: data.length,
  read: (start: number, end: number) => data.subarray(start, end),
  *pieces() {
    yield data;
  },
});
const one = bytes(new Uint8Array(BigInt64Array.of(2n).buffer));
const yes = bytes(Uint8Array.of(1));

describe('element types', () => {
  const typed = (type: string, dtype: number): Blueprint => ({
    ...mlp,
    inputs: { [`x: ${type}`]: ['batch', 6] },
    outputs: [`y: ${type}`],
    weights: Object.fromEntries(
      Object.entries({ w1: [6, 8], b1: [8], w2: [8, 3], b2: [3] }).map(([name, dims]): [string, Weight] => [
        name,
        randomly(dims, dtype),
      ]),
    ),
  });

  test.each<readonly [string, number, number]>([
    ['float64', DOUBLE, 1e-12],
    ['float16', FLOAT16, 1e-2],
  ])('%s', async (type, dtype, atol) => {
    const tolerance = { atol, rtol: atol };
    await expectMasked(build(typed(type, dtype)), tolerance);
    await expectMean(typed(type, dtype), tolerance);
    const all = members(typed(type, dtype));
    const feeds = feedsFor(all[0]);
    const results = await Promise.all(all.map((each) => runModel(each, feeds)));
    expectClose(
      await runModel(ensemble(all, { weights: [1, 3] }).model, feeds),
      meanOf(results, [0.25, 0.75]),
      tolerance,
    );
    expect(transplant(all, FUSE).model.graph.initializers.get('w1')?.dtype).toBe(dtype);
  });

  test('bfloat16, which ONNX Runtime does not multiply everywhere: by its bytes', () => {
    const [a, b] = members(typed('bfloat16', BFLOAT16));
    const reals = (model: Model, name: string) => {
      const tensor = model.graph.initializers.get(name);
      return tensor ? [...tensorReals(tensor)] : [];
    };
    const wide = concat([a, b], { exact: true }).model;
    const half = reals(a, 'w2').map((value) => value / 2);
    expect(wide.graph.initializers.get('w2')).toMatchObject({ dtype: BFLOAT16, dims: [16, 3] });
    expect(reals(wide, 'w2').slice(0, 24)).toEqual(half);
    expect(groupSizes(transplant([a, b], FUSE).model)).toEqual([8]);
    const mean = average([a, b], {}).model;
    reals(mean, 'b1').forEach((value, i) => {
      const exact = ((reals(a, 'b1')[i] as number) + (reals(b, 'b1')[i] as number)) / 2;
      expect(Math.abs(value - exact)).toBeLessThanOrEqual(Math.abs(exact) * 2 ** -8);
    });
  });

  test('members of different types are refused', () => {
    const [a] = members(mlp);
    expect(() => transplant([a, build(typed('float16', FLOAT16))], FUSE)).toThrow(refusal('MEMBERS_DIFFER'));
  });

  test('integers can be selected but not averaged, nor scored by size', async () => {
    const int32: (dims: readonly number[]) => Weight = (dims) => (name, random) => ({
      name,
      dtype: 6,
      dims,
      data: bytes(
        new Uint8Array(
          Int32Array.from({ length: dims.reduce((p, d) => p * d, 1) }, () => Math.floor(10 * random())).buffer,
        ),
      ),
    });
    const print: Blueprint = {
      inputs: { 'x: int32': ['batch', 6] },
      outputs: ['y: int32'],
      weights: { w1: int32([6, 8]), w2: int32([8, 3]) },
      nodes: ['h = MatMul(x, w1)', 'y = MatMul(h, w2)'],
    };
    const model = build(print);
    const pruned = prune(model, PRUNE);
    expect(pruned.model.graph.initializers.get('w1')).toMatchObject({ dtype: 6, dims: [6, 4] });
    await runModel(pruned.model);
    expect(() => prune(model, { ...PRUNE, importance: 'l2' })).toThrow(
      refusal('DTYPE_UNSUPPORTED', '"w1" of type int32: cannot compute with it'),
    );
    expect(() => concat(members(print), { exact: false })).toThrow(refusal('DTYPE_UNSUPPORTED', 'average it'));
  });

  test('packed integers cannot be selected', () => {
    const print: Blueprint = {
      ...mlp,
      opset: 21,
      weights: { ...mlp.weights, q: (name) => ({ name, dtype: 22, dims: [8], data: bytes(new Uint8Array(4)) }) },
      nodes: ['h = Gemm(x, w1, b1)', 's = Cast(q) {to: 1}', 'r = Mul(h, s)', 'y = Gemm(r, w2, b2)'],
    };
    expect(() => prune(build(print), PRUNE)).toThrow(
      refusal('DTYPE_UNSUPPORTED', '"q" of type int4: cannot select neurons of it'),
    );
  });
});

describe('constants that all neurons share', () => {
  const normalised = (mean: number, seed: number) =>
    build({
      ...mlp,
      seed,
      weights: { m: floats([mean], [1]), ...mlp.weights },
      nodes: ['c = Sub(x, m)', ...mlp.nodes.map((node) => node.replace('Gemm(x', 'Gemm(c'))],
    });

  test('are the mean of the members where they differ, which is told and no exact mean of what they compute', async () => {
    expect(concat([normalised(0.5, 1), normalised(0.5, 2)], { exact: true }).notes).toEqual([]);
    const members = [normalised(0.5, 1), normalised(0.25, 2)];
    expect(() => concat(members, { exact: true })).toThrow(refusal('NOT_EXACT', 'all neurons share "m"'));
    const weights = [3, 1];
    const { model, notes } = concat(members, { exact: false, weights });
    expect(notes).toEqual([expect.stringContaining('all neurons share "m"')]);
    const both = [normalised(0.4375, 1), normalised(0.4375, 2)];
    const feeds = feedsFor(model);
    expectClose(await runModel(model, feeds), await runModel(concat(both, { exact: true, weights }).model, feeds));
  });

  test('are the mean of the members in a transplant too', async () => {
    const fused = transplant([normalised(0.5, 1), normalised(0.25, 2)], { ...FUSE, weights: [1, 0], transfer: 0 });
    const feeds = feedsFor(fused.model);
    expectClose(await runModel(fused.model, feeds), await runModel(normalised(0.5, 1), feeds));
  });

  test('are no fusion where nothing else is there', () => {
    const scaled = (by: number) =>
      build({
        inputs: { x: ['batch', 6] },
        outputs: ['y'],
        weights: { m: floats([by], [1]) },
        nodes: ['y = Mul(x, m)'],
      });
    expect(() => concat([scaled(1), scaled(2)], { exact: false })).toThrow(
      refusal('NO_NEURONS', 'the members differ in "m", which belongs to none'),
    );
  });

  test('a Constant node is a constant', async () => {
    const print: Blueprint = {
      ...mlp,
      parts: { w: randomly([6, 8])('', () => 0.5) },
      nodes: ['w = Constant() {value: @w}', 'h = MatMul(x, w)', 'r = Relu(h)', 'y = Gemm(r, w2, b2)'],
      weights: { w2: [8, 3], b2: [3] },
    };
    await expectMasked(build(print));
    await expectMean(print);
  });
});

describe('embeddings', () => {
  const text = (nodes: readonly string[]): Blueprint => ({
    inputs: { 'ids: int64': ['batch', 5] },
    weights: { table: [2, 8], places: [5, 8], w1: [8, 6], w2: [6, 8], w3: [8, 3] },
    nodes: ['e = Gather(table, ids)', 's = Add(e, places)', ...nodes],
  });
  const stream = text(['h = MatMul(s, w1)', 'r = Relu(h)', 'd = MatMul(r, w2)', 't = Add(s, d)', 'y = MatMul(t, w3)']);
  const alone = text(['h = MatMul(s, w1)', 'r = Relu(h)', 'd = MatMul(r, w2)', 'y = MatMul(d, w3)']);

  test('whose features a layer makes too are neurons', async () => {
    expect(groupSizes(build(stream))).toEqual([6, 8]);
    await expectMasked(build(stream));
    await expectMean(stream);
  });

  test('that no layer writes to make neurons of their own', async () => {
    expect(groupSizes(build(alone))).toEqual([6, 8, 8]);
    await expectMasked(build(alone));
    await expectMean(alone);
  });
});

describe('a number computed from a width', () => {
  test('stays what it was at another width', async () => {
    const print = {
      ...mlp,
      nodes: [
        'h = Gemm(x, w1, b1)',
        's = Shape(h)',
        'n = Gather(s, i)',
        'f = Cast(n) {to: 1}',
        'q = Sqrt(f)',
        'r = Div(h, q)',
        'y = Gemm(r, w2, b2)',
      ],
    };
    const picking = (index: number): Blueprint => ({ ...print, weights: { ...mlp.weights, i: int64s([index]) } });
    for (const axis of [0, 1]) {
      await expectMasked(build(picking(axis)));
      await expectMean(picking(axis));
    }
  });
});

describe('only nearly the mean', () => {
  test('where two closing layers would weigh the members differently', async () => {
    const sized = (a: number, b: number, seed: number) =>
      build({
        ...mlp,
        seed,
        weights: { w1: [6, a], v1: [6, b], w2: [a, 3], v2: [b, 3] },
        nodes: [
          'h = MatMul(x, w1)',
          'r = Relu(h)',
          'g = MatMul(x, v1)',
          't = Tanh(g)',
          'p = MatMul(r, w2)',
          'q = MatMul(t, v2)',
          'y = Add(p, q)',
        ],
      });
    const all = [sized(4, 8, 1), sized(8, 8, 2)];
    expect(() => concat(all, { exact: true })).toThrow(
      refusal('NOT_EXACT', 'another proportion at "w2" than at "v2" (give --weights)'),
    );
    expect(() => transplant(all, { ...FUSE, exact: true })).toThrow(refusal('NOT_EXACT'));
    const wide = concat(all, { exact: true, weights: [1, 1] }).model;
    const feeds = feedsFor(wide);
    expectClose(await runModel(wide, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
    concat([sized(4, 8, 1), sized(8, 16, 2)], { exact: true });
  });

  test('where layers mix the places of each neuron (MLP-Mixer)', async () => {
    const mixer: Blueprint = {
      inputs: { x: ['batch', 5, 6] },
      weights: { w0: [6, 8], t1: [5, 7], t2: [7, 5], w2: [8, 3] },
      nodes: [
        'h = MatMul(x, w0)',
        't = Transpose(h) {perm: [0, 2, 1]}',
        'm = MatMul(t, t1)',
        'r = Relu(m)',
        'n = MatMul(r, t2)',
        'u = Transpose(n) {perm: [0, 2, 1]}',
        'y = MatMul(u, w2)',
      ],
    };
    expect(groupSizes(build(mixer))).toEqual([8, 7]);
    await expectMasked(build(mixer));
    expect(() => concat(members(mixer), { exact: true })).toThrow(
      refusal('NOT_EXACT', 'works on neurons of all members'),
    );
    await runModel(concat(members(mixer), { exact: false }).model);
  });
});

describe('layouts that cannot be widened, and members that only seem alike', () => {
  /** Channels last, split into `count` heads. */
  const split = (count: number): Blueprint => ({
    inputs: { x: ['batch', 1, 3, 2] },
    weights: { w1: [4, 1, 1, 1], f: int64s([-1, 24]), s: int64s([-1, count, 24 / count]), w2: [24, 3] },
    nodes: [
      'h = Conv(x, w1)',
      't = Transpose(h) {perm: [0, 2, 3, 1]}',
      'a = Reshape(t, f)',
      'b = Reshape(a, s)',
      'r = Relu(b)',
      'c = Reshape(r, f)',
      'y = Gemm(c, w2)',
    ],
  });

  test('heads that cut through the channels: every channel is put into order', async () => {
    expect(groupSizes(build(split(8)))).toEqual([1]);
    const wide = await expectMean(split(8));
    expect(wide.graph.nodes.filter(({ opType }) => opType === 'Gather')).toHaveLength(1);
  });

  test('heads that hold all channels several times', async () => {
    const wide = await expectMean(split(2));
    expect(wide.graph.nodes.filter(({ opType }) => opType === 'Gather')).toHaveLength(0);
  });

  const heads = (width: number): Blueprint => ({
    ...mlp,
    weights: { w1: [6, width], s: int64s([-1, 2, width / 2]), f: int64s([-1, width]), w2: [width, 3] },
    nodes: ['h = MatMul(x, w1)', 'a = Reshape(h, s)', 'r = Relu(a)', 'c = Reshape(r, f)', 'y = MatMul(c, w2)'],
  });

  test('heads of another size', () => {
    expect(() => concat([build(heads(8)), build(heads(12))], { exact: false })).toThrow(
      refusal('MEMBERS_DIFFER', 'does not hold the same neurons'),
    );
  });

  test('kernels of another size', () => {
    const kernel = (size: number): Blueprint => ({
      inputs: { x: ['batch', 1, 6, 6] },
      weights: { w1: [4, 1, size, size], w2: [4, 3] },
      nodes: ['h = Conv(x, w1)', 'r = Relu(h)', 'm = ReduceMean(r) {axes: [2, 3], keepdims: 0}', 'y = MatMul(m, w2)'],
    });
    expect(() => concat([build(kernel(3)), build(kernel(5))], { exact: false })).toThrow(refusal('MEMBERS_DIFFER'));
    expect(() => concat([build(kernel(5)), build(kernel(3))], { exact: false })).toThrow(refusal('MEMBERS_DIFFER'));
  });
});

test('a member with more neurons and as many fewer padded ones is rebuilt as it is', async () => {
  const padded = (width: number, seed: number) =>
    build({
      seed,
      inputs: { x: ['batch', 6] },
      weights: { w1: [6, width], pads: int64s([0, 0, 0, 4 - width]), v: [4, 4], w2: [4, 3] },
      nodes: ['h = MatMul(x, w1)', 'd = Pad(h, pads)', 'e = MatMul(d, v)', 's = Add(d, e)', 'y = MatMul(s, w2)'],
    });
  const all = [padded(2, 1), padded(3, 2)];
  const { model, proofs } = concat(all, { exact: true });
  const feeds = feedsFor(model);
  expectClose(await runModel(model, feeds), meanOf(await Promise.all(all.map((each) => runModel(each, feeds)))));
  expect(proofs).toHaveLength(1);
  for (const { member, rebuilt } of proofs) await expectSameFunction(rebuilt, member);
});

describe('weights with two tasks', () => {
  test('an autoencoder whose decoder is the encoder turned around', async () => {
    const tied: Blueprint = {
      inputs: { x: ['batch', 6] },
      weights: { w: [6, 8], b: [8] },
      nodes: ['h = Gemm(x, w, b)', 'r = Relu(h)', 'y = Gemm(r, w) {transB: 1}'],
    };
    await expectMasked(build(tied));
    await expectMean(tied);
  });

  test('one layer called twice', async () => {
    const print = {
      ...mlp,
      weights: { ...mlp.weights, v: [8, 8] },
      nodes: [
        'h = Gemm(x, w1, b1)',
        'p = MatMul(h, v)',
        'q = Tanh(p)',
        's = MatMul(q, v)',
        'r = Relu(s)',
        'y = Gemm(r, w2, b2)',
      ],
    };
    await expectMasked(build(print));
    await expectMean(print);
  });

  test('one closing layer for two outputs', async () => {
    const print = { ...mlp, outputs: ['y', 'z'], nodes: [...mlp.nodes, 't = Tanh(h)', 'z = Gemm(t, w2, b2)'] };
    await expectMasked(build(print));
    await expectMean(print);
  });

  test('one bias for two layers of different members', async () => {
    const print = {
      ...mlp,
      weights: { ...mlp.weights, v: [8, 8] },
      nodes: ['h = Gemm(x, w1, b1)', 'q = Tanh(h)', 's = Gemm(q, v, b1)', 'r = Relu(s)', 'y = Gemm(r, w2, b2)'],
    };
    expect(groupSizes(build(print))).toEqual([8, 8]);
    await expectMasked(build(print));
    await expectMean(print);
  });
});

test('the same bytes for the same seed', () => {
  const all = (model: Model) =>
    [...model.graph.initializers.values()].map((tensor) => tensor.data && [...allBytes(tensor.data)]);
  const fused = () => transplant(members(mlp, 3), { ...FUSE, importance: 'random', seed: 9 }).model;
  expect(all(fused())).toEqual(all(fused()));
});

describe('a product of two activations over tokens', () => {
  /** Each column of g is one neuron of h beside all of k: also those of other members. */
  const gram = (rest: readonly string[]): Blueprint => ({
    inputs: { x: [2, 3, 4] },
    weights: { a: [4, 5], b: [4, 6], c: [6, 3], d: [2, 15] },
    nodes: [
      'p = MatMul(x, a)',
      'h = Tanh(p)',
      't = Transpose(h) {perm: [0,2,1]}',
      'q = MatMul(x, b)',
      'k = Tanh(q)',
      ...rest,
    ],
  });
  const paired = gram(['g = MatMul(t, k)', 'l = MatMul(g, c)', 'e = Flatten(l)', 'y = Gemm(e, d) {transB: 1}']);

  test('pairs neurons of different members: no exact mean', () => {
    expect(() => concat(members(paired), { exact: true })).toThrow(refusal('NOT_EXACT', 'pairs the neurons'));
    expect(concat(members(paired), { exact: false }).notes.join()).toContain('pairs the neurons of two activations');
  });

  test('with the inputs alone it pairs nothing', () => {
    const alone = gram(['g = MatMul(t, x)', 'e = ReduceMean(g) {axes: [2], keepdims: 0}', 'y = MatMul(e, w)']);
    const print = { ...alone, weights: { ...alone.weights, w: [5, 2] } };
    expect(() => concat(members(print), { exact: true })).not.toThrow();
  });
});
