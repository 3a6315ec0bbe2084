import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { NdArray } from '../../lib/ir/ndarray.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { readArtifacts } from '../../lib/training/artifacts/files.js';
import { loadArtifacts } from '../../lib/training/artifacts/load.js';
import { ArtifactSession } from '../../lib/training/artifacts/session.js';
import { parseCheckpoint } from '../../lib/training/checkpoint/read.js';
import { encodeCheckpoint } from '../../lib/training/checkpoint/write.js';
import { codeFrom } from '../support/codes.js';
import { runModel } from '../support/run.js';
import { apart, artifactsAt, type Trace, traceOf } from '../support/trained.js';

const NET = 'acts-sgd';
const LOSS = 'onnx::reducemean_output';
let trace: Trace;
const opened: ArtifactSession[] = [];

async function open(checkpoint = 'checkpoint'): Promise<ArtifactSession> {
  const folder = artifactsAt(NET);
  const session = await ArtifactSession.create(loadArtifacts(readArtifacts(folder, join(folder, checkpoint))));
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
async function train(session: ArtifactSession, from: number, to: number): Promise<readonly number[]> {
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
