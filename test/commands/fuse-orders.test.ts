import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { concat } from '../../lib/commands/concat.js';
import type { DataSource } from '../../lib/commands/data-source.js';
import { evaluate } from '../../lib/commands/evaluate.js';
import { ORDERS, type Order } from '../../lib/commands/fine-tune-options.js';
import { type FuseOptions, fuse } from '../../lib/commands/fuse.js';
import { prune } from '../../lib/commands/prune.js';
import { recipeOf } from '../../lib/commands/recipe.js';
import { train } from '../../lib/commands/train.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';

const folder = temporaryFolder();
let count = 0;
const place = (): string => folder.at(`${count++}.onnx`);
const member = (name: string): string => `fixtures/members/${name}.onnx`;
const [MLPS, CNNS] = [
  [member('digits-mlp0'), member('digits-mlp1')],
  [member('digits-cnn0'), member('digits-cnn1')],
];
const DATA = 'fixtures/data/digits';

const READ = { samples: 256, batch: 32, seed: 5 } as const;
const STEPS = { epochs: 2, lr: 0.02, momentum: 0.5, threads: 1 } as const;

/** Operators and, by name, the bits of all weights. */
function bitsOf(path: string) {
  const { nodes, initializers } = readModel(path).graph;
  const bits = [...initializers].map(([name, tensor]) => [
    name,
    Buffer.from(tensorReals(tensor).buffer).toString('hex'),
  ]);
  return { nodes: nodes.map(({ opType, inputs, outputs }) => [opType, inputs, outputs]), bits };
}

describe('an order is what its commands make, one after the other, bit for bit:', () => {
  test.each<[string, readonly string[], Partial<FuseOptions>, Partial<FuseOptions>]>([
    ['perceptrons', MLPS, {}, {}],
    ['by their average', MLPS, { method: 'average' }, { schedule: 'cosine' }],
    [
      'networks with BatchNormalization, scored on data',
      CNNS,
      { importance: 'taylor' },
      { optimizer: 'adamw', lr: 0.001 },
    ],
  ])('fuse-train of %s', async (_, members, fusing, training) => {
    const [whole, fused, trained] = [place(), place(), place()];
    const steps = { ...STEPS, ...training, ...(training.optimizer ? { momentum: undefined } : {}) };
    await fuse(members, { ...fusing, ...READ, ...steps, fineTune: DATA, output: whole });
    await fuse(members, { ...fusing, ...READ, ...(fusing.importance && { data: DATA }), output: fused });
    await train(fused, { ...READ, ...steps, data: DATA, output: trained });
    expect(bitsOf(whole)).toEqual(bitsOf(trained));
    expect(bitsOf(whole)).not.toEqual(bitsOf(fused));
  });

  test.each<[string, readonly string[], Partial<FuseOptions>]>([
    ['perceptrons', MLPS, {}],
    ['perceptrons, all layers in one ranking', MLPS, { scope: 'global', weights: [3, 1] }],
    ['networks with BatchNormalization, scored on data', CNNS, { importance: 'activation' }],
  ])('the orders with concat of %s', async (_, members, { weights, ...scoring }) => {
    const orders = ORDERS.slice(1).map((order) => ({ order, output: place() }));
    for (const each of orders) await fuse(members, { ...scoring, weights, ...READ, ...STEPS, ...each, fineTune: DATA });
    const [wide, trained, narrow, again] = [place(), place(), place(), place()];
    await concat(members, { weights, output: wide });
    await train(wide, { ...READ, ...STEPS, data: DATA, output: trained });
    await prune(trained, {
      ...scoring,
      ...READ,
      ...(scoring.importance && { data: DATA }),
      ratio: 0.5,
      output: narrow,
    });
    await train(narrow, { ...READ, ...STEPS, data: DATA, output: again });
    const [first, second] = orders.map(({ output }) => bitsOf(output));
    expect(first).toEqual(bitsOf(narrow));
    expect(second).toEqual(bitsOf(again));
  });
});

/** A member of another width, of random weights. */
const ofWidth = (width: number, seed: number): string =>
  folder.put(
    `${count++}.onnx`,
    encodeModel(
      build({
        seed,
        inputs: { x: ['batch', 4] },
        weights: { w1: [4, width], b1: [width], w2: [width, 3], b2: [3] },
        nodes: ['h = Gemm(x, w1, b1)', 'a = Relu(h)', 'y = Gemm(a, w2, b2)'],
      }),
    ),
  );

/** Two batches an epoch; nothing to be judged on. */
const own: DataSource = {
  steps: 2,
  *epoch(number) {
    for (let i = 0; i < 2; i++) {
      const data = Float32Array.from({ length: 20 }, (_, at) => Math.sin(number + 7 * i + at));
      yield { input: { dims: [5, 4], data }, label: { dims: [5], data: Int32Array.of(0, 1, 2, i, 1) } };
    }
  },
};

