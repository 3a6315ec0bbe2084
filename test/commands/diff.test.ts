import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { diff } from '../../lib/commands/diff.js';
import type { Model } from '../../lib/ir/model.js';
import { seeded } from '../../lib/ir/random.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { nudged, renamed, reordered, shuffled } from '../support/disguise.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';
import { floats } from '../support/weights.js';

const folder = temporaryFolder();
const put = (name: string, model: Model) => folder.put(`${name}.onnx`, encodeModel(model));
const fixture = (name: string) => `fixtures/members/${name}.onnx`;
const cnn = fixture('digits-cnn0');

describe('the same network', () => {
  test('itself is identical, without running', async () => {
    expect(await diff(cnn, cnn, { strict: true })).toMatchObject({ verdict: 'identical', same: true, outputs: null });
  });

  test('other names, another order in the file', async () => {
    const other = put('renamed', renamed(reordered(readModel(cnn), seeded(1)), 'z'));
    expect(await diff(cnn, other)).toMatchObject({ verdict: 'relabelled', same: true });
    expect(await diff(cnn, other, { strict: true })).toMatchObject({ verdict: 'relabelled', same: false });
  });

  test('other metadata is told', async () => {
    const other = put('noted', { ...readModel(cnn), metadata: new Map([['by', 'me']]) });
    const { verdict, header } = await diff(cnn, other);
    expect([verdict, header]).toEqual(['relabelled', [{ what: 'metadata by', before: null, after: 'me' }]]);
  });

  test('normalisations folded into their layers', async () => {
    const report = await diff(cnn, fixture('digits-cnn0-folded'));
    expect(report).toMatchObject({ verdict: 're-exported', same: true, outputs: { within: true } });
    expect(report.notes.join()).toContain('folded');
  });

  test('a Reshape that computes its target is one with a constant target', async () => {
    const layers = { w: [6, 32], b: [6] };
    const computed = build({
      inputs: { x: ['n', 2, 4, 4] },
      weights: { ...layers },
      nodes: ['f = Flatten(x)', 'y = Gemm(f, w, b) {transB: 1}'],
    });
    const other = { ...computed, opsets: new Map([['', 20]]) };
    expect(await diff(put('old', computed), put('new', other))).toMatchObject({ verdict: 're-exported', same: true });
    expect(await diff(put('old', computed), put('new', other), { run: false })).toMatchObject({
      verdict: 'unproved',
      same: false,
      outputs: null,
    });
  });

  test('its neurons in another order, where it is looked for', async () => {
    const other = put('shuffled', shuffled(readModel(cnn), seeded(5)));
    const plain = await diff(cnn, other);
    expect(plain).toMatchObject({ verdict: 'different', same: false, permutation: null });
    expect(plain.notes.join()).toContain('--permutation');
    const found = await diff(cnn, other, { permutation: true });
    expect(found).toMatchObject({ verdict: 'permuted', same: true, permutation: { same: true } });
    expect(found.outputs).toMatchObject({ within: true });
  });
});

describe('every file is itself', () => {
  const files = ['accepted', 'zoo', 'recurrent'].flatMap((name) =>
    readdirSync(`fixtures/${name}`)
      .filter((file) => file.endsWith('.onnx') && file !== 'subgraphs-32.onnx') // reads, but uses what nothing makes
      .map((file) => `fixtures/${name}/${file}`),
  );
  test.each(files)('%s', async (path) => {
    const { verdict, tensors, nodes } = await diff(path, path);
    expect(tensors.filter(({ change }) => change !== 'same')).toEqual([]);
    expect(nodes.filter(({ change }) => change !== 'same')).toEqual([]);
    expect(verdict).toBe('identical');
  });
});

