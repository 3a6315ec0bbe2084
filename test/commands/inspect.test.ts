import { describe, expect, test } from '@jest/globals';
import { inspect } from '../../lib/commands/inspect.js';
import { neuronNames } from '../../lib/commands/neuron-names.js';
import type { Progress } from '../../lib/commands/options.js';
import { RECIPE_KEY } from '../../lib/commands/recipe.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const cnn = 'fixtures/members/digits-cnn0.onnx';

test('a trained network', async () => {
  const report = await inspect(cnn, { neurons: true });
  expect(report).toMatchObject({
    schema: 'onnx-transplant/inspect@1',
    path: cnn,
    irVersion: 8,
    producer: expect.stringMatching(/pytorch/),
    // convolutions 80 + 1168, BatchNormalizations 32 + 64, linear 2570
    weights: { parameters: 3914 },
    // conv 8*64*9, conv 16*16*72, linear 256*10
    macs: { total: 8 * 64 * 9 + 16 * 16 * 72 + 2560, unknown: 0 },
    neuronCount: { groups: 2, neurons: 24 },
    health: { nonfinite: [], dead: [] },
    uncovered: [],
    recipe: null,
    notes: [],
  });
  expect(report.neurons?.groups.map(({ name, size }) => [name, size])).toEqual([
    ['conv1.weight', 8],
    ['conv2.weight', 16],
  ]);
});

describe('a recipe in the metadata', () => {
  const model = build({ inputs: { x: [1] }, nodes: ['y = Relu(x)'] });
  test.each([
    ['{"command":"fuse"}', { command: 'fuse' }],
    ['no json', 'no json'],
  ])('%s', async (text, recipe) => {
    const path = folder.put('recipe.onnx', encodeModel({ ...model, metadata: new Map([[RECIPE_KEY, text]]) }));
    expect((await inspect(path)).recipe).toEqual(recipe);
  });
});

test('the work is told, and can be stopped', async () => {
  const seen: Progress[] = [];
  const stop = new AbortController();
  const onProgress = (progress: Progress) => {
    seen.push(progress);
    if (progress.stage === 'checking weights') stop.abort();
  };
  await expect(inspect(cnn, { onProgress, signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(seen.map(({ stage }) => stage)).toEqual(['reading', 'checking weights']);
});

test('neuronNames: the weights on which neurons lie', () => {
  expect(neuronNames('fixtures/members/digits-mlp0.onnx')).toEqual([
    'fc1.weight',
    'fc1.bias',
    'fc2.weight',
    'fc2.bias',
    'fc3.weight',
  ]);
});
