/** Graphs that contradict themselves are refused with the node's name. */
import { expect, test } from '@jest/globals';
import { inferShapes } from '../../../lib/analysis/shapes.js';
import { build } from '../../support/build.js';
import { int64s } from '../../support/weights.js';

test.each([
  ['x: 2 and 3 do not broadcast', 'y = Add(a, b)'],
  ['inner lengths of a product', 'y = MatMul(a, a)'],
  ['inner lengths of a Gemm', 'y = Gemm(a, a)'],
  ['an axis that is not there', 'y = Concat(a, a) {axis: 5}'],
  ['a negative one', 'y = Gather(a, i) {axis: -3}'],
  ['a Reshape to another number of elements', 'y = Reshape(a, i)'],
  ['a Conv without spatial axes', 'y = Conv(a, w)'],
  ['a permutation out of range', 'y = Transpose(a) {perm: [0, 2]}'],
  ['a Pad for more axes', 'y = Pad(a, p)'],
])('%s: %s', (_, node) => {
  const model = build({
    inputs: { a: [2, 3], b: [2, 2] },
    weights: { i: int64s([1, 4]), w: [4, 3, 1, 1], p: int64s([0, 0, 1, 0, 0, 1]) },
    nodes: [node],
  });
  expect(() => inferShapes(model)).toThrow(
    expect.objectContaining({ code: 'SHAPE_CONFLICT', message: expect.stringContaining('makes "y"') }),
  );
});

test('before opset 7 inputs broadcast otherwise, which no rule knows', () => {
  const print = {
    opset: 6,
    inputs: { x: ['batch', 8, 4, 4] },
    weights: { b: [8] },
    nodes: ['y = Add(x, b) {axis: 1, broadcast: 1}'],
  };
  expect(inferShapes(build(print)).get('y')?.shape).toBeUndefined();
});

test('what no rule knows has the shape that the exporter noted', () => {
  const model = build({
    inputs: { x: ['batch', 3] },
    domains: { custom: 1 },
    nodes: ['h = custom::Op(x)', 'y = Relu(h)'],
  });
  const noted = { name: 'h', dtype: 1, shape: [4, 7] };
  const facts = inferShapes({ ...model, graph: { ...model.graph, valueInfo: [noted] } });
  expect(facts.get('y')).toEqual({ dtype: 1, shape: [4, 7] });
});
