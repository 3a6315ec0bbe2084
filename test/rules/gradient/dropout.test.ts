/** Dropout in training: what it kept is random, so its gradient is held against what the very same run kept. */
import { expect, test } from '@jest/globals';
import { build } from '../../support/build.js';
import { withBackward } from '../../support/gradients.js';
import { numbersOf, runModel } from '../../support/run.js';
import { bools, floats } from '../../support/weights.js';

const ONES = { dtype: 1, dims: [40], data: new Float64Array(40).fill(1) };

test.each([
  ['in training', 1, 0.25],
  ['outside of it', 0, 0],
])('%s', async (_, training, ratio) => {
  const model = build({
    inputs: { x: [40] },
    outputs: ['y'],
    weights: { ratio: floats([0.25], []), training: bools([training], []) },
    nodes: ['y, kept = Dropout(x, ratio, training) {seed: 5}'],
  });
  const { model: made, gradients } = withBackward(model, 'y', ['x']);
  const outputs = [...made.graph.outputs, ...model.graph.outputs];
  const feeds = new Map([
    ['x', { ...ONES, data: new Float32Array(ONES.data) }],
    ['test.cotangent', { ...ONES, data: new Float32Array(ONES.data) }],
  ]);
  const results = await runModel({ ...made, graph: { ...made.graph, outputs } }, feeds);
  const y = numbersOf(results, 'y');
  // Of ones, the output is its own slope.
  expect(numbersOf(results, gradients.get('x') ?? '')).toEqual(y);
  expect(y.filter((each) => each === 0).length > 0).toBe(ratio > 0);
  expect(Math.max(...y)).toBeCloseTo(1 / (1 - ratio), 6);
});
