import { expect, test } from '@jest/globals';
import { shareNodes } from '../../lib/training/share-nodes.js';
import { type Blueprint, build, buildGraph } from '../support/build.js';
import { expectSameFunction } from '../support/run.js';
import { floats } from '../support/weights.js';

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
  [
    'parts of other sizes',
    ['a, b = Split(x) {axis: 2}', 'c, d, e, f = Split(x) {axis: 2}', 'y = Relu(e)'],
    ['a', 'b', 'y'],
  ],
  ['both names are outputs', [`y = ${POOL}`, `z, i = ${POOL}`], ['y', 'z', 'i: int64']],
])('left apart: %s', (_, nodes, outputs) => {
  const { model, made } = shared({ inputs: image, nodes, outputs });
  expect(made.graph).toBe(model.graph);
});

test('graphs inside of nodes follow the name', async () => {
  const inner = buildGraph({
    inputs: { s: [], e: [3, 2] },
    nodes: ['t = Identity(s)', 'm = ReduceMax(z) {keepdims: 0}', 'r = Add(e, m)'],
    outputs: ['t', 'r'],
  });
  const { model, made } = shared({
    inputs: image,
    weights: { start: floats([0], []), rows: [4, 3, 2] },
    nodes: [`y, i = ${POOL}`, `z = ${POOL}`, 'last, all = Scan(start, rows) {body: @inner, num_scan_inputs: 1}'],
    parts: { inner },
    outputs: ['y', 'i: int64', 'all'],
  });
  expect(ops(made)).toEqual(['MaxPool y,i', 'Scan last,all']);
  await expectSameFunction(model, made);
});

test('a recurrent layer with named activations tells all its steps', () => {
  const layer = "RNN(x, w, r) {hidden_size: 4, activations: ['Tanh']}";
  const { made } = shared({
    inputs: { x: [3, 'batch', 2] },
    weights: { w: [1, 4, 2], r: [1, 4, 4] },
    nodes: [`, h = ${layer}`, `y = ${layer}`, 'z = Relu(y)'],
    outputs: ['h', 'z'],
  });
  expect(ops(made)).toEqual(['RNN y,h', 'Relu z']);
});
