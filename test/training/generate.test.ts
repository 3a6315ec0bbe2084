import { describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { type NdArray, ndarray, toReals } from '../../lib/ir/ndarray.js';
import { elementCount, tensorReals } from '../../lib/ir/numeric.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { parseModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { openSession } from '../../lib/runtime/session.js';
import { readArtifacts, writeArtifacts } from '../../lib/training/artifacts/files.js';
import { type ArtifactOptions, generateArtifacts } from '../../lib/training/artifacts/generate.js';
import { exportInference } from '../../lib/training/artifacts/inference.js';
import { joinArtifacts } from '../../lib/training/artifacts/join-set.js';
import { type Artifacts, loadArtifacts } from '../../lib/training/artifacts/load.js';
import { TrainingSession } from '../../lib/training/artifacts/session.js';
import { ADAMW, type Optimizer, SGD } from '../../lib/training/optimizers.js';
import { buildStep } from '../../lib/training/step-graph.js';
import { StepSession } from '../../lib/training/step-session.js';
import { build } from '../support/build.js';
import { codeFrom } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { expectSameFunction } from '../support/run.js';
import { apart, artifactsAt, type Trace, traceOf, trainOn } from '../support/trained.js';
import { positive } from '../support/weights.js';

const folder = temporaryFolder();
const NET = build({
  inputs: { x: ['batch', 6] },
  weights: { w1: [6, 5], b1: [5], w2: [5, 4] },
  nodes: ['a = Gemm(x, w1, b1)', 'r = Tanh(a)', 'y = MatMul(r, w2)'],
});
const ORT_ADAMW = { ...ADAMW, epsilon: 1e-6, weightDecay: 0, form: 'onnxruntime' } as Optimizer;
const options = (more: Partial<ArtifactOptions>): ArtifactOptions => ({
  flavor: 'microsoft',
  loss: 'cross-entropy',
  optimizer: SGD,
  ...more,
});

/** Losses of a step graph of our own, which other tests hold against finite differences and PyTorch. */
async function expectedLosses(trace: Trace, { optimizer, clip, loss }: ArtifactOptions): Promise<readonly number[]> {
  const session = await StepSession.open(buildStep(NET, { loss, optimizer, clip }));
  const losses = await trainOn(session, trace);
  await session.close();
  return losses;
}

const names = (values: Model['graph']['inputs']): readonly string[] => values.map(({ name }) => name);

describe("Microsoft's flavour", () => {
  test('has the inputs and outputs that onnxruntime-training looks for', () => {
    const { training, eval: evaluation, optimizer, checkpoint } = generateArtifacts(NET, options({}));
    const parameters = ['w1', 'b1', 'w2'];
    const buffers = parameters.map((name) => `${name}_grad.accumulation.buffer`);
    expect(names(training.graph.inputs)).toEqual(['x', 'labels', ...parameters, ...buffers, 'lazy_reset_grad']);
    expect(names(training.graph.outputs)).toEqual([
      'loss',
      ...parameters.map((name) => `${name}_grad.accumulation.out`),
    ]);
    expect(names(evaluation.graph.inputs)).toEqual(['x', 'labels', ...parameters]);
    expect(names(evaluation.graph.outputs)).toEqual(['loss']);
    expect(names(optimizer.graph.inputs)).toEqual([
      'learning_rate',
      'step',
      'params',
      'gradients',
      'first_order_moments',
    ]);
    expect([...checkpoint.trained.keys()]).toEqual(parameters);
    for (const model of [training, evaluation, optimizer]) verifyModel(parseModel(encodeModel(model)));
  });

  test('keeps the sequences of the optimizer when it is written and read', () => {
    const { optimizer } = generateArtifacts(NET, options({ optimizer: ORT_ADAMW }));
    const read = parseModel(encodeModel(optimizer)).graph.inputs;
    expect(read.map(({ elements }) => elements)).toEqual([undefined, undefined, 1, 1, 1, 1]);
  });

  test.each([
    ['SGD', SGD, undefined],
    ['AdamW', ORT_ADAMW, undefined],
    ['AdamW as in PyTorch', ADAMW, undefined],
    ['clipped', SGD, 0.1],
  ] as const)('is read again as what it was: %s', async (_, optimizer, clip) => {
    const wished = options({ optimizer, clip });
    await writeArtifacts(generateArtifacts(NET, wished), folder.path);
    const session = await StepSession.open(joinArtifacts(readArtifacts(folder.path)));
    const trace = await traceOf('mlp-adamw');
    const losses = await trainOn(session, trace);
    await session.close();
    expect(apart(losses, await expectedLosses(trace, wished))).toBeLessThan(1e-6);
  });

  test('has no momentum', () => {
    const optimizer: Optimizer = { ...SGD, momentum: 0.9 } as Optimizer;
    expect(codeFrom(() => generateArtifacts(NET, options({ optimizer })))).toBe('ARTIFACTS_FORMAT');
  });
});

/** What the documentation shows in Python: two graphs in turn, whose outputs are fed under their own names. */
async function trainPortably({ training, optimizer, checkpoint }: Artifacts, trace: Trace): Promise<readonly number[]> {
  const sessions = [await openSession(encodeModel(training)), await openSession(encodeModel(optimizer))];
  const state = new Map<string, NdArray>();
  for (const { name, dtype, shape = [] } of [...training.graph.inputs, ...optimizer.graph.inputs]) {
    const dims = shape.filter((dim): dim is number => typeof dim === 'number');
    if (dtype !== 1 || dims.length < shape.length) continue;
    const parameter = checkpoint.trained.get(name);
    state.set(name, ndarray(1, dims, parameter ? tensorReals(parameter) : new Float32Array(elementCount(dims))));
  }
  const losses: number[] = [];
  for (const [i, x] of trace.inputs.entries()) {
    const feeds = new Map([...state, ['x', x], ['labels', trace.labels[i] as NdArray]]);
    feeds.set('lazy_reset_grad', ndarray(9, [1], Uint8Array.of(1)));
    feeds.set('learning_rate', ndarray(1, [1], Float32Array.of(trace.rate)));
    feeds.set('step', ndarray(7, [1], BigInt64Array.of(BigInt(i + 1))));
    for (const session of sessions) {
      const wanted = new Map(names(session.inputs).map((name) => [name, feeds.get(name) as NdArray]));
      for (const [name, array] of await session.run(wanted)) {
        feeds.set(name, array);
        if (name.endsWith('.next')) state.set(name.slice(0, -'.next'.length), array);
      }
    }
    losses.push(toReals(feeds.get('loss') as NdArray, 'loss')[0] as number);
  }
  for (const session of sessions) await session.close();
  return losses;
}

describe('the portable flavour', () => {
  test.each([
    ['SGD', SGD, undefined],
    ['momentum', { ...SGD, momentum: 0.9 } as Optimizer, undefined],
    ['AdamW', ADAMW, 0.5],
  ] as const)('trains on a stock runtime: %s', async (_, optimizer, clip) => {
    const wished = options({ flavor: 'portable', optimizer, clip });
    const trace = await traceOf('mlp-adamw');
    const losses = await trainPortably(generateArtifacts(NET, wished), trace);
    expect(apart(losses, await expectedLosses(trace, wished))).toBeLessThan(1e-6);
  });

  test('adds gradients up until it is told to start over', async () => {
    const { training, checkpoint } = generateArtifacts(NET, options({ flavor: 'portable' }));
    const trace = await traceOf('mlp-adamw');
    const session = await openSession(encodeModel(training));
    const run = async (reset: boolean, before: number) => {
      const buffers = ['w1', 'b1', 'w2'].map((name) => {
        const dims = checkpoint.trained.get(name)?.dims ?? [];
        const data = new Float32Array(elementCount(dims)).fill(before);
        return [`${name}_grad.accumulation.buffer`, ndarray(1, dims, data)] as const;
      });
      const parameters = [...checkpoint.trained].map(
        ([name, tensor]) => [name, ndarray(1, tensor.dims, tensorReals(tensor))] as const,
      );
      const made = await session.run(
        new Map<string, NdArray>([
          ...parameters,
          ...buffers,
          ['x', trace.inputs[0] as NdArray],
          ['labels', trace.labels[0] as NdArray],
          ['lazy_reset_grad', ndarray(9, [1], Uint8Array.of(reset ? 1 : 0))],
        ]),
      );
      return toReals(made.get('w2_grad.accumulation.out') as NdArray, 'w2');
    };
    const [fresh, added, again] = [await run(false, 0), await run(false, 2), await run(true, 2)];
    await session.close();
    expect(
      apart(
        added,
        fresh.map((value) => value + 2),
      ),
    ).toBeLessThan(1e-6);
    expect(apart(again, fresh)).toBe(0);
  });

  test('keeps the outputs of the model, and other operators than the standard ones nowhere', () => {
    const { training, eval: evaluation, optimizer } = generateArtifacts(NET, options({ flavor: 'portable' }));
    expect(names(evaluation.graph.outputs)).toEqual(['loss', 'y']);
    expect(names(training.graph.outputs).slice(0, 2)).toEqual(['loss', 'y']);
    for (const { graph, opsets } of [training, evaluation, optimizer]) {
      expect([...opsets.keys()]).toEqual(['']);
      expect(graph.nodes.filter(({ domain }) => domain !== '')).toEqual([]);
    }
  });
});

test('frozen parameters go in, and nothing comes out for them', () => {
  const { training, checkpoint } = generateArtifacts(NET, options({ flavor: 'portable', freeze: ['w1', 'b1'] }));
  expect([...checkpoint.frozen.keys()]).toEqual(['w1', 'b1']);
  expect(names(training.graph.outputs)).toEqual(['loss', 'y', 'w2_grad.accumulation.out']);
  expect([...(checkpoint.frozen.get('b1')?.dims ?? [])]).toEqual([5]);
});

test('what is exported for inference is the model itself, with the parameters of the checkpoint', async () => {
  const { eval: evaluation, checkpoint } = generateArtifacts(NET, options({}));
  const model = exportInference(evaluation, checkpoint.trained, ['y']);
  expect(names(model.graph.inputs)).toEqual(['x']);
  await expectSameFunction(model, NET);
});

describe('BatchNormalization in training', () => {
  const options = { loss: 'cross-entropy', optimizer: SGD } as const;

  /** Losses, and the parameters and running statistics afterwards. */
  async function train(artifacts: Artifacts, trace: Trace) {
    const session = await TrainingSession.create(artifacts);
    session.learningRate = trace.rate;
    const losses: number[] = [];
    for (const [i, x] of trace.inputs.entries()) {
      const made = await session.runTrainStep(
        new Map([
          ['x', x],
          ['labels', trace.labels[i] as NdArray],
        ]),
      );
      losses.push(toReals(made.get('loss') as NdArray, 'loss')[0] as number);
      await session.runOptimizerStep();
      session.lazyResetGrad();
    }
    const { trained, frozen } = session.checkpoint();
    await session.close();
    return { losses, final: new Map([...trained, ...frozen]) };
  }

  test.each(['microsoft', 'portable'] as const)('trains as onnxruntime-training does: %s', async (flavor) => {
    const { eval: evaluation, checkpoint } = loadArtifacts(readArtifacts(artifactsAt('conv-sgd')));
    const model = exportInference(evaluation, new Map([...checkpoint.trained, ...checkpoint.frozen]), ['y']);
    const trace = await traceOf('conv-sgd');
    const { losses, final } = await train(generateArtifacts(model, { ...options, flavor }), trace);
    expect(apart(losses, trace.losses)).toBeLessThan(1e-5);
    expect([...final.keys()].sort()).toEqual([...trace.final.keys()].sort());
    for (const [name, tensor] of final) {
      expect(apart(tensorReals(tensor), toReals(trace.final.get(name) as NdArray, name))).toBeLessThan(1e-5);
    }
  });

  test('is left to the evaluation model as it was', () => {
    const model = build({
      inputs: { x: ['batch', 6] },
      weights: { w: [6, 4], s: [4], b: [4], m: [4], v: positive([4]) },
      nodes: ['a = MatMul(x, w)', 'y = BatchNormalization(a, s, b, m, v)'],
    });
    const made = generateArtifacts(model, { ...options, flavor: 'microsoft' });
    expect(made.eval.graph.nodes.slice(0, 2).map(({ opType }) => opType)).toEqual(['MatMul', 'BatchNormalization']);
    expect(made.training.graph.nodes.slice(0, 2).map(({ opType }) => opType)).toEqual(['MatMul', 'BatchNormInternal']);
    expect([...made.checkpoint.frozen.keys()]).toEqual(['m', 'v']);
    const portable = generateArtifacts(model, { ...options, flavor: 'portable' });
    expect(names(portable.training.graph.outputs).slice(-2)).toEqual(['m.next', 'v.next']);
    expect(portable.training.graph.nodes.filter(({ domain }) => domain !== '')).toEqual([]);
  });
});
