/** Choices that are known before the model runs. */
import { expect, test } from '@jest/globals';
import type { Graph } from '../../lib/ir/model.js';
import { foldBranches } from '../../lib/transforms/fold-branches.js';
import { type Blueprint, build, buildGraph } from '../support/build.js';
import { groupSizes } from '../support/oracle.js';
import { source } from '../support/print.js';
import { expectSameFunction } from '../support/run.js';
import { floats, int64s } from '../support/weights.js';

const branch = (nodes: readonly string[], rest: Partial<Blueprint> = {}): Graph =>
  buildGraph({ inputs: {}, nodes, ...rest });

/** As older exporters ask before they squeeze an axis: whether it has length 1. */
const asking = (length: number): Blueprint => ({
  inputs: { x: ['batch', length, 6] },
  outputs: ['y'],
  weights: { one: int64s([1]), w1: [6, 8], w2: [8, 3] },
  parts: { yes: branch(['s = Relu(h)']), no: branch(['s = Neg(h)']) },
  nodes: [
    'h = MatMul(x, w1)',
    'd = Shape(h)',
    'n = Gather(d, one)',
    'is = Equal(n, one)',
    'a = If(is) {then_branch: @yes, else_branch: @no}',
    'y = MatMul(a, w2)',
  ],
});

test.each([
  [1, 'a/s = Relu(h)'],
  [4, 'a/s = Neg(h)'],
])('an axis of length %d', async (length, expected) => {
  const model = build(asking(length));
  const folded = foldBranches(model);
  expect(source(folded)).toContain(expected);
  expect(source(folded)).toContain('a = Identity(a/s)');
  expect(foldBranches(folded)).toBe(folded);
  expect(groupSizes(folded)).toEqual([8]);
  await expectSameFunction(model, folded);
});

test('an open length is asked for when the model runs', () => {
  const model = build({ ...asking(1), inputs: { x: ['batch', 'steps', 6] } });
  expect(foldBranches(model)).toBe(model);
});

test('a branch within a branch, with constants and names of its own', async () => {
  const inner = branch(['f = Add(h, c)'], { weights: { c: floats([2]) } });
  const outer = branch(['e = If(is) {then_branch: @inner, else_branch: @inner}', 'k = Neg(h)'], {
    outputs: ['e', 'k'],
    parts: { inner },
  });
  const model = build({
    inputs: { x: [2, 3] },
    outputs: ['y'],
    weights: { one: int64s([1], []) },
    parts: { outer },
    nodes: [
      'b = Exp(x)',
      'h = Neg(b)',
      'is = Equal(one, one)',
      'p, q = If(is) {then_branch: @outer, else_branch: @outer}',
      'r = Mul(p, q)',
      'y = Add(r, b)',
    ],
  });
  const folded = foldBranches(model);
  expect(folded.graph.nodes.map((node) => node.opType)).not.toContain('If');
  await expectSameFunction(model, folded);
});
