import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { artifactTrainee } from '../../lib/commands/artifact-trainee.js';
import { checkTraining } from '../../lib/commands/check-training.js';
import type { DataSource } from '../../lib/commands/data-source.js';
import { distill } from '../../lib/commands/distill.js';
import { train } from '../../lib/commands/train.js';
import type { TrainOptions } from '../../lib/commands/train-options.js';
import type { Model } from '../../lib/ir/model.js';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { renamed } from '../../lib/ir/prefix.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { readArtifacts, writeArtifacts } from '../../lib/training/artifacts/files.js';
import { type ArtifactOptions, generateArtifacts } from '../../lib/training/artifacts/generate.js';
import { FILES } from '../../lib/training/artifacts/names.js';
import { ADAMW, SGD } from '../../lib/training/optimizers.js';
import { build } from '../support/build.js';
import { codeFrom } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';
import { ARTIFACTS, apart, artifactsAt, type Trace, traceOf } from '../support/trained.js';

const folder = temporaryFolder();
let count = 0;
const place = (end: string): string => folder.at(`${count++}${end}`);

/** A folder made of files that lie elsewhere, by the names that they have in it. */
function copied(from: string, checkpoint: string = FILES.checkpoint): string {
  const path = place('');
  mkdirSync(path);
  for (const name of [FILES.training, FILES.eval, FILES.optimizer]) copyFileSync(join(from, name), join(path, name));
  copyFileSync(join(from, checkpoint), join(path, FILES.checkpoint));
  return path;
}

/** A trace's batches in its order, from one on. */
const dataOf = ({ inputs, labels }: Trace, from = 0): DataSource => ({
  steps: inputs.length - from,
  *epoch() {
    for (let i = from; i < inputs.length; i++) yield { input: inputs[i] as NdArray, label: labels[i] as NdArray };
  },
});

const mean = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length;

/** The largest distance between what a model holds and what is expected of its parameters. */
function fromExpected(path: string, final: ReadonlyMap<string, NdArray>): number {
  const { initializers } = readModel(path).graph;
  const gaps = [...final].map(([name, array]) => {
    const tensor = initializers.get(name);
    return tensor ? apart(tensorReals(tensor), toReals(array, name)) : Number.POSITIVE_INFINITY;
  });
  return Math.max(...gaps);
}

describe.each(ARTIFACTS.filter((net) => net !== 'moves-adamw'))("onnxruntime-training's artifacts %s", (net) => {
  test('come to its losses and its parameters, and to a model without loss and labels', async () => {
    const [trace, output] = [await traceOf(net), place('.onnx')];
    const { history } = await train(artifactsAt(net), { data: dataOf(trace), lr: trace.rate, output });
    expect(Math.abs((history[0]?.loss ?? 0) - mean(trace.losses))).toBeLessThan(1e-5);
    expect(fromExpected(output, trace.final)).toBeLessThan(1e-5);
    const { inputs, outputs } = readModel(output).graph;
    expect([inputs, outputs].map((values) => values.map(({ name }) => name))).toEqual([['x'], ['y']]);
  });

  test('go on from a checkpoint of its own, in the middle of a training', async () => {
    const [trace, output] = [await traceOf(net), place('.onnx')];
    const from = copied(artifactsAt(net), 'checkpoint-step3');
    const { history } = await train(from, { data: dataOf(trace, 3), lr: trace.rate, output });
    expect(history[0]).toMatchObject({ step: 3, loss: expect.closeTo(mean(trace.losses.slice(3)), 4) });
    expect(fromExpected(output, trace.final)).toBeLessThan(1e-5);
  });
});

const net = (): Model =>
  build({
    inputs: { x: ['batch', 4] },
    weights: { w1: [4, 8], b1: [8], w2: [8, 3], b2: [3] },
    nodes: ['h = Gemm(x, w1, b1)', 'a = Tanh(h)', 'y = Gemm(a, w2, b2)'],
  });

