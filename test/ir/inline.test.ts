/** Local functions in place of their calls: the same results in ONNX Runtime, which inlines them itself. */
import { describe, expect, test } from '@jest/globals';
import { inlineFunctions } from '../../lib/ir/inline.js';
import type { LocalFunction, Model } from '../../lib/ir/model.js';
import { concat } from '../../lib/transforms/concat.js';
import { type Blueprint, build, localFunction } from '../support/build.js';
import { masked, pruneRandomly } from '../support/oracle.js';
import { expectClose, expectSameFunction, feedsFor, meanOf, runModel } from '../support/run.js';

const OPSETS = new Map([['', 17]]);

const dense = localFunction('Dense', ['h = Gemm(x, w, b) {alpha: $scale}', 'y = LeakyRelu(h) {alpha: $slope}'], {
  inputs: ['x', 'w', 'b'],
  defaults: new Map([['slope', { type: 'float', value: 0.25 }]]),
  opsets: OPSETS,
});
const twice = localFunction(
  'Twice',
  ['h = f::Dense(x, w, b) {scale: 0.5}', 'y = f::Dense(h, v, b) {scale: 1.5, slope: 0.5}'],
  {
    inputs: ['x', 'w', 'v', 'b'],
    opsets: new Map([...OPSETS, ['f', 1]]),
  },
);

const calling = (
  nodes: readonly string[],
  functions: readonly LocalFunction[],
): Blueprint & { functions: readonly LocalFunction[] } => ({
  inputs: { x: [2, 6] },
  domains: { f: 1 },
  weights: { w1: [6, 8], v1: [8, 8], b1: [8], w2: [8, 4] },
  nodes,
  functions,
});

const made = ({ functions, ...print }: ReturnType<typeof calling>, seed = 1): Model => ({
  ...build({ ...print, seed }),
  functions,
});

const net = calling(['h = f::Twice(x, w1, v1, b1)', 'y = MatMul(h, w2)'], [dense, twice]);

describe('local functions', () => {
  test('are put in place of their calls, within each other too', async () => {
    const inlined = inlineFunctions(made(net));
    expect(inlined.graph.nodes.map((node) => node.opType)).toEqual([
      'Gemm',
      'LeakyRelu',
      'Gemm',
      'LeakyRelu',
      'MatMul',
    ]);
    expect(inlined.functions).toEqual([]);
    expect(inlineFunctions(inlined)).toBe(inlined);
    await expectSameFunction(inlined, made(net));
  });

  test('are pruned and fused through', async () => {
    const pruned = pruneRandomly(made(net));
    await expectSameFunction(pruned.model, masked(made(net), pruned));
    const pair = [made(net, 1), made(net, 2)];
    const feeds = feedsFor(made(net));
    const results = await Promise.all(pair.map((member) => runModel(member, feeds)));
    expectClose(await runModel(concat(pair, { exact: true }).model, feeds), meanOf(results));
  });

  test('may leave out inputs and outputs, and pass an input on', async () => {
    const odd = localFunction('Odd', ['y = Clip(x, l, u)', 'z = Neg(y)'], {
      inputs: ['x', 'l', 'u'],
      outputs: ['x', 'y', 'z'],
      opsets: OPSETS,
    });
    const print = calling(['p, q, = f::Odd(x, , w0)', 's = Add(p, q)', 'y = MatMul(s, w1)'], [odd]);
    const model = made({ ...print, weights: { ...print.weights, w0: [] } });
    // ONNX Runtime refuses such a call, so the graph that it means stands beside it.
    const nodes = ['q = Clip(x, , w0)', 'p = Identity(x)', 's = Add(p, q)', 'y = MatMul(s, w1)'];
    const told = build({ ...print, nodes, weights: { ...print.weights, w0: [] } });
    await expectSameFunction(inlineFunctions(model), told);
  });

  test('of other operator versions stay as they are', () => {
    const old = { ...dense, opsets: new Map([['', 11]]) };
    const model = made(calling(['y = f::Dense(x, w1, b1) {scale: 1.0}'], [old]));
    expect(inlineFunctions(model)).toBe(model);
  });

  test('that double at every step are refused', () => {
    const doubling = Array.from({ length: 40 }, (_, i) =>
      localFunction(`F${i}`, i === 0 ? ['y = Relu(x)'] : [`h = f::F${i - 1}(x)`, `y = f::F${i - 1}(h)`]),
    );
    const model = made(calling(['y = f::F39(x)'], doubling));
    expect(() => inlineFunctions(model)).toThrow(expect.objectContaining({ code: 'TOO_MANY' }));
  });
});
