/** Weights and values of every element type that there is. */
import { describe, expect, test } from '@jest/globals';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { BFLOAT16, DOUBLE, FLOAT16 } from '../../lib/ir/dtype.js';
import type { Model } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { average } from '../../lib/transforms/average.js';
import { concat } from '../../lib/transforms/concat.js';
import { ensemble } from '../../lib/transforms/ensemble.js';
import { prune } from '../../lib/transforms/prune.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { type Blueprint, build, members } from '../support/build.js';
import { FUSE, groupSizes, PRUNE } from '../support/oracle.js';
import { refusal } from '../support/refused.js';
import { expectClose, feedsFor, meanOf, runModel } from '../support/run.js';
import { randomly, type Weight } from '../support/weights.js';
import { expectMasked, expectMean, mlp } from './edge-nets.js';

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
      data: memoryBytes(
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
      weights: { ...mlp.weights, q: (name) => ({ name, dtype: 22, dims: [8], data: memoryBytes(new Uint8Array(4)) }) },
      nodes: ['h = Gemm(x, w1, b1)', 's = Cast(q) {to: 1}', 'r = Mul(h, s)', 'y = Gemm(r, w2, b2)'],
    };
    expect(() => prune(build(print), PRUNE)).toThrow(
      refusal('DTYPE_UNSUPPORTED', '"q" of type int4: cannot select neurons of it'),
    );
  });
});