/** Three classes, told by the first three numbers; four batches of eight, other ones each epoch. */
const classes: DataSource = {
  steps: 4,
  *epoch(number) {
    const random = seeded(number);
    for (let i = 0; i < 4; i++) {
      const data = Float32Array.from({ length: 32 }, () => normal(random));
      const label = Int32Array.from({ length: 8 }, (_, row) => {
        const three = [...data.subarray(4 * row, 4 * row + 3)];
        return three.indexOf(Math.max(...three));
      });
      yield { input: { dims: [8, 4], data }, label: { dims: [8], data: label } };
    }
  },
};

async function made(model: Model, options: Partial<ArtifactOptions> = {}): Promise<string> {
  const path = place('');
  mkdirSync(path);
  const all = { loss: 'cross-entropy', optimizer: SGD, flavor: 'portable', ...options } as const;
  await writeArtifacts(generateArtifacts(model, all), path);
  return path;
}

const SHORT = { data: classes, evalData: classes, epochs: 3, lr: 0.05, threads: 1 } as const;

describe('our own artifacts train as the model that they were made from', () => {
  test.each<[string, Partial<ArtifactOptions>, Partial<TrainOptions>]>([
    ['portable, sgd', {}, { momentum: 0 }],
    ['portable, momentum', { optimizer: { ...SGD, momentum: 0.9, nesterov: true } }, { nesterov: true }],
    ['portable, adamw', { optimizer: ADAMW, clip: 0.5 }, { optimizer: 'adamw', clip: 0.5 }],
    ['portable, a part frozen', { freeze: ['w1'] }, { momentum: 0, freeze: ['w1'] }],
    ['microsoft, sgd', { flavor: 'microsoft' }, { momentum: 0 }],
    ['microsoft, adamw', { flavor: 'microsoft', optimizer: ADAMW }, { optimizer: 'adamw' }],
  ])('%s', async (_, artifacts, options) => {
    const [model, ours, theirs] = [folder.put(`${count++}.onnx`, encodeModel(net())), place('.onnx'), place('.onnx')];
    const from = await train(await made(net(), artifacts), { ...SHORT, output: ours });
    const wanted = await train(model, { ...SHORT, ...options, output: theirs });
    const numbers = ({ history, before }: typeof wanted) => [
      before?.loss ?? 0,
      ...history.flatMap(({ loss, accuracy, evaluation }) => [loss, accuracy ?? 0, evaluation?.loss ?? 0]),
    ];
    expect(apart(numbers(from), numbers(wanted))).toBeLessThan(1e-5);
    expect(from.epoch).toBe(wanted.epoch);
    const [made_, expected] = [readModel(ours).graph, readModel(theirs).graph];
    for (const [name, tensor] of expected.initializers) {
      const own = made_.initializers.get(name);
      expect(own && apart(tensorReals(own), tensorReals(tensor))).toBeLessThan(1e-5);
    }
    expect(made_.nodes.map(({ opType }) => opType)).toEqual(expected.nodes.map(({ opType }) => opType));
    expect(made_.outputs.map(({ name }) => name)).toEqual(['y']);
  });

  test('end with the best evaluation, and stop when it gets no better', async () => {
    const { history, epoch, stopped } = await train(await made(net()), {
      ...SHORT,
      epochs: 20,
      lr: 50,
      patience: 2,
      dryRun: true,
    });
    const scores = history.map(({ evaluation }) => evaluation?.accuracy ?? 0);
    expect({ stopped, epoch }).toEqual({ stopped: 'patience', epoch: scores.indexOf(Math.max(...scores)) + 1 });
    expect(history.length).toBe(epoch + 2);
  });
});

