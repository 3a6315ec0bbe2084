import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findNeurons, type Neurons } from '../../lib/analysis/neurons.js';
import { concat } from '../../lib/commands/concat.js';
import { fuse } from '../../lib/commands/fuse.js';
import { inspect } from '../../lib/commands/inspect.js';
import { NEURONS_KEY, picksOf } from '../../lib/commands/origins.js';
import { prune } from '../../lib/commands/prune.js';
import { train } from '../../lib/commands/train.js';
import { constantsOf } from '../../lib/ir/constants.js';
import { REAL_TYPES } from '../../lib/ir/dtype.js';
import type { Tensor } from '../../lib/ir/model.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build, members } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { positive } from '../support/weights.js';

const folder = temporaryFolder();
const fixture = (name: string) => `fixtures/members/${name}.onnx`;
const [cnn0, cnn1] = [fixture('digits-cnn0'), fixture('digits-cnn1')];
const mlps = [0, 1, 2, 3].map((i) => fixture(`digits-mlp${i}`));

/** The rows of a weight along an axis. */
function rowsOf(path: string, name: string, axis: number): readonly string[] {
  const tensor = constantsOf(readModel(path).graph).get(name);
  if (!tensor) throw new Error(`no ${name} in ${path}`);
  const values = tensorReals(tensor);
  const inner = tensor.dims.slice(axis + 1).reduce((a, b) => a * b, 1);
  const length = tensor.dims[axis] as number;
  return Array.from({ length }, (_, row) => values.filter((_, i) => Math.floor(i / inner) % length === row).join(' '));
}

/** Each neuron of a vector of the output (a bias: its values are the members' own) against the one that is named. */
async function expectNamed(path: string, paths: readonly string[], vectors: Readonly<Record<string, string>>) {
  const { provenance } = await inspect(path);
  expect(provenance?.fits).toBe(true);
  for (const [group, vector] of Object.entries(vectors)) {
    const { runs = [] } = provenance?.groups.find(({ name }) => name === group) ?? {};
    const named = picksOf(runs).map(({ member, neuron }) => rowsOf(paths[member] as string, vector, 0)[neuron]);
    expect(named).toEqual(rowsOf(path, vector, 0));
    expect(new Set(named).size).toBe(named.length);
  }
  return provenance;
}

const CNN = { 'conv1.weight': 'conv1.bias', 'conv2.weight': 'conv2.bias' };
const MLP = { 'fc1.weight': 'fc1.bias', 'fc2.weight': 'fc2.bias' };

describe('the neurons that a file names are those that it holds', () => {
  test('fuse, on the first layer whole rows', async () => {
    const output = folder.at('fused.onnx');
    const report = await fuse([cnn0, cnn1], { output });
    const provenance = await expectNamed(output, [cnn0, cnn1], { ...CNN, 'conv1.weight': 'conv1.weight' });
    expect(provenance?.members).toEqual(['digits-cnn0.onnx', 'digits-cnn1.onnx']);
    expect(provenance?.groups.map(({ fromMember }) => fromMember)).toEqual(
      report.steps[0]?.map(({ fromMember }) => fromMember),
    );
  });

  test.each(['iterative', 'hierarchical'] as const)('fuse of four, %s: in terms of the members', async (strategy) => {
    const output = folder.at(`${strategy}.onnx`);
    await fuse(mlps, { output, strategy });
    const provenance = await expectNamed(output, mlps, MLP);
    expect(provenance?.groups[0]?.fromMember.every((count) => count > 0)).toBe(true);
  });

  test('concat', async () => {
    const output = folder.at('wide.onnx');
    await concat([cnn0, cnn1], { output });
    const provenance = await expectNamed(output, [cnn0, cnn1], CNN);
    expect(provenance?.groups[0]?.runs).toEqual([
      [0, 0, 8],
      [1, 0, 8],
    ]);
  });

  test('prune, and what is pruned of a fused one goes on from its members', async () => {
    const [wide, thin, one] = [folder.at('wide2.onnx'), folder.at('thin.onnx'), folder.at('one.onnx')];
    await prune(cnn0, { ratio: 0.5, output: one });
    await expectNamed(one, [cnn0], CNN);
    await concat([cnn0, cnn1], { output: wide });
    await prune(wide, { ratio: 0.5, output: thin });
    const provenance = await expectNamed(thin, [cnn0, cnn1], CNN);
    expect(provenance?.members).toEqual(['digits-cnn0.onnx', 'digits-cnn1.onnx']);
  });

  test('concat-train-prune, at a rate that changes no number', async () => {
    const output = folder.at('orders.onnx');
    const tuning = { fineTune: 'fixtures/data/digits', samples: 32, epochs: 1, lr: 1e-30 } as const;
    await fuse(mlps.slice(0, 2), { output, order: 'concat-train-prune', ...tuning });
    await expectNamed(output, mlps.slice(0, 2), MLP);
  });

  test('grouped, with a residual stream', async () => {
    const print = {
      inputs: { x: ['n', 3, 4, 4] },
      weights: { w: [8, 3, 1, 1], g: [8, 2, 1, 1], b: [8], s: positive([8]), v: [5, 8, 1, 1] },
      nodes: ['a = Conv(x, w, b)', 'r = Relu(a)', 'c = Conv(r, g) {group: 4}', 'd = Add(r, c)', 'y = Conv(d, v)'],
    } as const;
    const paths = members(print).map((model, i) => folder.put(`grouped${i}.onnx`, encodeModel(model)));
    const output = folder.at('grouped.onnx');
    await fuse(paths, { output });
    const { provenance } = await inspect(output);
    expect(provenance?.fits).toBe(true);
    // A neuron is a group of two channels.
    const rows = (path: string) => rowsOf(path, 'b', 0);
    const named = picksOf(provenance?.groups[0]?.runs ?? []).flatMap(({ member, neuron }) =>
      rows(paths[member] as string).slice(2 * neuron, 2 * neuron + 2),
    );
    expect(named).toEqual(rows(output));
  });
});

