import { expect, test } from '@jest/globals';
import { inferShapes } from '../../lib/analysis/shapes.js';
import { joinImages } from '../../lib/training/join-images.js';
import { type Blueprint, build } from '../support/build.js';
import { expectSameFunction } from '../support/run.js';

const joined = (print: Blueprint) => {
  const model = build(print);
  return { model, made: joinImages(model, inferShapes(model)) };
};

test.each<[string, Blueprint]>([
  [
    '2-D, padded unlike, with steps and a bias',
    {
      inputs: { x: ['batch', 64, 4, 5] },
      weights: { w: [64, 64, 3, 2], b: [64] },
      nodes: ['y = Conv(x, w, b) {pads: [1,0,2,1], strides: [2,1]}', 'z = Relu(y)'],
    },
  ],
  [
    '1-D, dilated, kernel told',
    {
      inputs: { x: ['batch', 32, 9] },
      weights: { w: [128, 32, 3] },
      nodes: ['y = Conv(x, w) {dilations: [2], kernel_shape: [3]}'],
    },
  ],
  [
    'two behind one another',
    {
      inputs: { x: ['batch', 64, 2, 2] },
      weights: { w: [64, 64, 3, 3], v: [80, 64, 1, 1] },
      nodes: ['a = Conv(x, w) {pads: [1,1,1,1]}', 'b = Relu(a)', 'y = Conv(b, v)'],
    },
  ],
])('a batch of small images as one: %s', async (_, print) => {
  const { model, made } = joined(print);
  const kernels = made.graph.nodes.filter(({ opType }) => opType === 'Conv').map(({ inputs }) => inputs[1]);
  expect(kernels.some((name) => model.graph.initializers.has(name ?? ''))).toBe(false);
  await expectSameFunction(model, made);
});

test.each<[string, Blueprint]>([
  ['large images', { inputs: { x: [2, 64, 8, 8] }, weights: { w: [64, 64, 3, 3] }, nodes: ['y = Conv(x, w)'] }],
  ['open lengths', { inputs: { x: [2, 64, 'h', 4] }, weights: { w: [64, 64, 3, 3] }, nodes: ['y = Conv(x, w)'] }],
  ['few channels', { inputs: { x: [2, 8, 4, 4] }, weights: { w: [8, 8, 3, 3] }, nodes: ['y = Conv(x, w)'] }],
  ['groups', { inputs: { x: [2, 128, 4, 4] }, weights: { w: [128, 64, 3, 3] }, nodes: ['y = Conv(x, w) {group: 2}'] }],
  [
    'automatic padding',
    {
      inputs: { x: [2, 64, 4, 4] },
      weights: { w: [64, 64, 3, 3] },
      nodes: ["y = Conv(x, w) {auto_pad: 'SAME_UPPER'}"],
    },
  ],
  ['3-D', { inputs: { x: [2, 64, 2, 2, 2] }, weights: { w: [64, 64, 1, 1, 1] }, nodes: ['y = Conv(x, w)'] }],
])('left as it is: %s', (_, print) => {
  const { model, made } = joined(print);
  expect(made).toBe(model);
});
