import { statSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { neuronNames } from '../../lib/commands/neuron-names.js';
import type { Progress } from '../../lib/commands/options.js';
import { RECIPE_KEY } from '../../lib/commands/recipe.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build, localFunction } from '../support/build.js';
import { codeFromAsync } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { block, entry, graph, join, node, value, model as wireModel } from '../support/wire.js';

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
    // two convolutions' outputs at the first BatchNormalization: 8 x 8 x 8 floats, twice
    activations: { peak: 2 * 8 * 64 * 4, unknown: 0 },
    fileBytes: statSync(cnn).size,
    external: [],
    health: { nonfinite: [], extreme: [], variances: [], dead: [], unread: [], duplicates: [] },
    uncovered: [],
    recipe: null,
    provenance: null,
    notes: [],
  });
  expect(report.neurons?.groups.map(({ name, size }) => [name, size])).toEqual([
    ['conv1.weight', 8],
    ['conv2.weight', 16],
  ]);
});

const DEEP = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;

describe('a recipe in the metadata', () => {
  const model = build({ inputs: { x: [1] }, nodes: ['y = Relu(x)'] });
  test.each([
    ['{"command":"fuse"}', { command: 'fuse' }],
    ['no json', 'no json'],
    // No recipe has that depth, and to print it would take as many calls.
    [DEEP, DEEP],
  ])('%.20s', async (text, recipe) => {
    const path = folder.put('recipe.onnx', encodeModel({ ...model, metadata: new Map([[RECIPE_KEY, text]]) }));
    expect((await inspect(path)).recipe).toEqual(recipe);
  });
});

test('costs at a batch and at sizes', async () => {
  const report = await inspect(cnn, { nodes: true, batch: 3 });
  expect(report.macs?.total).toBe(3 * 25600);
  expect(report.sizes).toEqual([{ name: 'batch', size: 3 }]);
  expect(report.nodes?.reduce((sum, { macs }) => sum + (macs ?? 0), 0)).toBe(3 * 25600);
  expect(report.nodes?.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(3914);
  expect(await codeFromAsync(() => inspect(cnn, { sizes: new Map([['height', 3]]) }))).toBe('USAGE');
});

test('weights beside the model: where they lie', async () => {
  const output = folder.at('beside.onnx');
  await fuse([cnn, 'fixtures/members/digits-cnn1.onnx'], { output, externalData: true });
  const { external, weights } = await inspect(output);
  const [file] = external;
  expect(external).toHaveLength(1);
  expect(file?.bytes).toBe(statSync(folder.at(file?.location ?? '')).size);
  expect(file?.to).toBe(file?.bytes);
  expect(file?.used).toBeLessThanOrEqual(weights.bytes);
  expect((file?.used ?? 0) + (file?.from ?? 0)).toBeLessThanOrEqual(file?.bytes ?? 0);
});

test('metadata and local functions', async () => {
  const model = build({ inputs: { x: [1] }, nodes: ['y = f::Twice(x)'], domains: { f: 1 } });
  const functions = [localFunction('Twice', ['y = Add(x, x)'], { opsets: new Map([['', 17]]) })];
  const metadata = new Map([['author', 'nobody']]);
  const path = folder.put('functions.onnx', encodeModel({ ...model, functions, metadata }));
  expect(await inspect(path)).toMatchObject({
    metadata: [{ key: 'author', value: 'nobody' }],
    localFunctions: [{ domain: 'f', name: 'Twice', nodes: 1 }],
  });
});

test('what an exporter noted about nodes', async () => {
  const noted = (key: string, text: string) => block(9, entry(key, text));
  const nodes = [
    node('Relu', ['x'], ['a'], join(noted('namespace', 'net/act'), noted('trace', 'line 1'))),
    node('Relu', ['a'], ['y'], noted('namespace', 'net/act2')),
  ];
  const bytes = wireModel(graph({ nodes, inputs: [value('x', 1, [2])], outputs: [value('y', 1, [2])] }));
  expect((await inspect(folder.put('noted.onnx', bytes))).nodeNotes).toEqual([
    { key: 'namespace', nodes: 2, first: 'net/act' },
    { key: 'trace', nodes: 1, first: 'line 1' },
  ]);
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

test('it can be stopped where there is no weight to look at', async () => {
  const weightless = folder.put(
    'weightless.onnx',
    encodeModel(build({ inputs: { x: [1] }, nodes: ['h = Relu(x)', 'y = Neg(h)'] })),
  );
  const controller = new AbortController();
  // After the pause behind reading: while the graph is looked at.
  setImmediate(() => setImmediate(() => controller.abort()));
  expect(await codeFromAsync(() => inspect(weightless, { signal: controller.signal }))).toBe('CANCELLED');
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
