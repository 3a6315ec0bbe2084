/** Losses of the user's own: model files from outputs and labels to one number. */
import { describe, expect, test } from '@jest/globals';
import { artifacts } from '../../lib/commands/artifacts.js';
import { checkTraining } from '../../lib/commands/check-training.js';
import type { DataArray, DataSource } from '../../lib/commands/data-source.js';
import { train } from '../../lib/commands/train.js';
import type { TrainOptions } from '../../lib/commands/train-options.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { type Blueprint, build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';
import { floats, int64s } from '../support/weights.js';

const folder = temporaryFolder();
let count = 0;
const put = (print: Blueprint): string => folder.put(`${count++}.onnx`, encodeModel(build(print)));

/** y = 0 x + b: the loss's gradient by b is the sum of those by the logits. */
const START = [0.4, -0.3, 1.2];
const linear = put({
  inputs: { x: ['batch', 2] },
  weights: { w: floats([0, 0, 0, 0, 0, 0], [2, 3]), b: floats(START) },
  nodes: ['y = Gemm(x, w, b)'],
});
const LABELS = [2, 0];
const classes: DataArray = { dims: [2], data: Int32Array.from(LABELS) };
const pairs = (label: DataArray): DataSource => ({
  steps: 1,
  *epoch() {
    yield { input: { dims: [2, 2], data: Float32Array.of(1, 0, 0, 1) }, label };
  },
});

const ONE_STEP = { epochs: 1, lr: 1, momentum: 0, train: ['b'] } as const;

/** The loss before one step, its gradient by b, and the accuracy. */
async function step(loss: string, options: Partial<TrainOptions> = {}, model = linear) {
  const output = folder.at(`${count++}.trained.onnx`);
  const { history } = await train(model, { data: pairs(classes), ...ONE_STEP, ...options, loss, output });
  const b = [...tensorReals(readModel(output).graph.initializers.get('b') as never)];
  return {
    loss: history[0]?.loss as number,
    accuracy: history[0]?.accuracy,
    slope: b.map((value, i) => (START[i] as number) - value),
  };
}

const softmax = (b: readonly number[]) => {
  const total = b.reduce((sum, each) => sum + Math.exp(each), 0);
  return b.map((each) => Math.exp(each) / total);
};
const meanOver = (f: (label: number) => number) => LABELS.reduce((sum, label) => sum + f(label), 0) / LABELS.length;

/** Central differences of a function of b. */
const slopeOf = (f: (b: readonly number[]) => number) =>
  START.map((_, i) => {
    const moved = (h: number) => f(START.map((each, k) => (k === i ? each + h : each)));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });

const onLogits = { p: ['N', 'C'], 't: int64': ['N'] };
const picked = ['i = Unsqueeze(t, axis)', 'g = GatherElements(q, i) {axis: 1}'];

const OWN: readonly (readonly [string, Blueprint, (b: readonly number[]) => number])[] = [
  [
    'cross entropy by hand',
    {
      inputs: onLogits,
      weights: { axis: int64s([1]) },
      nodes: ['q = LogSoftmax(p)', ...picked, 'n = Neg(g)', 'loss = ReduceMean(n) {keepdims: 0}'],
    },
    (b) => meanOver((label) => -Math.log(softmax(b)[label] as number)),
  ],
  [
    "PyTorch's CrossEntropyLoss, one number with an axis",
    {
      inputs: onLogits,
      weights: { one: int64s([1]) },
      nodes: ['l = SoftmaxCrossEntropyLoss(p, t)', 'loss = Reshape(l, one)'],
    },
    (b) => meanOver((label) => -Math.log(softmax(b)[label] as number)),
  ],
  [
    'focal',
    {
      inputs: onLogits,
      weights: { axis: int64s([1]), one: floats([1], []), two: floats([2], []) },
      nodes: [
        'q = LogSoftmax(p)',
        ...picked,
        'e = Exp(g)',
        'r = Sub(one, e)',
        'f = Pow(r, two)',
        'm = Mul(f, g)',
        'n = Neg(m)',
        'loss = ReduceMean(n) {keepdims: 0}',
      ],
    },
    (b) =>
      meanOver((label) => {
        const p = softmax(b)[label] as number;
        return -((1 - p) ** 2) * Math.log(p);
      }),
  ],
  [
    'without labels: the entropy of the answers',
    {
      inputs: { p: ['N', 'C'] },
      weights: { axis: int64s([1]) },
      nodes: [
        'q = LogSoftmax(p)',
        'e = Exp(q)',
        'm = Mul(e, q)',
        's = ReduceSum(m, axis) {keepdims: 0}',
        'a = ReduceMean(s) {keepdims: 0}',
        'loss = Neg(a)',
      ],
    },
    (b) => softmax(b).reduce((sum, p) => sum - p * Math.log(p), 0),
  ],
];

test.each(OWN)('a loss as a model: %s', async (_, print, f) => {
  const { loss, slope } = await step(put(print));
  expect(loss).toBeCloseTo(f(START), 5);
  expect(slope).toEqual(slopeOf(f).map((each) => expect.closeTo(each, 5)));
});

const crossEntropy = put((OWN[0] as (typeof OWN)[0])[1]);

test('the same numbers as the built-in loss, accuracy and held-out data too', async () => {
  const evalData = pairs(classes);
  const [own, ours] = [await step(crossEntropy, { evalData }), await step('cross-entropy', { evalData })];
  expect(own).toEqual({
    loss: expect.closeTo(ours.loss, 6),
    accuracy: ours.accuracy,
    slope: ours.slope.map((each) => expect.closeTo(each, 6)),
  });
});