describe('the stages', () => {
  test('keep the widths of --like, and tell how many neurons are whose', async () => {
    const [members, output] = [[ofWidth(6, 1), ofWidth(9, 2)], place()];
    const options = { fineTune: own, order: 'concat-train-prune', output } as const;
    const { steps, fineTuning } = await fuse(members, { ...options, like: ofWidth(7, 3) });
    const [{ candidates, kept, fromMember } = { candidates: 0, kept: 0, fromMember: [] }] = steps[0] ?? [];
    expect({ candidates, kept, sum: fromMember.reduce((a, b) => a + b, 0) }).toEqual({
      candidates: 15,
      kept: 7,
      sum: 7,
    });
    expect(readModel(output).graph.initializers.get('w1')?.dims).toEqual([4, 7]);
    expect(fineTuning?.stages.map(({ stage, parameters }) => [stage, parameters])).toEqual([
      ['concat', 15 * 5 + 15 * 3 + 3],
      ['train', 15 * 5 + 15 * 3 + 3],
      ['prune', 7 * 5 + 7 * 3 + 3],
    ]);
    await fuse(members, { ...options, ratio: 0.6 });
    expect(readModel(output).graph.initializers.get('w1')?.dims).toEqual([4, 6]);
    const tooWide = fuse(members, { ...options, like: ofWidth(20, 4) });
    await expect(tooWide).rejects.toThrow(refusal('SELECTION_SIZE', 'should get 20 neurons out of 15'));
  });

  test.each(ORDERS)('of %s are judged on held-out data as evaluate judges them', async (order) => {
    const [output, stages_] = [place(), new Set<string>()];
    const onProgress = ({ stage }: { stage: string }) => stages_.add(stage.split(':')[0] as string);
    const options = { ...READ, ...STEPS, samples: undefined, fineTune: DATA, order, output, onProgress };
    const { fineTuning, notes } = await fuse(MLPS, options);
    const stages = fineTuning?.stages ?? [];
    for (const [i, { before }] of stages.entries()) expect(before).toEqual(stages[i - 1]?.after);
    const { models } = await evaluate([output], { data: DATA });
    expect(stages.at(-1)?.after?.accuracy).toBeCloseTo(models[0]?.accuracy ?? 0, 9);
    expect(stages.at(-1)?.after?.loss).toBeCloseTo(models[0]?.loss ?? 0, 5);
    expect({ order: fineTuning?.order, notes }).toEqual({ order, notes: [] });
    const named = stages.map(({ stage }, at) => (stage === 'train' && at === 3 ? 'train again' : stage));
    expect([...stages_]).toEqual(expect.arrayContaining(named));
  });

  test('stand in one recipe, without where the data lies', async () => {
    const output = place();
    const options = {
      ...READ,
      ...STEPS,
      importance: 'activation',
      fineTune: DATA,
      order: 'concat-train-prune',
    } as const;
    await fuse(MLPS, { ...options, evalData: DATA, output });
    expect(JSON.parse(recipeOf(readModel(output)) ?? '')).toMatchObject({
      command: 'fuse',
      options: {
        importance: 'activation',
        data: { name: 'digits', samples: 256 },
        fineTune: { order: 'concat-train-prune', epochs: 2, lr: 0.02, momentum: 0.5, samples: 256, batch: 32 },
      },
      inputs: MLPS.map((path) => ({ name: basename(path) })),
    });
    expect(recipeOf(readModel(output))).not.toMatch(/fixtures|evalData/);
  });

  test('--dry-run runs them all and writes nothing', async () => {
    const there = readdirSync(folder.path);
    const options = { fineTune: own, order: 'concat-train-prune-train', dryRun: true, checkpoint: place() } as const;
    const { fineTuning, output } = await fuse([ofWidth(6, 1), ofWidth(6, 2)], options);
    expect([fineTuning?.stages.length, output]).toEqual([4, undefined]);
    expect(
      readdirSync(folder.path)
        .filter((name) => !there.includes(name))
        .every((name) => /^\d+\.onnx$/.test(name)),
    ).toBe(true);
  });
});

