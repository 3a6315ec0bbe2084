/** Pruning: what is kept, what is left alone, what is said. */
import { describe, expect, test } from '@jest/globals';
import { tensorReals } from '../../lib/ir/numeric.js';
import { prune } from '../../lib/transforms/prune.js';
import { type Blueprint, build } from '../support/build.js';
import { groupSizes, masked, PRUNE } from '../support/oracle.js';
import { source } from '../support/print.js';
import { expectClose, feedsFor, runModel } from '../support/run.js';
import { floats, int64s, positive } from '../support/weights.js';

const deep: Blueprint = {
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 8], b1: [8], w2: [8, 10], w3: [10, 3] },
  nodes: ['h = Gemm(x, w1, b1)', 'r = Relu(h)', 'g = MatMul(r, w2)', 's = Relu(g)', 'y = MatMul(s, w3)'],
};

const l2 = { ...PRUNE, importance: 'l2' } as const;

test('by hand: the worse neuron goes, with its bias', () => {
  const model = build({
    inputs: { x: ['batch', 1] },
    weights: { w1: floats([1, 5, 2], [1, 3]), b1: floats([10, 20, 30]), w2: floats([2, 3, 4], [3, 1]) },
    nodes: ['h = Gemm(x, w1, b1)', 'y = MatMul(h, w2)'],
  });
  const { model: pruned, ranking } = prune(model, { ...l2, ratio: 0.3 });
  const reals = (name: string) => [
    ...tensorReals(pruned.graph.initializers.get(name) as Parameters<typeof tensorReals>[0]),
  ];
  expect([reals('w1'), reals('b1'), reals('w2')]).toEqual([
    [5, 2],
    [20, 30],
    [3, 4],
  ]);
  expect(ranking).toEqual([{ name: 'w1', scores: expect.anything(), kept: [1, 2], fromMember: [2], members: [3] }]);
  expect([...(ranking[0]?.scores ?? [])].map((score) => Math.round(score * 1000))).toEqual([254, 1729, 1017]);
});

test('the nodes stay as they are', () => {
  const model = build(deep);
  expect(source(prune(model, l2).model)).toEqual(source(model));
});

test('neurons that are taken unequally often do not stand in for each other', async () => {
  const model = build({
    inputs: { x: ['batch', 6] },
    weights: { w1: [6, 8], picks: int64s([0, 1, 0, 2, 3, 4]), w2: [6, 3] },
    nodes: ['h = Gemm(x, w1)', 'g = Gather(h, picks) {axis: 1}', 'y = MatMul(g, w2)'],
  });
  const pruned = prune(model, PRUNE);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
});

describe('ratio', () => {
  test.each<readonly [number, readonly number[]]>([
    [0, [8, 10]],
    [0.25, [6, 7]],
    [0.5, [4, 5]],
    [0.95, [1, 1]],
  ])('%p leaves %j', (ratio, sizes) => {
    expect(groupSizes(prune(build(deep), { ...l2, ratio }).model)).toEqual(sizes);
  });

  test('over all layers it counts for their sum', () => {
    const sizes = groupSizes(prune(build(deep), { ...l2, scope: 'global' }).model);
    expect(sizes.reduce((a, b) => a + b)).toBe(9);
  });
});

describe('names to ignore', () => {
  test.each(['w1', 'b1', 'h', 'r', 'w2'])('%s', (name) => {
    const expected = name === 'w2' ? [8, 10] : [8, 5];
    expect(groupSizes(prune(build(deep), { ...l2, ignore: [name] }).model)).toEqual(expected);
  });

  test('hold for one ranking over all layers too', () => {
    // Neurons of the first layer that nothing reads would go first.
    const weights = { ...deep.weights, w1: floats(Array(48).fill(0.001), [6, 8]) };
    const sizes = groupSizes(prune(build({ ...deep, weights }), { ...l2, scope: 'global', ignore: ['h'] }).model);
    expect(sizes).toEqual([8, 5]);
  });

  test('that hold no neurons are refused', () => {
    for (const name of ['nothing', 'x', 'y']) {
      expect(() => prune(build(deep), { ...l2, ignore: [name] })).toThrow(
        expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(JSON.stringify(name)) }),
      );
    }
  });
});

test('bn-scale ranks by the scale of the normalisation', () => {
  const model = build({
    inputs: { x: ['batch', 1, 4, 4] },
    weights: { w1: [3, 1, 3, 3], s: floats([-5, 0.1, 2]), b: [3], m: [3], v: positive([3]), w2: [2, 3, 1, 1] },
    nodes: ['h = Conv(x, w1)', 'n = BatchNormalization(h, s, b, m, v)', 'y = Conv(n, w2)'],
  });
  expect(prune(model, { ...PRUNE, importance: 'bn-scale', ratio: 0.3 }).ranking[0]?.kept).toEqual([0, 2]);
});

test('neurons that see each other are noted', () => {
  const model = build({
    ...deep,
    weights: { ...deep.weights, gain: [8] },
    nodes: ['h = Gemm(x, w1, b1)', 'r = LayerNormalization(h, gain)', ...deep.nodes.slice(2)],
  });
  expect(prune(model, l2).notes).toEqual([
    'LayerNormalization normalises over these neurons together: the others see that some are gone',
  ]);
  expect(prune(build(deep), l2).notes).toEqual([]);
});

test('noted shapes follow, those of outputs and inputs stay', () => {
  const model = build(deep);
  const value = (name: string, width: number) => ({
    name,
    dtype: 1,
    shape: [{ coefficient: 1, symbols: ['batch'] }, width],
  });
  const noted = {
    ...model,
    graph: { ...model.graph, valueInfo: [value('h', 8), value('s', 10)], outputs: [value('y', 3)] },
  };
  const { graph } = prune(noted, l2).model;
  expect([...graph.valueInfo, ...graph.outputs]).toEqual([value('h', 4), value('s', 5), value('y', 3)]);
  expect(graph.inputs).toEqual(model.graph.inputs);
});

test('listed initializers keep the shapes that they have', async () => {
  const model = build({ ...deep, opset: 8, irVersion: 3, listed: ['w1', 'b1', 'w2', 'w3'] });
  const pruned = prune(model, PRUNE);
  expect(pruned.model.graph.inputs.slice(1).map((each) => each.shape)).toEqual([[6, 4], [4], [4, 5], [5, 3]]);
  const feeds = feedsFor(model);
  expectClose(await runModel(pruned.model, feeds), await runModel(masked(model, pruned), feeds));
});
