import { describe, expect, test } from '@jest/globals';
import type { DataArray, DataBatch, DataSource } from '../../lib/commands/data-source.js';
import { distill } from '../../lib/commands/distill.js';
import { train } from '../../lib/commands/train.js';
import type { TrainOptions } from '../../lib/commands/train-options.js';
import type { Model } from '../../lib/ir/model.js';
import type { Elements } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { type Npy, npz } from '../support/npz.js';
import { refusal } from '../support/refused.js';
import { floats as constant } from '../support/weights.js';

const folder = temporaryFolder();
let count = 0;
const put = (model: Model): string => folder.put(`${count++}.onnx`, encodeModel(model));

/** y = 0 x + b, three numbers of two. */
const linear = (b: readonly number[] = [0, 0, 0]) =>
  put(
    build({
      inputs: { x: ['batch', 2] },
      weights: { w: constant([0, 0, 0, 0, 0, 0], [2, 3]), b: constant(b) },
      nodes: ['y = Gemm(x, w, b)'],
    }),
  );

/** Two samples (1, 0) and (0, 1), and what is right for them. */
const floats = (...values: number[]) => Float32Array.from(values);
const twoSamples = (label: DataArray): DataSource => ({
  steps: 1,
  *epoch() {
    yield { input: { dims: [2, 2], data: floats(1, 0, 0, 1) }, label };
  },
});
const array = (dims: readonly number[], data: Elements): DataArray => ({ dims, data });

const ONE_STEP = { epochs: 1, lr: 1, momentum: 0, train: ['b'] } as const;

/** Trains one step, and tells the loss before it and the bias after it. */
async function step(path: string, options: TrainOptions) {
  const output = folder.at(`${count++}.trained.onnx`);
  const { history } = await train(path, { ...ONE_STEP, ...options, output });
  const bias = readModel(output).graph.initializers.get('b');
  return { loss: history[0]?.loss, accuracy: history[0]?.accuracy, b: bias ? [...tensorReals(bias)] : [] };
}

const near = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 5));

describe('what is right for a sample, as the loss takes it', () => {
  test('classes: the bias moves by how much more often than 1 of 3 they are', async () => {
    const data = twoSamples(array([2], Int32Array.of(2, 2)));
    const { loss, accuracy, b } = await step(linear(), { data });
    expect({ loss, accuracy, b }).toEqual({
      loss: expect.closeTo(Math.log(3), 5),
      accuracy: 0,
      b: near([-1 / 3, -1 / 3, 2 / 3]),
    });
  });

  test('targets of mse, l1 and bce', async () => {
    const data = twoSamples(array([2, 3], floats(1, 0, 0, 1, 1, 0)));
    const mean = (values: readonly number[]) => near(values.map((value) => value / 6));
    const mse = await step(linear(), { data, loss: 'mse' });
    expect(mse).toEqual({ loss: expect.closeTo(3 / 6, 5), accuracy: undefined, b: mean([4, 2, 0]) });
    const l1 = await step(linear([2, 2, 2]), { data, loss: 'l1' });
    expect(l1).toEqual({ loss: expect.closeTo(9 / 6, 5), accuracy: undefined, b: mean([10, 10, 10]) });
    const bce = await step(linear(), { data, loss: 'bce' });
    expect(bce).toEqual({ loss: expect.closeTo(Math.log(2), 5), accuracy: undefined, b: mean([1, 0, -1]) });
  });

  test('integers as targets, and one number where the output has an axis of 1', async () => {
    const one = put(
      build({
        inputs: { x: ['n', 2] },
        weights: { w: constant([0, 0], [2, 1]), b: constant([0]) },
        nodes: ['y = Gemm(x, w, b)'],
      }),
    );
    const { loss, b } = await step(one, { data: twoSamples(array([2], Uint8Array.of(3, 5))), loss: 'mse' });
    expect({ loss, b }).toEqual({ loss: expect.closeTo(17, 4), b: near([8]) });
  });

  test('classes of parts of a sample: [samples, 4] for logits [samples, 3, 4]', async () => {
    const dense = put(
      build({ inputs: { x: ['n', 3, 4] }, weights: { b: constant([0, 0, 0], [3, 1]) }, nodes: ['y = Add(x, b)'] }),
    );
    const zeros = array([1, 3, 4], new Float32Array(12));
    const data: DataSource = {
      steps: 1,
      epoch: () => [{ input: zeros, label: array([1, 4], Int32Array.of(0, 0, 0, 2)) }],
    };
    const { loss, accuracy, b } = await step(dense, { data });
    expect({ loss, accuracy, b }).toEqual({
      loss: expect.closeTo(Math.log(3), 5),
      accuracy: undefined,
      b: near([3 / 4 - 1 / 3, -1 / 3, 1 / 4 - 1 / 3]),
    });
    const wrong: DataSource = {
      steps: 1,
      epoch: () => [{ input: zeros, label: array([1, 4], Int32Array.of(0, 0, -1, 2)) }],
    };
    await expect(train(dense, { data: wrong, dryRun: true })).rejects.toThrow(refusal('DATA_MISMATCH', 'label -1'));
  });

  test('from an .npz', async () => {
    const input: Npy = { descr: '<f4', shape: [2, 2], bytes: new Uint8Array(16) };
    const label: Npy = { descr: '<f8', shape: [2, 3], bytes: new Uint8Array(Float64Array.of(1, 0, 0, 1, 1, 0).buffer) };
    const data = folder.put('targets.npz', npz({ input, label }));
    expect(await step(linear(), { data, loss: 'mse' })).toMatchObject({ b: near([4 / 6, 2 / 6, 0]) });
  });
});

