import { expect, test } from '@jest/globals';
import { maskPooled } from '../../lib/training/mask-pooled.js';
import { build } from '../support/build.js';
import { expectSameFunction } from '../support/run.js';

/** Relu, MaxPool and their backward passes, as the rules write them; `masked` is what the mask is made of. */
const pooled = (masked: string, outputs: readonly string[] = ['z', 'd']) => {
  const model = build({
    inputs: { x: ['batch', 3, 6, 6], g: ['batch', 3, 3, 3] },
    nodes: [
      'y = Relu(x)',
      'z, i = MaxPool(y) {kernel_shape: [2,2], strides: [2,2]}',
      'u = MaxUnpool(g, i) {kernel_shape: [2,2], strides: [2,2]}',
      `s = Sign(${masked})`,
      'd = Mul(u, s)',
    ],
    outputs,
  });
  return { model, made: { ...model, graph: maskPooled(model.graph) } };
};

test('the mask of a Relu in front of a MaxPool goes on the smaller gradient', async () => {
  const { model, made } = pooled('y');
  expect(made.graph.nodes.map(({ opType, inputs }) => `${opType} ${inputs}`)).toEqual([
    'Relu x',
    'MaxPool y',
    'Sign z',
    'Mul g,s',
    'MaxUnpool u,i',
  ]);
  await expectSameFunction(model, made);
});

test.each<[string, ReturnType<typeof pooled>]>([
  ['the mask is of another value', pooled('x')],
  ['the spread gradient is an output', pooled('y', ['u', 'd'])],
  ['the mask is an output', pooled('y', ['s', 'd'])],
])('left as it is: %s', (_, { model, made }) => {
  expect(made.graph).toBe(model.graph);
});
