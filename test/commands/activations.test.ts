/** Neurons scored on data: what is measured is what ONNX Runtime computes, and what cannot be measured is refused. */
import { describe, expect, test } from '@jest/globals';
import { momentKey } from '../../lib/analysis/importance/index.js';
import { findNeurons } from '../../lib/analysis/neurons.js';
import { type MeasureOptions, measureActivations } from '../../lib/commands/activations.js';
import { evaluate } from '../../lib/commands/evaluate.js';
import { fuse } from '../../lib/commands/fuse.js';
import { loadMember } from '../../lib/commands/load.js';
import type { Progress } from '../../lib/commands/options.js';
import { prune } from '../../lib/commands/prune.js';
import { openDataset } from '../../lib/data/dataset.js';
import type { Model } from '../../lib/ir/model.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { runModel } from '../support/run.js';
import { floats, halves } from '../support/weights.js';

const folder = temporaryFolder();
const data = 'fixtures/data/digits';
const member = (name: string) => `fixtures/members/${name}.onnx`;

/** Takes the digits as rows of 64. */
const net = (rest: Partial<Blueprint> = {}): Model =>
  build({
    inputs: { x: ['batch', 1, 8, 8] },
    weights: { w1: [4, 1, 3, 3], w2: [64, 5], w3: [5, 3] },
    nodes: [
      'h = Conv(x, w1) {strides: [2,2], pads: [1,1,1,1]}',
      'r = Relu(h)',
      'f = Flatten(r)',
      'g = MatMul(f, w2)',
      'y = MatMul(g, w3)',
    ],
    ...rest,
  });

const momentsOf = async (model: Model, options: Partial<MeasureOptions> = {}) => {
  const [moments] = await measureActivations([findNeurons(model)], { data, samples: 50, ...options });
  return (value: string, axis = 1) => [...(moments?.get(momentKey({ value, axis })) ?? [])];
};

/** The mean square of a value of shape [samples, channels, ..] for each channel, from all of its elements. */
async function expected(model: Model, value: string, samples: number): Promise<readonly number[]> {
  const [batch] = (await openDataset(data, { split: 'train', samples: 50 })).batches(samples);
  if (!batch) throw new Error('no data');
  const outputs = [{ name: value, dtype: 1, shape: undefined }];
  const results = await runModel({ ...model, graph: { ...model.graph, outputs } }, new Map([['x', batch.input]]));
  const array = results.get(value);
  if (!array) throw new Error(`no ${value}`);
  const [count = 0, channels = 0, ...rest] = array.dims;
  const inner = rest.reduce((a, b) => a * b, 1);
  const sums = new Float64Array(channels);
  toReals(array, value).forEach((each, i) => {
    const channel = Math.floor(i / inner) % channels;
    sums[channel] = (sums[channel] as number) + each * each;
  });
  return [...sums].map((sum) => sum / (count * inner));
}

const close = (actual: readonly number[], wanted: readonly number[]) =>
  actual.length === wanted.length && actual.every((each, i) => Math.abs(each - (wanted[i] as number)) < 1e-5);

describe('mean squares', () => {
  test.each([7, 16, 50])('in batches of %p are those of all samples', async (batch) => {
    const of = await momentsOf(net(), { batch });
    for (const value of ['h', 'f', 'g']) expect(close(of(value), await expected(net(), value, 50))).toBe(true);
  });

  test.each([17, 18])('in opset %p', async (opset) => {
    const of = await momentsOf(net({ opset }));
    expect(close(of('h'), await expected(net(), 'h', 50))).toBe(true);
  });

  test('of float16 are summed up in float32', async () => {
    const model = net({
      weights: { w1: halves([250, 250], [2, 1, 1, 1]), w3: halves(Array(128).fill(1), [128, 1]) },
      nodes: ['c = Cast(x) {to: 10}', 'h = Conv(c, w1)', 'f = Flatten(h)', 'g = MatMul(f, w3)', 'y = Cast(g) {to: 1}'],
    });
    const [mean = 0] = (await momentsOf(model))('h');
    // 250^2 is near the end of float16, the sum of many such squares far beyond.
    expect(mean).toBeGreaterThan(1000);
    expect(Number.isFinite(mean)).toBe(true);
  });

  test('of a model with a fixed batch are those of full batches', async () => {
    const fixed = net({ inputs: { x: [16, 1, 8, 8] } });
    expect(close((await momentsOf(fixed))('h'), await expected(net(), 'h', 48))).toBe(true);
    await expect(momentsOf(net({ inputs: { x: [64, 1, 8, 8] } }))).rejects.toMatchObject({ code: 'DATA_MISMATCH' });
  });

  test('that are not finite are refused, or count as nothing', async () => {
    const broken = net({ weights: { w1: floats(Array(36).fill(3e38), [4, 1, 3, 3]), w2: [64, 5], w3: [5, 3] } });
    await expect(momentsOf(broken)).rejects.toMatchObject({ code: 'NONFINITE' });
    expect((await momentsOf(broken, { allowNonfinite: true }))('h')).toEqual([0, 0, 0, 0]);
  });
});

