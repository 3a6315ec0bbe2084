/** What a step becomes for a GPU: the same function without what only the CPU computes. */
import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { deviceForm } from '../../lib/training/device-form.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { type Blueprint, build } from '../support/build.js';
import { expectSameFunction } from '../support/run.js';

const stepOf = (pool: string, opset: number): Model => {
  const print: Blueprint = {
    opset,
    inputs: { x: ['batch', 2, 7, 7] },
    weights: { w: [3, 2, 1, 1], v: [27, 4] },
    nodes: ['h = Conv(x, w)', 'a = Relu(h)', `p = MaxPool(a) {${pool}}`, 'f = Flatten(p)', 'y = MatMul(f, v)'],
  };
  return buildStep(build(print), { loss: 'mse', optimizer: SGD }).model;
};
const typesOf = ({ graph }: Model) => new Set(graph.nodes.map(({ opType }) => opType));

const APART = 'kernel_shape: [2,2], strides: [2,2]';
const OVERLAPPING = 'kernel_shape: [3,3], strides: [2,2]';

describe.each([
  ['windows apart', APART, 17],
  ['windows apart, before ScatterElements could add', APART, 13],
  ['overlapping windows', OVERLAPPING, 17],
  ['overlapping windows in turns', OVERLAPPING, 13],
])('%s', (_, pool, opset) => {
  const step = stepOf(pool, opset);

  test('computes what it did, without MaxUnpool and without zeros of a shape', async () => {
    const made = deviceForm(step, 'cuda');
    const types = typesOf(made);
    expect(types.has('MaxUnpool')).toBe(false);
    expect(types.has('ScatterElements')).toBe(true);
    const zeros = made.graph.nodes.filter(({ opType }) => opType === 'ScatterElements').map(({ inputs }) => inputs[0]);
    const makers = new Map(made.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node.opType])));
    expect(zeros.map((name) => makers.get(name ?? ''))).not.toContain('Expand');
    await expectSameFunction(step, made);
  });

  test('is left alone for the CPU', () => {
    for (const ep of ['cpu', undefined]) expect(deviceForm(step, ep)).toBe(step);
  });
});

test('infinite and undefined numbers do not get into the zeros', async () => {
  const model = build({
    inputs: { x: [1, 1, 2, 2], g: [1, 1, 1, 1] },
    weights: {},
    nodes: [
      'zero = Sub(x, x)',
      'inf = Reciprocal(zero)',
      'p, at = MaxPool(inf) {kernel_shape: [2,2], strides: [2,2]}',
      'size = Shape(inf)',
      'y = MaxUnpool(g, at, size) {kernel_shape: [1,1]}',
    ],
    outputs: ['y'],
  });
  await expectSameFunction(model, deviceForm(model, 'cuda'));
});
