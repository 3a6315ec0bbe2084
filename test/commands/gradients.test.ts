/** Gradients on data, held against differences of the loss that `evaluate` tells. */
import { expect, test } from '@jest/globals';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { evaluateModel } from '../../lib/commands/evaluate-model.js';
import { measureGradients } from '../../lib/commands/gradients.js';
import { prune } from '../../lib/commands/prune.js';
import { openDataset } from '../../lib/data/dataset.js';
import { memoryBytes } from '../../lib/ir/bytes.js';
import { replaceConstants } from '../../lib/ir/edit.js';
import type { Model, Tensor } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';

const data = 'fixtures/data/digits';

const net = build({
  inputs: { x: ['batch', 1, 8, 8] },
  weights: { w1: [64, 5], w2: [5, 10] },
  nodes: ['f = Flatten(x)', 'h = MatMul(f, w1)', 't = Tanh(h)', 'y = MatMul(t, w2)'],
});

/** The model with `step` added to one entry of a weight. */
function moved(model: Model, name: string, at: number, step: number): Model {
  const tensor = model.graph.initializers.get(name) as Tensor;
  const values = Float32Array.from(tensorReals(tensor));
  values[at] = (values[at] as number) + step;
  const changed = { ...tensor, data: memoryBytes(new Uint8Array(values.buffer)) };
  return { ...model, graph: replaceConstants(model.graph, new Map([[name, changed]])) };
}

test.each([
  ['w1', 20],
  ['w1', 133],
  ['w2', 7],
  ['w2', 31],
])('the mean over the samples: %s, entry %i', async (name, at) => {
  const [gradients] = await measureGradients([findNeurons(net)], { data, samples: 100, batch: 64 });
  const dataset = await openDataset(data, { split: 'train', samples: 100 });
  const loss = async (step: number) => (await evaluateModel(encodeModel(moved(net, name, at, step)), dataset)).loss;
  const step = 0.02;
  const slope = ((await loss(step)) - (await loss(-step))) / (2 * step);
  const told = tensorReals(gradients?.get(name) as Tensor)[at];
  expect(told).toBeCloseTo(slope, 4);
  expect(Math.abs(slope)).toBeGreaterThan(1e-4);
});

test('pruning by them keeps other neurons than by size', async () => {
  const path = 'fixtures/members/digits-mlp0.onnx';
  const report = await prune(path, { ratio: 0.5, importance: 'taylor', data, samples: 100, dryRun: true });
  expect(report.groups.map(({ kept }) => kept)).toEqual([16, 16]);
});
