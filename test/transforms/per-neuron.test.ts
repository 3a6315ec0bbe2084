/** One number for all neurons: where members differ in it, each neuron keeps its member's. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { average } from '../../lib/transforms/average.js';
import { concat } from '../../lib/transforms/concat.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build } from '../support/build.js';
import { FUSE } from '../support/oracle.js';
import { meanOf } from '../support/results.js';
import { expectClose, feedsFor, runModel } from '../support/run.js';
import { floats } from '../support/weights.js';

const net = (number: number, seed: number, change: Partial<Blueprint> = {}): Model =>
  build({
    seed,
    inputs: { x: ['batch', 3, 5, 5] },
    weights: { w: [6, 3, 3, 3], b: [6], a: floats([number], [1]), f: [6, 4] },
    nodes: ['h = Conv(x, w, b)', 'r = PRelu(h, a)', 'p = ReduceMean(r) {axes: [2,3], keepdims: 0}', 'y = MatMul(p, f)'],
    ...change,
  });

async function expectMean(models: readonly Model[], weights: readonly number[]): Promise<Model> {
  const { model } = concat(models, { exact: true, weights });
  const feeds = feedsFor(model);
  const all = await Promise.all(models.map((each) => runModel(each, feeds)));
  expectClose(await runModel(model, feeds), meanOf(all, weights));
  return model;
}

const shapesOf = ({ graph }: Model) =>
  Object.fromEntries([...graph.initializers].map(([name, { dims }]) => [name, dims]));

test('a slope for all is one for each, side by side and in a transplant, and the mean is exact', async () => {
  const models = [net(0.1, 1), net(0.4, 2)];
  const wide = await expectMean(models, [0.5, 0.5]);
  expect(shapesOf(wide)).toEqual({ w: [12, 3, 3, 3], b: [12], 'a.1': [12, 1, 1], f: [12, 4] });
  const fused = transplant(models, { ...FUSE, exact: true, transfer: 0.5 });
  expect(fused.notes).toEqual([expect.stringContaining('each neuron has its own now')]);
  const slopes = fused.model.graph.initializers.get('a.1');
  expect(new Set(slopes && tensorReals(slopes))).toEqual(new Set([Math.fround(0.1), Math.fround(0.4)]));
});

test('a number that all members have stays one', () => {
  const { model, notes } = concat([net(0.1, 1), net(0.1, 2)], { exact: true });
  expect(shapesOf(model)).toEqual({ w: [12, 3, 3, 3], b: [12], a: [1], f: [12, 4] });
  expect(notes).toEqual([]);
});

test.each([
  ['of no axes', [], ['h = Conv(x, w, b)', 'r = Mul(a, h)']],
  [
    'of more axes than the value',
    [1, 1, 1, 1, 1],
    ['h = Conv(x, w, b)', 's = Add(h, a)', 'r = Squeeze(s) {axes: [0]}'],
  ],
  ['in several places', [1], ['h = Conv(x, w, b)', 'g = Mul(h, a)', 'r = Sub(a, g)']],
  ['twice in one node', [1], ['h = Conv(x, w, b)', 'r = Sum(a, h, a)']],
] as const)('%s', async (_, dims, nodes) => {
  const change = (number: number): Partial<Blueprint> => ({
    opset: 11,
    inputs: { x: [1, 3, 5, 5] },
    weights: { w: [6, 3, 3, 3], b: [6], a: floats([number], [...dims]), f: [6, 4] },
    nodes: [...nodes, 'p = ReduceMean(r) {axes: [2,3], keepdims: 0}', 'y = MatMul(p, f)'],
  });
  await expectMean([net(0.5, 1, change(0.5)), net(0.25, 2, change(0.25))], [0.25, 0.75]);
});

describe('a number stays one, of which the mean is taken, where', () => {
  test.each([
    ['it meets no neurons', ['s = Mul(x, a)', 'h = Conv(s, w, b)', 'r = Relu(h)']],
    ['it meets neurons here and none there', ['s = Mul(x, a)', 'h = Conv(s, w, b)', 'r = Mul(h, a)']],
  ])('%s', (_, nodes) => {
    const made = (number: number, seed: number) =>
      net(number, seed, {
        weights: { w: [6, 3, 3, 3], b: [6], a: floats([number], []), f: [6, 4] },
        nodes: [...nodes, 'p = ReduceMean(r) {axes: [2,3], keepdims: 0}', 'y = MatMul(p, f)'],
      });
    const models = [made(0.5, 1), made(0.25, 2)];
    expect(() => concat(models, { exact: true })).toThrow(
      expect.objectContaining({ code: 'NOT_EXACT', message: expect.stringContaining('all neurons share "a"') }),
    );
    const a = concat(models, { exact: false }).model.graph.initializers.get('a');
    expect(a && [...tensorReals(a)]).toEqual([0.375]);
  });
});

describe('a fused model', () => {
  test('is fused again with one that has the number for all, whichever comes first', async () => {
    const two = concat([net(0.1, 1), net(0.4, 2)], { exact: true }).model;
    await expectMean([two, net(0.7, 3)], [0.6, 0.4]);
    await expectMean([net(0.7, 3), two], [0.4, 0.6]);
  });

  test('of one member after the other', () => {
    const models = [net(0.1, 1), net(0.4, 2), net(0.7, 3)];
    const { model } = transplant(models, { ...FUSE, exact: true, strategy: 'iterative' });
    expect(shapesOf(model)).toEqual({ w: [6, 3, 3, 3], b: [6], 'a.1': [6, 1, 1], f: [6, 4] });
  });
});

test('a member of another exporter has its number there too', async () => {
  const gain = (nodes: readonly string[], f: readonly number[], number: number) =>
    build({
      inputs: { x: ['batch', 4] },
      weights: { w: [4, 6], b: [6], a: floats([number], []), f },
      nodes: ['h = Gemm(x, w, b)', 'r = Mul(h, a)', ...nodes],
    });
  const members = [gain(['y = MatMul(r, f)'], [6, 3], 0.5), gain(['y = Gemm(r, f) {transB: 1}'], [3, 6], 0.25)];
  expect(shapesOf(await expectMean(members, [0.5, 0.5]))['a.1']).toEqual([12]);
});

test('an average has one number still', () => {
  const { model } = average([net(0.125, 1), net(0.375, 2)], {});
  const a = model.graph.initializers.get('a');
  expect(a && [...tensorReals(a)]).toEqual([0.25]);
});
