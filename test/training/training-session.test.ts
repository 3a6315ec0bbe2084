import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { generateArtifacts } from '../../lib/training/artifacts/generate.js';
import { toPortable } from '../../lib/training/artifacts/portable-set.js';
import { TrainingSession } from '../../lib/training/artifacts/session.js';
import { parseCheckpoint } from '../../lib/training/checkpoint/read.js';
import { encodeCheckpoint } from '../../lib/training/checkpoint/write.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { build } from '../support/build.js';
import { codeFrom } from '../support/codes.js';
import { runModel } from '../support/run.js';
import { apart, artifactsAt, type Trace, traceOf, trainOn } from '../support/trained.js';

const NET = 'acts-sgd';
const LOSS = 'onnx::reducemean_output';
let trace: Trace;
const opened: TrainingSession[] = [];

async function open(checkpoint = 'checkpoint'): Promise<TrainingSession> {
  const folder = artifactsAt(NET);
  const session = await TrainingSession.create(readArtifacts(folder, join(folder, checkpoint)));
  opened.push(session);
  return session;
}

beforeAll(async () => {
  trace = await traceOf(NET);
});
afterAll(async () => {
  for (const session of opened) await session.close();
});

const feeds = (i: number) =>
  new Map([
    ['x', trace.inputs[i] as NdArray],
    ['target', trace.labels[i] as NdArray],
  ]);

function lossIn(results: ReadonlyMap<string, NdArray>): number {
  const [name, array] = [...results].find(([key]) => key.startsWith(LOSS)) ?? [];
  return name && array ? (toReals(array, name)[0] as number) : Number.NaN;
}

/** Steps on batches [from, to), each followed by an update. */
async function train(session: TrainingSession, from: number, to: number): Promise<readonly number[]> {
  const losses: number[] = [];
  session.learningRate = trace.rate;
  for (let i = from; i < to; i++) {
    losses.push(lossIn(await session.runTrainStep(feeds(i))));
    await session.runOptimizerStep();
    session.lazyResetGrad();
  }
  return losses;
}

test('steps give the losses of onnxruntime-training, from the start and from its checkpoint', async () => {
  expect(apart(await train(await open(), 0, 6), trace.losses)).toBeLessThan(1e-5);
  const resumed = await open('checkpoint-step3');
  expect(resumed.step).toBe(3);
  expect(apart(await train(resumed, 3, 6), trace.losses.slice(3))).toBeLessThan(1e-5);
});

test('gradients add up until they are reset: one batch twice moves as far as twice the rate', async () => {
  const [twice, once] = [await open(), await open()];
  twice.learningRate = 0.01;
  once.learningRate = 0.02;
  for (let i = 0; i < 2; i++) await twice.runTrainStep(feeds(0));
  await once.runTrainStep(feeds(1));
  once.lazyResetGrad();
  await once.runTrainStep(feeds(0));
  const before = once.getContiguousParameters();
  for (const session of [twice, once]) await session.runOptimizerStep();
  expect(apart(twice.getContiguousParameters(), once.getContiguousParameters())).toBeLessThan(1e-6);
  expect(apart(before, once.getContiguousParameters())).toBeGreaterThan(1e-4);
});

test('evaluation changes nothing, and what is exported computes the same outputs', async () => {
  const session = await open();
  await train(session, 0, 2);
  const before = session.getContiguousParameters();
  const [judged, trained] = [await session.runEvalStep(feeds(2)), await session.runTrainStep(feeds(2))];
  expect(Math.abs(lossIn(judged) - lossIn(trained))).toBeLessThan(1e-6);
  expect(apart(before, session.getContiguousParameters())).toBe(0);
  const model = session.exportModelForInferencing(['y']);
  expect(model.graph.inputs.map(({ name }) => name)).toEqual(['x']);
  const y = (await runModel(model, new Map([['x', trace.inputs[2] as NdArray]]))).get('y') as NdArray;
  expect(apart(toReals(y, 'y'), toReals(trained.get('y') as NdArray, 'y'))).toBeLessThan(1e-6);
});

test('parameters can be taken out and put back, and a checkpoint goes on', async () => {
  const session = await open();
  expect(session.getParametersSize()).toBe(6 * 5 + 5 + 3 * 5 * 5 + 5 * 4);
  await train(session, 0, 3);
  const saved = parseCheckpoint(encodeCheckpoint(session.checkpoint()), 'saved');
  expect(saved.groups[0]?.step).toBe(3);
  const numbers = session.getContiguousParameters();
  const other = await open();
  other.loadParametersBuffer(numbers);
  expect(apart(await train(other, 3, 6), trace.losses.slice(3))).toBeLessThan(1e-5);
  expect(codeFrom(() => other.loadParametersBuffer(numbers.subarray(1)))).toBe('USAGE');
});

test('artifacts of the portable flavour train with the same losses', async () => {
  const model = build({
    inputs: { x: ['batch', 6] },
    weights: { w1: [6, 5], b1: [5], w2: [5, 4] },
    nodes: ['a = Gemm(x, w1, b1)', 'r = Tanh(a)', 'y = MatMul(r, w2)'],
  });
  const options = { loss: 'mse', optimizer: { ...SGD, momentum: 0.9 } } as const;
  const session = await TrainingSession.create(generateArtifacts(model, { ...options, flavor: 'portable' }));
  opened.push(session);
  const expected = await StepSession.open(buildStep(model, options));
  const wanted = await trainOn(expected, trace);
  await expected.close();
  session.learningRate = trace.rate;
  const losses: number[] = [];
  for (let i = 0; i < trace.inputs.length; i++) {
    const made = await session.runTrainStep(feeds(i));
    losses.push(toReals(made.get('loss') as NdArray, 'loss')[0] as number);
    await session.runOptimizerStep();
    session.lazyResetGrad();
  }
  expect(apart(losses, wanted)).toBeLessThan(1e-6);
  expect([...(session.checkpoint().groups[0]?.states.get('w1')?.keys() ?? [])]).toEqual(['momentum0']);
});

test('portable artifacts that do not fit each other are refused', () => {
  const model = build({ inputs: { x: ['batch', 6] }, weights: { w: [6, 4] }, nodes: ['y = MatMul(x, w)'] });
  const made = generateArtifacts(model, { loss: 'mse', optimizer: SGD, flavor: 'portable' });
  const other = { ...made.checkpoint, trained: new Map() };
  expect(codeFrom(() => toPortable({ ...made, checkpoint: other }))).toBe('ARTIFACTS_FORMAT');
  expect(codeFrom(() => toPortable({ ...made, optimizer: made.eval }))).toBe('ARTIFACTS_FORMAT');
  expect(codeFrom(() => toPortable({ ...made, training: made.eval }))).toBe('ARTIFACTS_FORMAT');
  expect(codeFrom(() => toPortable(made))).toBe('none');
});
