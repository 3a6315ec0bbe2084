/** Several steps in one run of ONNX Runtime give the bits of as many runs. */
import { describe, expect, test } from '@jest/globals';
import { FLOAT, INT64 } from '../../lib/ir/dtype.js';
import { type NdArray, ndarray } from '../../lib/ir/ndarray.js';
import { normal, seeded } from '../../lib/ir/random.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { ADAMW, SGD } from '../../lib/training/optimizers.js';
import { buildStep, type StepGraph } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { train } from '../../lib/training/trainer.js';
import type { TrainerOptions, TrainerState, TrainingSource } from '../../lib/training/training.js';
import { inTurns, worthOneRun } from '../../lib/training/turns.js';
import { type Blueprint, build } from '../support/build.js';
import { refusal } from '../support/refused.js';
import { positive } from '../support/weights.js';

const perceptron: Blueprint = {
  inputs: { x: ['batch', 4] },
  weights: { w1: [4, 8], b1: [8], w2: [8, 3], b2: [3] },
  nodes: ['h = Gemm(x, w1, b1)', 'a = Relu(h)', 'y = Gemm(a, w2, b2)'],
};
/** With running statistics, and an input that has a name of the Scan's own. */
const normalised: Blueprint = {
  inputs: { 'turns/x': ['batch', 4] },
  weights: { w: [4, 6], s: positive([6]), o: [6], m: [6], v: positive([6]), u: [6, 3] },
  nodes: ['h = MatMul(turns/x, w)', 'n = BatchNormalization(h, s, o, m, v)', 'a = Relu(n)', 'y = MatMul(a, u)'],
};

const feedsOf = (graph: StepGraph, size: number, seed: number): ReadonlyMap<string, NdArray> => {
  const random = seeded(seed);
  return new Map([
    [
      graph.inputs[0] as string,
      ndarray(
        FLOAT,
        [size, 4],
        Float32Array.from({ length: 4 * size }, () => normal(random)),
      ),
    ],
    [
      graph.labels as string,
      ndarray(
        INT64,
        [size],
        BigInt64Array.from({ length: size }, () => BigInt(Math.floor(3 * random()))),
      ),
    ],
  ]);
};

const bytesOf = ({ tensors }: Pick<TrainerState, 'tensors'>) =>
  [...tensors].map(([name, { data }]) => [
    name,
    Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('hex'),
  ]);

describe.each([
  ['momentum', perceptron, { ...SGD, momentum: 0.9 }],
  ['AdamW, which counts steps', perceptron, ADAMW],
  ['running statistics', normalised, { ...SGD, momentum: 0.9 }],
] as const)('%s', (_, print, optimizer) => {
  const graph = buildStep(build(print), { loss: 'cross-entropy', optimizer });
  const steps = Array.from({ length: 6 }, (_, i) => ({ feeds: feedsOf(graph, 8, i), rate: 0.1 / (i + 1) }));

  async function run(turns: boolean, sizes: readonly number[]) {
    const session = await StepSession.open(graph, { threads: 1, turns });
    expect(session.hasTurns).toBe(turns);
    const stepped = [];
    let at = 0;
    for (const size of sizes) {
      stepped.push(...(await session.runAll(steps.slice(at, at + size))));
      at += size;
    }
    const state = session.state();
    await session.close();
    return { losses: stepped.map(({ loss }) => loss), outputs: stepped.map(({ output }) => [...output.data]), state };
  }

  test('the same losses, outputs and parameters', async () => {
    const single = await run(false, [1, 1, 1, 1, 1, 1]);
    for (const sizes of [[6], [2, 3, 1], [1, 5]]) {
      const several = await run(true, sizes);
      expect(several.state.step).toBe(6);
      expect({ ...several, state: bytesOf(several.state) }).toEqual({ ...single, state: bytesOf(single.state) });
    }
  });

  test('the graph of several steps is a model', () => {
    const slots = [...graph.parameters.flatMap(({ state, ...own }) => [own, ...state]), ...graph.statistics];
    const several = inTurns(graph, slots);
    expect(several?.model.graph.nodes.map(({ opType }) => opType)).toEqual(['Scan']);
    expect(() => verifyModel(several?.model as never)).not.toThrow();
  });
});

describe('a training in runs of several steps', () => {
  const graph = buildStep(build(perceptron), { loss: 'cross-entropy', optimizer: { ...SGD, momentum: 0.9 } });
  /** The last batch of an epoch is smaller. */
  const source: TrainingSource = {
    steps: 7,
    *epoch(number) {
      for (let i = 0; i < 7; i++)
        yield { feeds: feedsOf(graph, i === 6 ? 3 : 8, 10 * number + i), samples: i === 6 ? 3 : 8 };
    },
  };
  const schedule = { name: 'linear', rate: 0.1, warmup: 2, factor: 1, every: 1 } as const;

  async function trained(
    stepsPerRun: TrainerOptions['stepsPerRun'],
    options: Partial<TrainerOptions> = {},
    from?: TrainerState,
  ) {
    const session = await StepSession.open(graph, { threads: 1, turns: stepsPerRun !== 1 });
    try {
      const result = await train(
        session,
        source,
        { epochs: 3, schedule, keepBest: false, stepsPerRun, ...options },
        from,
      );
      const history = result.history.map(({ loss, rate, step }) => ({ loss, rate, step }));
      return { history, state: bytesOf(session.state()) };
    } finally {
      await session.close();
    }
  }

  test.each([2, 4, 16, 'auto'] as const)('the same bits in runs of %s', async (stepsPerRun) => {
    expect(await trained(stepsPerRun)).toEqual(await trained(1));
  });

  test('a stop comes between two runs, and the training goes on to the same bits', async () => {
    const controller = new AbortController();
    let kept: TrainerState | undefined;
    const options: Partial<TrainerOptions> = {
      signal: controller.signal,
      onProgress: ({ step }) => (step >= 9 ? controller.abort() : undefined),
      onState: async (state, stopped) => {
        if (stopped) kept = state;
      },
    };
    await expect(trained(3, options)).rejects.toThrow(refusal('CANCELLED'));
    expect(kept?.step).toBe(10);
    expect((await trained(3, {}, kept)).state).toEqual((await trained(1)).state);
  });
});

test('a run has as many steps as are worth it', () => {
  const graph = buildStep(build({ ...perceptron, weights: { w1: [4, 800], b1: [800], w2: [800, 3], b2: [3] } }), {
    loss: 'cross-entropy',
    optimizer: SGD,
  });
  const small = feedsOf(graph, 8, 0);
  const after = (steps: number, seconds: number) => worthOneRun(graph, small, { steps, seconds });
  expect(worthOneRun(graph, small, undefined)).toBe(1);
  expect([after(1, 0.5), after(1, 0.05), after(1, 1e-4)]).toEqual([1, 4, 16]);
  // What a run does once may be most of it.
  expect([after(1, 0.15), after(2, 0.16), after(4, 0.18), after(8, 0.22)]).toEqual([2, 4, 8, 7]);
  // A batch that weighs more than the parameters is not worth a copy.
  expect(worthOneRun(graph, feedsOf(graph, 8000, 0), { steps: 1, seconds: 1e-4 })).toBe(1);
});