describe('stopped, and resumed to the same bits:', () => {
  const members = [ofWidth(6, 1), ofWidth(8, 2)];
  const OPTIONS = { fineTune: own, epochs: 3, lr: 0.1, threads: 1, stepsPerRun: 1, evalData: own } as const;
  const wholes = new Map<Order, string>();

  async function whole(order: Order): Promise<string> {
    const path = wholes.get(order) ?? place();
    if (!wholes.has(order)) await fuse(members, { ...OPTIONS, order, output: path });
    wholes.set(order, path);
    return path;
  }

  /** Stops at the n-th of all steps, or when a stage tells that it has begun. */
  async function stopped(order: Order, at: number | string, options: Partial<FuseOptions> = {}): Promise<string> {
    const [output, controller] = [place(), new AbortController()];
    let steps = 0;
    const onStep = () => (++steps === at ? controller.abort() : undefined);
    const onProgress = ({ stage }: { stage: string }) => (stage === at ? controller.abort() : undefined);
    const run = fuse(members, { ...OPTIONS, ...options, order, output, signal: controller.signal, onStep, onProgress });
    await expect(run).rejects.toThrow(refusal('CANCELLED'));
    await expect(run).rejects.toMatchObject({ advice: expect.stringContaining(`--resume "${output}.checkpoint"`) });
    expect(readdirSync(folder.path).filter((name) => name === basename(output) || name.endsWith('.tmp'))).toEqual([]);
    return output;
  }

  test.each<[Order, number | string]>([
    ['fuse-train', 3],
    ['concat-train-prune', 3],
    ['concat-train-prune', 'prune: scoring'],
    ['concat-train-prune-train', 5],
    ['concat-train-prune-train', 'prune: scoring'],
    ['concat-train-prune-train', 9],
  ])('%s at %s', async (order, at) => {
    const output = await stopped(order, at);
    await fuse(members, { ...OPTIONS, order, output, resume: `${output}.checkpoint` });
    expect(readFileSync(output)).toEqual(readFileSync(await whole(order)));
  });

  test('a state of another fusion is refused', async () => {
    const resume = `${await stopped('concat-train-prune', 3)}.checkpoint`;
    const again = (options: Partial<FuseOptions>, paths: readonly string[] = members) =>
      fuse(paths, { ...OPTIONS, order: 'concat-train-prune', resume, output: place(), ...options });
    await expect(again({ importance: 'l1' })).rejects.toThrow(refusal('USAGE', 'importance "l2", not "l1"'));
    await expect(again({ order: 'fuse-train' })).rejects.toThrow(refusal('USAGE', 'fineTune'));
    await expect(again({}, [ofWidth(6, 1), ofWidth(8, 3)])).rejects.toThrow(refusal('USAGE', 'start'));
  });

  test('before the training there is no state', async () => {
    const [output, controller] = [place(), new AbortController()];
    const onProgress = ({ stage }: { stage: string }) => (stage === 'fuse: scoring' ? controller.abort() : undefined);
    const run = fuse(members, { ...OPTIONS, output, signal: controller.signal, onProgress });
    await expect(run).rejects.toMatchObject({ code: 'CANCELLED', advice: 'Nothing was written.' });
    expect(readdirSync(folder.path).filter((name) => name.startsWith(basename(output)))).toEqual([]);
  });
});

describe('refused:', () => {
  const concats = ORDERS.slice(1).map((order) => ({ fineTune: own, order }));
  test.each<[string, FuseOptions, string]>([
    ...concats.flatMap((each): [string, FuseOptions, string][] => [
      [`average in ${each.order}`, { ...each, method: 'average' }, 'it has no --method average'],
      [`ensemble in ${each.order}`, { ...each, method: 'ensemble' }, 'it has no --method ensemble'],
      [`iterative in ${each.order}`, { ...each, strategy: 'iterative' }, 'it has no --strategy iterative'],
      [`a share of neurons in ${each.order}`, { ...each, transfer: 0.5 }, 'it has no --transfer'],
    ]),
    ['an order without training', { order: 'fuse-train' }, '--order is for --fine-tune'],
    ['epochs without training', { epochs: 3 }, '--epochs is for --fine-tune'],
    ['a state without training', { resume: 'x' }, '--resume is for --fine-tune'],
    ['no epoch', { fineTune: own, epochs: 0 }, '--epochs is a number from 1 up'],
    ['an order that is none', { fineTune: own, order: 'train-fuse' as Order }, 'no order "train-fuse"'],
    ['scoring on data that is no path', { fineTune: own, importance: 'taylor' }, '--importance taylor needs data'],
  ])('%s', async (_, options, message) => {
    const there = readdirSync(folder.path);
    await expect(fuse(MLPS, { ...options, output: folder.at('never.onnx') })).rejects.toThrow(
      refusal('USAGE', message),
    );
    expect(readdirSync(folder.path)).toEqual(there);
  });

  test('an output or a state in the place of a member', async () => {
    const [first = ''] = MLPS;
    await expect(fuse(MLPS, { fineTune: DATA, output: first })).rejects.toThrow(refusal('OUTPUT_IS_INPUT'));
    const state = fuse(MLPS, { fineTune: DATA, output: folder.at('never.onnx'), checkpoint: first });
    await expect(state).rejects.toThrow(refusal('OUTPUT_IS_INPUT'));
  });
});