/** The values of a vector of each neuron of a group, by its number. */
function valuesOf(
  { model, labels }: Neurons,
  name: string,
  axis: number,
  group: number,
): ReadonlyMap<number, readonly number[]> {
  const values = tensorReals(constantsOf(model.graph).get(name) as Tensor);
  const found = new Map<number, number[]>();
  labels(name, axis)?.group.forEach((own, p) => {
    if (own !== group) return;
    const neuron = labels(name, axis)?.neuron[p] as number;
    found.set(neuron, [...(found.get(neuron) ?? []), values[p] as number]);
  });
  return found;
}

describe('in every architecture of the zoo the vectors of all groups are those of the named neurons', () => {
  test.each(readdirSync('fixtures/zoo'))('%s', async (name) => {
    const files = ['dynamo-0', 'dynamo-1'].map((file) => `fixtures/zoo/${name}/${file}.onnx`);
    const output = folder.at(`${name}.onnx`);
    await fuse(files, { output });
    const { provenance } = await inspect(output);
    const [made, ...own] = [output, ...files].map((file) => findNeurons(readModel(file))) as [Neurons, ...Neurons[]];
    const constants = constantsOf(made.model.graph);
    let compared = 0;
    for (const { id, axes } of made.groups) {
      const picks = picksOf(provenance?.groups[id]?.runs ?? []);
      for (const { value, axis } of axes) {
        const tensor = constants.get(value);
        const alone = new Set(made.labels(value, axis)?.group).size === 1;
        const isVector = tensor?.dims.every((length, other) => other === axis || length === 1);
        if (!tensor || !isVector || !REAL_TYPES.has(tensor.dtype) || !alone) continue;
        compared++;
        const groups = own.map((neurons) => neurons.labels(value, axis)?.group[0] ?? -1);
        const named = picks.map(({ member, neuron }) =>
          valuesOf(own[member] as Neurons, value, axis, groups[member] as number).get(neuron),
        );
        expect([...valuesOf(made, value, axis, id)].sort(([a], [b]) => a - b).map(([, values]) => values)).toEqual(
          named,
        );
      }
    }
    expect(provenance?.fits).toBe(true);
    expect(compared).toBeGreaterThan(0);
  });
});

test('where pruning leaves other groups, it is not told whose neurons they are', async () => {
  const output = folder.at('regrouped.onnx');
  const { notes } = await prune('fixtures/zoo/attention/dynamo-0.onnx', { ratio: 0.5, heads: true, output });
  expect(notes).toContainEqual(expect.stringMatching(/other groups/));
  expect((await inspect(output)).provenance).toBeNull();
});

describe('what is no longer so is not told', () => {
  const fused = folder.at('base.onnx');
  const told = async (path: string) => (await inspect(path)).provenance;

  test('training keeps it, an average drops it', async () => {
    await fuse(mlps.slice(0, 2), { output: fused });
    const [trained, mean] = [folder.at('trained.onnx'), folder.at('mean.onnx')];
    await train(fused, { data: 'fixtures/data/digits', samples: 32, epochs: 1, output: trained });
    expect(await told(trained)).toEqual(await told(fused));
    await fuse([fused, mlps[2] as string], { method: 'average', output: mean });
    expect(await told(mean)).toBeNull();
  });

  test('a fusion of fused ones tells of these', async () => {
    const output = folder.at('again.onnx');
    await fuse([fused, mlps[2] as string], { output });
    expect((await told(output))?.members).toEqual(['base.onnx', 'digits-mlp2.onnx']);
  });

  const model = build({
    inputs: { x: ['n', 3] },
    weights: { w: [3, 4], v: [4, 2] },
    nodes: ['a = MatMul(x, w)', 'r = Relu(a)', 'y = MatMul(r, v)'],
  });
  const noted = (text: string) =>
    folder.put('noted.onnx', encodeModel({ ...model, metadata: new Map([[NEURONS_KEY, text]]) }));
  const origins = (name: string, runs: readonly (readonly number[])[]) =>
    JSON.stringify({ schema: 'onnx-transplant/neurons@1', members: ['m'], factors: 'outer', groups: [{ name, runs }] });

  test.each([
    ['the width of another model', origins('w', [[0, 0, 3]]), false],
    ['another group', origins('u', [[0, 0, 4]]), false],
    ['what fits', origins('w', [[0, 2, 4]]), true],
  ])('%s', async (_, text, fits) => {
    expect(await told(noted(text))).toMatchObject({ fits });
  });

  test.each([
    ['no JSON', 'x'],
    ['a member that is not there', origins('w', [[1, 0, 4]])],
    ['a negative number', origins('w', [[0, -1, 4]])],
    [
      'a run of none',
      origins('w', [
        [0, 0, 0],
        [0, 0, 4],
      ]),
    ],
    ['another schema', '{"schema":"x"}'],
  ])('%s cannot be read', async (_, text) => {
    const { provenance, notes } = await inspect(noted(text));
    expect({ provenance, notes }).toEqual({ provenance: null, notes: [expect.stringMatching(/cannot be read/)] });
  });
});