describe('a state', () => {
  const begun = () => copied(artifactsAt('mlp-adamw'), 'checkpoint-step3');

  test('stopped in the middle of an epoch goes on to the same bits', async () => {
    const [trace, from] = [await traceOf('mlp-adamw'), begun()];
    const options = { data: dataOf(trace), epochs: 3, schedule: 'cosine', threads: 1 } as const;
    const [whole, output] = [place('.onnx'), place('.onnx')];
    await train(from, { ...options, output: whole });
    const controller = new AbortController();
    const onStep = ({ step }: { step: number }) => (step === 8 ? controller.abort() : undefined);
    const stopped = train(from, { ...options, stepsPerRun: 1, output, signal: controller.signal, onStep });
    await expect(stopped).rejects.toThrow(refusal('CANCELLED'));
    await train(from, { ...options, output, resume: `${output}.checkpoint` });
    expect(readFileSync(output)).toEqual(readFileSync(whole));
    await expect(train(from, { ...options, epochs: 4, output, resume: `${output}.checkpoint` })).rejects.toThrow(
      refusal('USAGE', 'epochs'),
    );
  });

  test('is a checkpoint of the same artifacts: put into the folder, it trains on as if there had been no end', async () => {
    const [trace, from, state] = [await traceOf('conv-sgd'), copied(artifactsAt('conv-sgd')), place('.checkpoint')];
    const options = { data: dataOf(trace), lr: trace.rate, threads: 1 };
    const [once, twice] = [place('.onnx'), place('.onnx')];
    await train(from, { ...options, output: place('.onnx'), checkpoint: state });
    const { groups, frozen, trained } = readArtifacts(from, state).checkpoint;
    expect([groups[0]?.step, [...frozen.keys()], trained.size]).toEqual([6, ['rm', 'rv'], 6]);
    copyFileSync(state, join(from, FILES.checkpoint));
    await train(from, { ...options, output: twice });
    await train(artifactsAt('conv-sgd'), { ...options, epochs: 2, output: once });
    const tensors = (path: string) =>
      [...readModel(path).graph.initializers].map(([name, tensor]) => [name, [...tensorReals(tensor)]]);
    expect(tensors(twice)).toEqual(tensors(once));
  });

  test('and its file are no place for a state', async () => {
    const from = begun();
    const training = train(from, { ...SHORT, dryRun: true, checkpoint: join(from, FILES.checkpoint) });
    await expect(training).rejects.toThrow(refusal('OUTPUT_IS_INPUT'));
  });
});

describe('a check tells what was decided', () => {
  test('by onnxruntime-training', () => {
    const report = checkTraining(copied(artifactsAt('conv-sgd'), 'checkpoint-step3'));
    expect(report).toMatchObject({
      ok: true,
      artifacts: { flavor: 'microsoft', moments: [], steps: 3, input: 'x', labels: 'labels', judged: 'y' },
    });
    expect(report.trained.map(({ name }) => name).sort()).toEqual(['b1', 'b2', 'o', 's', 'w1', 'w2']);
    expect(report.frozen.map(({ name }) => name)).toEqual(['rm', 'rv']);
  });

  test('by us', async () => {
    const path = await made(net(), { optimizer: { ...SGD, momentum: 0.5 }, freeze: ['b*'], loss: 'mse' });
    const report = checkTraining(path);
    expect(report).toMatchObject({ ok: true, idle: [], artifacts: { flavor: 'portable', moments: ['momentum0'] } });
    expect(report.frozen.map(({ name }) => name)).toEqual(['b1', 'b2']);
  });

  test('a loss whose first nodes do not look at the labels is no part of the model', async () => {
    const ends = build({
      inputs: { x: ['batch', 4] },
      weights: { w: [4, 3] },
      nodes: ['h = MatMul(x, w)', 'p = LogSoftmax(h)'],
    });
    for (const loss of ['cross-entropy', 'bce', 'mse', 'l1'] as const) {
      const path = await made(ends, { loss, flavor: 'microsoft' });
      expect(checkTraining(path).artifacts?.outputs).toEqual(['p']);
      expect(checkTraining(path, { logits: 'h' }).artifacts?.outputs).toEqual(['h']);
    }
  });
});

