import { describe, expect, test } from '@jest/globals';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { train } from '../../lib/training/trainer.js';
import type { TrainerOptions, TrainerState, TrainingSource } from '../../lib/training/training.js';
import { build } from '../support/build.js';
import { refusal } from '../support/refused.js';

const net = () =>
  build({
    inputs: { x: ['batch', 4] },
    weights: { w1: [4, 8], b1: [8], w2: [8, 3], b2: [3] },
    nodes: ['h = Gemm(x, w1, b1)', 'a = Tanh(h)', 'y = Gemm(a, w2, b2)'],
  });

const graph = buildStep(net(), { loss: 'cross-entropy', optimizer: { ...SGD, momentum: 0.9 } });

/** Three classes, told by which of the first three numbers is largest. Four batches of eight. */
const source: TrainingSource = {
  steps: 4,
  *epoch(number) {
    const random = seeded(number);
    for (let i = 0; i < 4; i++) {
      const values = Float32Array.from({ length: 32 }, () => normal(random));
      const labels = Array.from({ length: 8 }, (_, row) => {
        const three = [...values.subarray(4 * row, 4 * row + 3)];
        return BigInt(three.indexOf(Math.max(...three)));
      });
      const feeds = new Map<string, NdArray>([
        ['x', ndarray(FLOAT, [8, 4], values)],
        [graph.labels ?? '', ndarray(INT64, [8], BigInt64Array.from(labels))],
      ]);
      yield { feeds, samples: 8 };
    }
  },
};

const schedule = { name: 'cosine', rate: 0.1, warmup: 2, factor: 1, every: 1 } as const;
const OPTIONS: TrainerOptions = { epochs: 4, schedule, keepBest: false };

async function trained(options: Partial<TrainerOptions> = {}, from?: TrainerState) {
  const session = await StepSession.open(graph, { threads: 1 });
  try {
    const result = await train(session, source, { ...OPTIONS, ...options }, from);
    return { result, state: session.state() };
  } finally {
    await session.close();
  }
}

const bytes = ({ tensors }: Pick<TrainerState, 'tensors'>) =>
  [...tensors].map(([name, { data }]) => [name, [...new Uint8Array(data.buffer, data.byteOffset, data.byteLength)]]);

describe('a training', () => {
  test('makes the loss small', async () => {
    const { result } = await trained({ epochs: 12 });
    const losses = result.history.map(({ loss }) => loss);
    expect(losses.at(-1)).toBeLessThan((losses[0] as number) / 2);
    expect(result.history.map(({ step }) => step)).toEqual(Array.from({ length: 12 }, (_, i) => 4 * (i + 1)));
  });

  test('goes on after a stop in the middle of an epoch with the same bits', async () => {
    const whole = await trained();
    const controller = new AbortController();
    let kept: TrainerState | undefined;
    const onProgress = ({ step }: { step: number }) => {
      if (step === 6) controller.abort();
    };
    const onState = async (state: TrainerState, stopped: boolean) => {
      if (stopped) kept = state;
    };
    await expect(trained({ signal: controller.signal, onProgress, onState })).rejects.toThrow(refusal('CANCELLED'));
    expect(kept?.step).toBe(6);
    const resumed = await trained({}, kept);
    expect(bytes(resumed.state)).toEqual(bytes(whole.state));
    expect(resumed.result.history.map(({ loss }) => loss)).toEqual(whole.result.history.map(({ loss }) => loss));
  });

  test('keeps the best evaluation, and stops when it gets no better', async () => {
    const scores = [0.5, 0.8, 0.7, 0.6, 0.9];
    const states: TrainerState[] = [];
    let at = 0;
    const { result, state } = await trained({
      epochs: 5,
      keepBest: true,
      patience: 2,
      evaluate: async () => ({ loss: 1, accuracy: scores[at++] as number }),
      onState: async (each) => {
        states.push(each);
      },
    });
    expect([result.epoch, result.stopped, result.history.length]).toEqual([2, 'patience', 4]);
    expect(bytes(state)).toEqual(bytes(states[1] as TrainerState));
    // Its last state has nothing left to do.
    const again = await trained({ epochs: 5, keepBest: true, patience: 2 }, states.at(-1));
    expect([again.result.epoch, again.result.stopped, again.result.history.length]).toEqual([2, 'patience', 4]);
    expect(bytes(again.state)).toEqual(bytes(state));
  });
});