describe('prune', () => {
  test('keeps what the data needs, and says so in its recipe', async () => {
    const output = folder.at('pruned.onnx');
    const options = { ratio: 0.5, importance: 'activation', data, samples: 200, seed: 1 } as const;
    await prune(member('digits-mlp0'), { ...options, output });
    const random = folder.at('random.onnx');
    await prune(member('digits-mlp0'), { ratio: 0.5, importance: 'random', output: random });
    const { models } = await evaluate([output, random], { data });
    expect(models[0]?.accuracy).toBeGreaterThan((models[1]?.accuracy ?? 1) + 0.1);
    const recipe = JSON.parse(loadMember(output).metadata.get('onnx-transplant.recipe') ?? '{}');
    expect(recipe.options).toMatchObject({ importance: 'activation', seed: 1, data: { name: 'digits', samples: 200 } });
  });

  test('tells how far it is, and can be stopped', async () => {
    const seen: Progress[] = [];
    const stop = new AbortController();
    const onProgress = (progress: Progress) => {
      seen.push(progress);
      if (progress.done === 128) stop.abort();
    };
    const options = {
      ratio: 0.5,
      importance: 'activation',
      data,
      onProgress,
      signal: stop.signal,
      dryRun: true,
    } as const;
    await expect(prune(member('digits-mlp0'), options)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(seen.at(-1)).toEqual({ stage: `running ${member('digits-mlp0')}`, done: 128, total: 1437 });
  });

  test.each([
    [{ importance: 'activation' }, /needs data/],
    [{ importance: 'l2', data }, /--data is for/],
    [{ importance: 'activation', data, batch: 0 }, /--batch/],
    [{ importance: 'activation', data, input: 'none' }, /no input "none"/],
    [{ importance: 'taylor' }, /taylor needs data/],
  ] as const)('refused: %j', async (options, message) => {
    const refused = { code: 'USAGE', message: expect.stringMatching(message) };
    await expect(prune(member('digits-mlp0'), { ratio: 0.5, dryRun: true, ...options })).rejects.toMatchObject(refused);
  });
});

describe('fuse', () => {
  const options = { importance: 'activation', data, samples: 200, dryRun: true } as const;

  test('scores each member on the data', async () => {
    const { steps } = await fuse([member('digits-mlp0'), member('digits-mlp1')], options);
    expect(steps[0]?.map(({ candidates, kept }) => [candidates, kept])).toEqual([
      [64, 32],
      [64, 32],
    ]);
  });

  test('takes nothing from a member whose neurons are silent', async () => {
    const silent = net({ weights: { w1: floats(Array(36).fill(0), [4, 1, 3, 3]), w2: [64, 5], w3: [5, 3] } });
    const paths = [net(), silent].map((model, i) => folder.put(`silent${i}.onnx`, encodeModel(model)));
    const { steps } = await fuse(paths, options);
    expect(steps[0]?.map(({ fromMember }) => fromMember)).toEqual([
      [4, 0],
      [5, 0],
    ]);
    const other = await fuse([...paths].reverse(), options);
    expect(other.steps[0]?.map(({ fromMember }) => fromMember)).toEqual([
      [0, 4],
      [0, 5],
    ]);
  });

  test('whatever their exporters called their values', async () => {
    const plain = await fuse([member('digits-cnn0-folded'), member('digits-cnn1-folded')], options);
    const mixed = await fuse([member('digits-cnn0-folded'), member('digits-cnn1')], options);
    expect(mixed.steps).toEqual(plain.steps);
  });

  test.each(['iterative', 'hierarchical'] as const)('not step by step: %s', async (strategy) => {
    const fused = fuse([member('digits-mlp0'), member('digits-mlp1')], { ...options, strategy });
    await expect(fused).rejects.toMatchObject({ code: 'USAGE', advice: expect.stringMatching(/joint/) });
  });
});