describe('what does not fit the loss is refused in words:', () => {
  const two = [2] as const;
  test.each<[string, DataArray, Partial<TrainOptions>, RegExp]>([
    [
      'classes for mse',
      array(two, Int32Array.of(0, 1)),
      { loss: 'mse' },
      /mse takes targets.*\[samples, 3\]; .*\[samples\]/,
    ],
    [
      'targets for cross entropy',
      array([2, 3], floats(1, 0, 0, 0, 1, 0)),
      {},
      /takes classes as labels.*\[samples, 3\]/,
    ],
    [
      'targets of another shape',
      array([2, 4], new Float32Array(8)),
      { loss: 'l1' },
      /l1.*\[samples, 3\]; .*\[samples, 4\]/,
    ],
    ['classes of another shape', array([2, 3], new Int32Array(6)), {}, /labels \[samples\].* \[samples, 3\]/],
    ['a class that the output lacks', array(two, Int32Array.of(0, 3)), {}, /label 3, the output tells 3 classes/],
    [
      'a probability above 1',
      array([2, 3], new Float32Array(6).fill(2)),
      { loss: 'bce' },
      /bce takes targets from 0 to 1/,
    ],
    ['another number of labels', array([3], Int32Array.of(0, 1, 2)), {}, /2 samples and 3 labels/],
    ['elements without place', array([2, 2], Int32Array.of(1)), {}, /1 elements as label \[2, 2\]/],
  ])('%s', async (_, label, options, message) => {
    const training = train(linear(), { data: twoSamples(label), dryRun: true, ...options });
    await expect(training).rejects.toThrow(message);
    await expect(training).rejects.toMatchObject({ code: expect.stringMatching(/^DATA_(MISMATCH|FORMAT)$/) });
  });

  test('a second input', async () => {
    const sum = put(
      build({ inputs: { x: ['n', 2], z: ['n', 2] }, weights: { w: [2] }, nodes: ['a = Mul(x, w)', 'y = Add(a, z)'] }),
    );
    const data = twoSamples(array([2], Int32Array.of(0, 1)));
    await expect(train(sum, { data, dryRun: true })).rejects.toThrow(refusal('USAGE', 'several inputs'));
    await expect(train(sum, { data, input: 'x', dryRun: true })).rejects.toThrow(
      refusal('DATA_MISMATCH', '"z" would get'),
    );
  });
});

describe("a program's own batches", () => {
  const batch = (label: number): DataBatch => ({
    input: array([1, 2], floats(1, 2)),
    label: array([1], Int32Array.of(label)),
  });

  test('come epoch after epoch, and are counted where nobody says how many', async () => {
    const asked: number[] = [];
    const data: DataSource = {
      async *epoch(number) {
        asked.push(number);
        yield batch(0);
        yield batch(1);
      },
    };
    const { history } = await train(linear(), { data, evalData: data, epochs: 2, dryRun: true });
    expect(history.map(({ step }) => step)).toEqual([2, 4]);
    expect(history[1]?.evaluation?.accuracy).toBe(0.5);
    // Counted, judged; then trained and judged twice.
    expect(asked).toEqual([0, 0, 0, 0, 1, 0]);
  });

  test.each([
    [1, /more than the 1 batches/],
    [3, /fewer than the 3 batches/],
    [0, /0 batches an epoch/],
  ])('of %d, said wrong', async (steps, message) => {
    const data: DataSource = { steps, epoch: () => [batch(0), batch(1)] };
    const training = train(linear(), { data, dryRun: true });
    await expect(training).rejects.toThrow(refusal('DATA_MISMATCH'));
    await expect(training).rejects.toThrow(message);
  });

  test('are not split or normalised', async () => {
    const data: DataSource = { epoch: () => [batch(0)] };
    await expect(train(linear(), { data, samples: 1, dryRun: true })).rejects.toThrow(
      refusal('USAGE', 'data sets in files'),
    );
  });

  test('teach a student too', async () => {
    const data: DataSource = { steps: 1, epoch: () => [batch(0)] };
    const teachers = [linear([0, 0, 5])];
    const { history } = await distill(linear(), { teachers, data, dryRun: true, alpha: 1, epochs: 3, lr: 0.5 });
    expect(history[2]?.loss).toBeLessThan((history[0]?.loss ?? 0) * 0.9);
  });
});
