/** An update made of several batches is that of one batch as large as all of them. */
import { expect, test } from '@jest/globals';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { ADAMW, type Optimizer, SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { train } from '../../lib/training/trainer.js';
import type { TrainerOptions, TrainerState, TrainingSource } from '../../lib/training/training.js';
import { build } from '../support/build.js';
import { refusal } from '../support/refused.js';

const net = build({
  inputs: { x: ['batch', 4] },
  weights: { w1: [4, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'a = Tanh(h)', 'y = Gemm(a, w2, b2)'],
});

/** 40 samples an epoch, the same ones whatever the sizes of the batches. */
const sourceOf = (sizes: readonly number[]): TrainingSource => ({
  steps: sizes.length,
  *epoch(number) {
    const random = seeded(number);
    const values = Float32Array.from({ length: 160 }, () => normal(random));
    const labels = BigInt64Array.from({ length: 40 }, () => BigInt(Math.floor(3 * random())));
    let at = 0;
    for (const size of sizes) {
      const feeds = new Map<string, NdArray>([
        ['x', ndarray(FLOAT, [size, 4], values.slice(4 * at, 4 * (at + size)))],
        ['labels', ndarray(INT64, [size], labels.slice(at, at + size))],
      ]);
      at += size;
      yield { feeds, samples: size };
    }
  },
});

const schedule = { name: 'cosine', rate: 0.1, warmup: 1, factor: 1, every: 1 } as const;

interface Run {
  readonly optimizer?: Optimizer;
  readonly clip?: number;
  readonly options?: Partial<TrainerOptions>;
  readonly from?: TrainerState | undefined;
}

async function trained(sizes: readonly number[], accumulate: number, { optimizer, clip, options, from }: Run = {}) {
  const step = { loss: 'cross-entropy', optimizer: optimizer ?? { ...SGD, momentum: 0.9 }, clip } as const;
  const graph = buildStep(net, { ...step, accumulate: accumulate > 1 });
  const session = await StepSession.open(graph, { threads: 1 });
  try {
    const result = await train(
      session,
      sourceOf(sizes),
      { epochs: 3, schedule, accumulate, keepBest: false, ...options },
      from,
    );
    return { result, state: session.state() };
  } finally {
    await session.close();
  }
}

const numbers = ({ state }: Awaited<ReturnType<typeof trained>>) =>
  [...state.tensors.values()].flatMap(({ data }) => [...(data as Float32Array)]);

test.each<[string, readonly number[], readonly number[], Run]>([
  ['equal parts', [10, 10, 10, 10], [20, 20], {}],
  ['parts of other sizes, fewer at the end', [16, 4, 14, 6], [20, 20], {}],
  [
    'weight decay and a largest norm',
    [10, 10, 10, 10],
    [20, 20],
    { clip: 0.1, optimizer: { ...SGD, weightDecay: 0.1 } },
  ],
  ['AdamW', [10, 10, 10, 10], [20, 20], { optimizer: ADAMW }],
])('the same parameters: %s', async (_, parts, whole, how) => {
  const [several, one] = [await trained(parts, 2, how), await trained(whole, 1, how)];
  expect(several.state.step).toBe(6);
  expect(numbers(several)).toEqual(numbers(one).map((value) => expect.closeTo(value, 5)));
  expect(several.result.history.map(({ loss, rate, step }) => ({ loss, rate, step }))).toEqual(
    one.result.history.map(({ loss, rate, step }) => ({ loss: expect.closeTo(loss, 5), rate, step })),
  );
});

test('batches that are left over at the end of an epoch make an update of their own', async () => {
  const [several, one] = [await trained([15, 15, 10], 2), await trained([30, 10], 1)];
  expect(numbers(several)).toEqual(numbers(one).map((value) => expect.closeTo(value, 5)));
});

test('a stop comes between two updates, and the training goes on to the same bits', async () => {
  const sizes = [8, 8, 8, 8, 8];
  const whole = await trained(sizes, 2);
  const controller = new AbortController();
  let kept: TrainerState | undefined;
  const options: Partial<TrainerOptions> = {
    signal: controller.signal,
    onProgress: ({ step, steps }) => {
      expect(steps).toBe(9);
      if (step === 4) controller.abort();
    },
    onState: async (state, stopped) => {
      if (stopped) kept = state;
    },
  };
  await expect(trained(sizes, 2, { options })).rejects.toThrow(refusal('CANCELLED'));
  expect(kept?.step).toBe(4);
  expect(numbers(await trained(sizes, 2, { from: kept }))).toEqual(numbers(whole));
});
