import { describe, expect, test } from '@jest/globals';
import { FLOAT } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { buildGradients, buildJudge } from '../../lib/training/judging-graph.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep, type StepOptions } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { type Blueprint, build } from '../support/build.js';
import { expectClose, numbersOf, runModel } from '../support/run.js';
import { floats, int64s, positive } from '../support/weights.js';

const OPTIONS: StepOptions = { loss: 'mse', optimizer: SGD };
const weights = { w: [3, 2, 1, 1], s: positive([3]), b: [3], m: [3], v: positive([3]), one: int64s([1, 2]) } as const;
const BATCH = 4;

/** Two channels, normalised in the middle of a net. */
const NORMALISED: Blueprint = {
  inputs: { x: ['batch', 2, 2, 3] },
  weights,
  nodes: ['c = Conv(x, w)', 'n = BatchNormalization(c, s, b, m, v) {epsilon: 0.01, momentum: 0.75}', 'y = Tanh(n)'],
};

/** The same by the statistics of the batch, in operators whose gradients have tests of their own. */
const BY_HAND: Blueprint = {
  ...NORMALISED,
  weights: { ...weights, epsilon: floats([0.01], []) },
  nodes: [
    'c = Conv(x, w)',
    'mean = ReduceMean(c) {axes: [0, 2, 3]}',
    'centred = Sub(c, mean)',
    'squares = Mul(centred, centred)',
    'variance = ReduceMean(squares) {axes: [0, 2, 3]}',
    'more = Add(variance, epsilon)',
    'deviation = Sqrt(more)',
    'normal = Div(centred, deviation)',
    'su = Unsqueeze(s, one)',
    'bu = Unsqueeze(b, one)',
    'scaled = Mul(normal, su)',
    'n = Add(scaled, bu)',
    'y = Tanh(n)',
  ],
};

function feeds(labels = ''): ReadonlyMap<string, NdArray> {
  const random = seeded(3);
  const values = (count: number) => new Float32Array(count).map(() => 1 + normal(random));
  return new Map([
    ['x', ndarray(FLOAT, [BATCH, 2, 2, 3], values(BATCH * 12))],
    [labels, ndarray(FLOAT, [BATCH, 3, 2, 3], values(BATCH * 18))],
  ]);
}

/** Loss and gradients under the names of the parameters. */
async function gradients(print: Blueprint, options: Partial<StepOptions> = {}) {
  const graph = buildGradients(build(print), { ...OPTIONS, ...options });
  const results = await runModel(graph.model, feeds(graph.labels));
  const named = [...graph.gradients].map(([name, output]) => [name, results.get(output) as NdArray] as const);
  return new Map([...named, ['loss', results.get(graph.loss) as NdArray] as const]);
}

test('gradients through the statistics of the batch', async () =>
  expectClose(await gradients(NORMALISED), await gradients(BY_HAND)));

test('frozen, the running statistics are used', async () => {
  const graph = buildGradients(build(NORMALISED), { ...OPTIONS, normalisation: 'frozen' });
  const judge = await runModel(build(NORMALISED), feeds(graph.labels));
  const y = numbersOf(await runModel(graph.model, feeds(graph.labels)), 'y');
  y.forEach((value, i) => expect(value).toBeCloseTo(numbersOf(judge, 'y')[i] as number, 5));
});

/** Mean and variance of each channel of the convolution's output, over n or n - 1. */
async function batchStatistics(over: (n: number) => number) {
  const { graph } = build(NORMALISED);
  const model = { ...build(NORMALISED), graph: { ...graph, outputs: [{ name: 'c', dtype: FLOAT, shape: undefined }] } };
  const c = numbersOf(await runModel(model, feeds('labels')), 'c');
  return [0, 1, 2].map((channel) => {
    const own = c.filter((_, i) => Math.floor(i / 6) % 3 === channel);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    const variance = own.reduce((sum, each) => sum + (each - mean) ** 2, 0) / over(own.length);
    return { mean, variance };
  });
}

describe('running statistics', () => {
  test.each([
    ['unbiased', (n: number) => n - 1],
    ['population', (n: number) => n],
  ] as const)('move a quarter of the way to those of the batch: %s', async (variance, over) => {
    const model = build(NORMALISED);
    const graph = buildStep(model, { ...OPTIONS, variance });
    expect(graph.statistics.map(({ name }) => name)).toEqual(['m', 'v']);
    const session = await StepSession.open(graph);
    await session.run({ feeds: feeds(graph.labels), rate: 0 });
    const now = new Map(session.parameters().map((tensor) => [tensor.name, tensorReals(tensor)]));
    // What judges is fed with all that the step replaces.
    const judge = buildJudge(model, OPTIONS);
    await runModel(judge.model, new Map([...feeds(judge.labels), ...session.feeds]));
    await session.close();
    const before = (name: string) => tensorReals(model.graph.initializers.get(name) ?? fail(name));
    (await batchStatistics(over)).forEach((each, channel) => {
      const moved = (name: string, to: number) => 0.75 * (before(name)[channel] as number) + 0.25 * to;
      expect(now.get('m')?.[channel]).toBeCloseTo(moved('m', each.mean), 5);
      expect(now.get('v')?.[channel]).toBeCloseTo(moved('v', each.variance), 5);
    });
  });

  test('stay where they are, frozen', () => {
    const graph = buildStep(build(NORMALISED), { ...OPTIONS, normalisation: 'frozen' });
    expect(graph.statistics).toEqual([]);
    expect(graph.model.graph.nodes.some(({ opType }) => opType === 'BatchNormalization')).toBe(true);
  });
});

const fail = (what: string): never => {
  throw new Error(`no ${what}`);
};