test('real targets, of the shape that the loss says', async () => {
  const huber = put({
    inputs: { p: ['N', 3], t: ['N', 1] },
    weights: { half: floats([0.5], []), one: floats([1], []) },
    nodes: [
      'd = Sub(p, t)',
      'a = Abs(d)',
      's = Mul(d, d)',
      'q = Mul(s, half)',
      'l = Sub(a, half)',
      'c = Less(a, one)',
      'w = Where(c, q, l)',
      'loss = ReduceMean(w) {keepdims: 0}',
    ],
  });
  const targets = [1.5, -1];
  const one = (d: number) => (Math.abs(d) < 1 ? (d * d) / 2 : Math.abs(d) - 0.5);
  const f = (b: readonly number[]) =>
    targets.reduce((sum, t) => sum + b.reduce((inner, each) => inner + one(each - t), 0), 0) / 6;
  const { loss, slope } = await step(huber, { data: pairs({ dims: [2], data: Float32Array.from(targets) }) });
  expect(loss).toBeCloseTo(f(START), 5);
  expect(slope).toEqual(slopeOf(f).map((each) => expect.closeTo(each, 5)));
});

test('inputs that are named like outputs take those, several of them', async () => {
  const two = put({
    inputs: { x: ['batch', 2] },
    weights: { w: floats([0, 0, 0, 0, 0, 0], [2, 3]), b: floats(START) },
    nodes: ['y = Gemm(x, w, b)', 'z = Mul(y, y)'],
    outputs: ['y', 'z'],
  });
  // mean(z) + mean((y - 1)^2) / 2, whatever the order of its inputs; its other names are those of the model.
  const both = put({
    inputs: { z: ['N', 3], x: ['N', 1], y: ['N', 3] },
    weights: { b: floats([0.5], []) },
    nodes: [
      'a = ReduceMean(z) {keepdims: 0}',
      'd = Sub(y, x)',
      'w = Mul(d, d)',
      'm = ReduceMean(w) {keepdims: 0}',
      'h = Mul(m, b)',
      'loss = Add(a, h)',
    ],
  });
  const f = (b: readonly number[]) => b.reduce((sum, each) => sum + each * each + (each - 1) ** 2 / 2, 0) / 3;
  const { loss, slope } = await step(both, { data: pairs({ dims: [2], data: Float32Array.of(1, 1) }) }, two);
  expect(loss).toBeCloseTo(f(START), 5);
  expect(slope).toEqual(slopeOf(f).map((each) => expect.closeTo(each, 5)));
});

test('artifacts and the check know it too', async () => {
  expect(checkTraining(linear, { loss: crossEntropy })).toMatchObject({ ok: true, missing: [] });
  const report = await artifacts(linear, { loss: crossEntropy, output: folder.at('artifacts') });
  const training = readModel(`${report.folder}/training_model.onnx`);
  expect(training.graph.inputs.map(({ name }) => name)).toContain('t');
  expect(training.graph.outputs[0]?.name).toBe('loss');
});

test('a gap in it is named before anything starts', () => {
  const gap = put({
    inputs: { p: ['N', 3] },
    weights: { s: int64s([1, 3, 3]) },
    nodes: ['m = ReduceMean(p) {keepdims: 0}', 'e = Expand(m, s)', 'd = Det(e)', 'loss = ReduceMean(d) {keepdims: 0}'],
  });
  expect(checkTraining(linear, { loss: gap })).toMatchObject({ ok: false, missing: [{ operator: 'Det' }] });
});

describe('refused', () => {
  const mean = 'loss = ReduceMean(p) {keepdims: 0}';
  const refused: readonly (readonly [string, Blueprint, string])[] = [
    ['two outputs', { inputs: { p: ['N', 3] }, nodes: [mean, 'a = Abs(p)'], outputs: ['loss', 'a'] }, '2 outputs'],
    ['many numbers', { inputs: { p: ['N', 3] }, nodes: ['loss = Abs(p)'] }, 'not one number'],
    ['an integer', { inputs: { p: ['N', 3] }, nodes: ['loss = Size(p)'], outputs: ['loss: int64'] }, 'int64'],
    ['no input', { inputs: {}, weights: { w: [3] }, nodes: ['loss = ReduceMean(w) {keepdims: 0}'] }, 'no input'],
    ['more than the labels left', { inputs: { p: ['N', 3], t: ['N'], u: ['N'] }, nodes: [mean] }, '"t", "u"'],
    ['another opset', { opset: 13, inputs: { p: ['N', 3] }, nodes: [mean] }, 'opset 13'],
  ];
  test.each(refused)('%s', (_, print, says) => {
    const loss = put(print);
    expect(() => checkTraining(linear, { loss })).toThrow(refusal('USAGE', says));
  });

  test('what is neither a loss nor a file', () => {
    expect(() => checkTraining(linear, { loss: 'crossentropy' })).toThrow(refusal('USAGE', '"crossentropy"'));
    expect(() => checkTraining(linear, { loss: folder.at('none.onnx') })).toThrow(refusal('FILE_SYSTEM'));
  });

  test('labels of another kind', async () => {
    const reals = pairs({ dims: [2], data: Float32Array.of(0.5, 1) });
    await expect(step(crossEntropy, { data: reals })).rejects.toThrow(refusal('DATA_MISMATCH', 'real numbers'));
  });
});
