import { expect, test } from '@jest/globals';
import { shareNodes } from '../../lib/training/share-nodes.js';
import { type Blueprint, build } from '../support/build.js';
import { expectSameFunction } from '../support/run.js';

const shared = (print: Blueprint) => {
  const model = build(print);
  return { model, made: { ...model, graph: shareNodes(model.graph) } };
};
const ops = ({ graph }: ReturnType<typeof build>) => graph.nodes.map(({ opType, outputs }) => `${opType} ${outputs}`);

const POOL = 'MaxPool(x) {kernel_shape: [2,2], strides: [2,2]}';
const image = { x: ['batch', 2, 4, 4] };

test('a node that is asked again for more tells it the first time', async () => {
  const { model, made } = shared({
    inputs: image,
    nodes: [
      `y = ${POOL}`,
      'r = Relu(y)',
      `z, i = ${POOL}`,
      'u = MaxUnpool(z, i) {kernel_shape: [2,2], strides: [2,2]}',
    ],
    outputs: ['r', 'u'],
  });
  expect(ops(made)).toEqual(['MaxPool y,i', 'Relu r', 'MaxUnpool u']);
  await expectSameFunction(model, made);
});

test('the first that tells more serves the second', async () => {
  const { model, made } = shared({
    inputs: image,
    nodes: [
      `z, i = ${POOL}`,
      `y = ${POOL}`,
      'r = Relu(y)',
      'u = MaxUnpool(z, i) {kernel_shape: [2,2], strides: [2,2]}',
    ],
    outputs: ['r', 'u'],
  });
  expect(ops(made)).toEqual(['MaxPool z,i', 'Relu r', 'MaxUnpool u']);
  await expectSameFunction(model, made);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['other attributes', [`y = ${POOL}`, 'z, i = MaxPool(x) {kernel_shape: [2,2]}'], ['y', 'z', 'i: int64']],
  ['chance', ['y = Dropout(x)', 'z, m = Dropout(x)'], ['y', 'z', 'm: bool']],
  ['both names are outputs', [`y = ${POOL}`, `z, i = ${POOL}`], ['y', 'z', 'i: int64']],
])('left apart: %s', (_, nodes, outputs) => {
  const { model, made } = shared({ inputs: image, nodes, outputs });
  expect(made.graph).toBe(model.graph);
});