test('broken training models end in a trainee or in a refusal, nothing else', async () => {
  const random = seeded(7);
  const below = (size: number) => Math.floor(random() * size);
  const folders = [artifactsAt('conv-sgd'), artifactsAt('mlp-adamw'), await made(net())];
  const all = folders.map((path) => ({
    artifacts: readArtifacts(path),
    bytes: readFileSync(join(path, FILES.training)),
  }));
  const codes = new Map<string, number>();
  for (let round = 0; round < 400; round++) {
    const { artifacts, bytes } = all[below(all.length)] as (typeof all)[number];
    const broken = new Uint8Array(bytes);
    for (let i = below(3); i >= 0; i--) broken[below(broken.length)] = random() < 0.5 ? below(256) : below(16);
    const code = codeFrom(() => artifactTrainee({ ...artifacts, training: parseModel(broken, 'mutant') }, {}));
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  expect([...codes.keys()].filter((code) => code.startsWith('not ours') || code === 'DEFECT')).toEqual([]);
  expect(codes.get('none')).toBeGreaterThan(0);
  expect(codes.size).toBeGreaterThan(3);
});

describe('refused:', () => {
  const decided: readonly Partial<TrainOptions>[] = [
    { betas: [0.8, 0.9] },
    { batchNorm: 'frozen' },
    { loss: 'mse' },
    { optimizer: 'sgd' },
    { momentum: 0 },
    { nesterov: true },
    { weightDecay: 0 },
    { clip: 1 },
    { train: ['w1'] },
    { freeze: ['w1'] },
  ];
  test('--accumulate, which only models know', async () => {
    const options = { ...SHORT, accumulate: 2, dryRun: true };
    await expect(train(artifactsAt('mlp-adamw'), options)).rejects.toThrow(refusal('USAGE', '--accumulate'));
  });

  test.each(decided)('%j, which the artifacts have decided', async (option) => {
    const options = { ...SHORT, ...option, dryRun: true };
    await expect(train(artifactsAt('mlp-adamw'), options)).rejects.toThrow(refusal('USAGE', 'have decided'));
    expect(() => checkTraining(artifactsAt('mlp-adamw'), option)).toThrow(refusal('USAGE', 'have decided'));
  });

  test('artifacts as a student', async () => {
    const options = { ...SHORT, teachers: [artifactsAt('mlp-adamw')], dryRun: true };
    await expect(distill(artifactsAt('mlp-adamw'), options)).rejects.toThrow(refusal('USAGE', 'cannot be taught'));
  });

  test('a folder without them', async () => {
    const empty = place('');
    mkdirSync(empty);
    await expect(train(empty, { ...SHORT, dryRun: true })).rejects.toThrow(refusal('FILE_SYSTEM', FILES.training));
  });

  test('samples that are no real numbers, and labels of another kind', async () => {
    const options = { ...SHORT, dryRun: true };
    await expect(train(artifactsAt('moves-adamw'), options)).rejects.toThrow(refusal('DATA_MISMATCH', 'takes int64'));
    const mse = await made(net(), { loss: 'mse' });
    await expect(train(mse, options)).rejects.toThrow(refusal('DATA_MISMATCH', 'the loss takes targets'));
    await expect(train(mse, { ...options, logits: 'z' })).rejects.toThrow(refusal('USAGE', 'no value "z"'));
  });

  test('labels under another name, until the other input is named', async () => {
    const path = await made(net());
    const files = readArtifacts(path);
    const other = (model: Model): Model => ({
      ...model,
      graph: renamed(model.graph, (name) => (name === 'labels' ? 'answers' : name), ''),
    });
    await writeArtifacts({ ...files, training: other(files.training), eval: other(files.eval) }, path);
    const options = { ...SHORT, dryRun: true };
    await expect(train(path, options)).rejects.toThrow(refusal('USAGE', 'no input "labels" or "target"'));
    const { history } = await train(path, { ...options, input: 'x' });
    expect(history.length).toBe(3);
  });

  test('an optimizer model of another version of ONNX', async () => {
    const path = await made(net());
    const files = readArtifacts(path);
    const optimizer = { ...files.optimizer, opsets: new Map([['', 13]]) };
    await writeArtifacts({ ...files, optimizer }, path);
    await expect(train(path, { ...SHORT, dryRun: true })).rejects.toThrow(refusal('ARTIFACTS_FORMAT', 'version 13'));
  });
});