describe('another network', () => {
  test('one weight that is off by 1e-3 is found and named', async () => {
    const other = put('nudged', nudged(readModel(cnn), 'conv2.weight', 100, 1e-3));
    const report = await diff(cnn, other);
    expect(report).toMatchObject({ verdict: 'different', same: false });
    const changed = report.tensors.filter(({ change }) => change !== 'same');
    expect(changed.map(({ before }) => before?.name)).toEqual(['conv2.weight']);
    const { dims = [] } = changed[0]?.before ?? {};
    const [, channels = 1, rows = 1, columns = 1] = dims;
    const size = channels * rows * columns;
    const { elements } = changed[0] ?? {};
    expect(elements).toMatchObject({ changed: 1 });
    expect(elements?.largest?.change).toBeCloseTo(1e-3, 7);
    const rest = 100 % size;
    const place = [
      Math.floor(100 / size),
      Math.floor(rest / (rows * columns)),
      Math.floor(rest / columns) % rows,
      rest % columns,
    ];
    expect(elements?.largest?.index).toEqual(place);
  });

  test('trained apart', async () => {
    const report = await diff(fixture('digits-mlp0'), fixture('digits-mlp1'), { permutation: true });
    expect(report).toMatchObject({ verdict: 'different', outputs: { within: false }, permutation: { same: false } });
    expect(report.nodes.every(({ change }) => change === 'same' || change === 'changed')).toBe(true);
  });

  test('an epsilon that random inputs do not show', async () => {
    const of = (epsilon: string) =>
      build({
        inputs: { x: ['n', 8] },
        weights: { s: [8], b: [8] },
        nodes: [`y = LayerNormalization(x, s, b) {epsilon: ${epsilon}}`],
      });
    const report = await diff(put('eps5', of('0.00001')), put('eps6', of('0.000001')));
    expect(report).toMatchObject({ verdict: 'different', same: false, outputs: { within: true } });
    expect(report.nodes[0]?.settings).toEqual([{ name: 'epsilon', before: null, after: '0.000001' }]);
    expect(report.sentence).toContain('though the outputs agree');
  });

  test('a bound that only large inputs reach', async () => {
    const of = (node: string) =>
      build({
        inputs: { x: ['n', 8] },
        weights: { lo: [], hi: [] },
        nodes: [node],
      });
    const six = of('y = Clip(x, lo, hi)');
    const at = (name: string, value: number) => nudged(nudged(six, 'lo', 0, 0), name, 0, value);
    const clip = put('clip', at('hi', 9));
    const relu = put('relu', of('y = Relu(x)'));
    expect((await diff(relu, clip)).outputs).toMatchObject({ within: false });
  });

  test('of another shape', async () => {
    const report = await diff(cnn, fixture('digits-mlp0'));
    expect(report).toMatchObject({ verdict: 'different', same: false });
    expect(report.nodes.some(({ change }) => change === 'added')).toBe(true);
    expect(report.nodes.some(({ change }) => change === 'removed')).toBe(true);
  });
});

test('a file that is no model is trouble, not a difference', async () => {
  await expect(diff(cnn, folder.put('text.onnx', 'hello'))).rejects.toEqual(refusal('NOT_ONNX'));
  await expect(diff(cnn, folder.at('missing.onnx'))).rejects.toEqual(refusal('FILE_SYSTEM'));
});

test('stops when asked to', async () => {
  await expect(diff(cnn, cnn, { signal: AbortSignal.abort() })).rejects.toEqual(refusal('CANCELLED'));
});

describe('runs that tell nothing prove nothing', () => {
  const of = (length: number, op: string) => build({ inputs: { x: [length, 4] }, nodes: [`y = ${op}(x)`] });

  test('empty outputs', async () => {
    const report = await diff(put('empty-a', of(0, 'Relu')), put('empty-b', of(0, 'Sigmoid')));
    expect(report).toMatchObject({ verdict: 'unproved', outputs: { within: true, telling: false } });
  });

  test('outputs that are NaN in both', async () => {
    const root = (node: string) =>
      build({ inputs: { x: ['n', 4] }, weights: { w: floats([Number.NaN]) }, nodes: [node, 'y = Mul(a, w)'] });
    const report = await diff(put('nan-a', root('a = Relu(x)')), put('nan-b', root('a = Sigmoid(x)')));
    expect(report).toMatchObject({ verdict: 'unproved', outputs: { telling: false } });
  });

  test('an input that claims more elements than any memory holds is not loaded', async () => {
    const huge = build({ inputs: { x: ['n', 6], 's: int64': [2 ** 52] }, nodes: ['y = Reshape(x, s)'] });
    const flat = build({ inputs: { x: ['n', 6], 's: int64': [2] }, nodes: ['y = Reshape(x, s)'] });
    const [a, b] = [put('claims', huge), put('flat', flat)];
    for (const report of [await diff(a, b), await diff(b, a)]) {
      expect(report).toMatchObject({ verdict: 'unproved', outputs: null });
      expect(report.notes.join()).toContain('random inputs would have more than');
    }
  });

  test('an output less is different, not unproved', async () => {
    const two = { inputs: { x: ['n', 4] }, nodes: ['h = Relu(x)', 'y = Neg(h)'] };
    const [a, b] = [put('ends-a', build({ ...two, outputs: ['h', 'y'] })), put('ends-b', build(two))];
    expect(await diff(a, b)).toMatchObject({ verdict: 'different', sentence: 'different in 1 input or output' });
  });
});
