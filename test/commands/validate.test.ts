import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { validate } from '../../lib/commands/validate.js';
import type { ValidateReport } from '../../lib/commands/validate-report.js';
import { linear, tinyModel } from '../runtime/models.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();
const [mlp0, mlp1] = ['fixtures/members/digits-mlp0.onnx', 'fixtures/members/digits-mlp1.onnx'];

const failed = ({ checks }: ValidateReport) =>
  checks.filter(({ result }) => result === 'failed').map(({ name }) => name);

/** y = x W with other names of input and output. */
const named = (input: string, output: string, weight: number) =>
  tinyModel({
    nodes: [['MatMul', [input, 'W'], [output]]],
    inputs: [{ name: input, dims: ['batch', 1] }],
    outputs: [{ name: output, dims: ['batch', 1] }],
    weights: [['W', [1, 1], [weight]]],
  });

describe('a sound model', () => {
  test('passes, with nothing to compare', async () => {
    const report = await validate(mlp0);
    expect(report).toMatchObject({
      schema: 'onnx-transplant/validate@1',
      model: mlp0,
      ok: true,
      comparison: null,
      notes: [],
    });
    expect(report.checks.map(({ name, result }) => [name, result])).toEqual([
      ['structure', 'passed'],
      ['shapes', 'passed'],
      ['runtime', 'passed'],
      ['outputs', 'skipped'],
    ]);
  });

  test('passes against itself with no tolerance at all', async () => {
    const report = await validate(mlp0, { against: [mlp0], atol: 0, rtol: 0 });
    expect(report).toMatchObject({ ok: true, comparison: { members: [mlp0], wouldPass: 0 } });
  });

  test('fails against another, and passes with the tolerance that the report names', async () => {
    const report = await validate(mlp0, { against: [mlp1] });
    expect(report.ok).toBe(false);
    expect(failed(report)).toEqual(['outputs']);
    const t = report.comparison?.wouldPass ?? 0;
    expect((await validate(mlp0, { against: [mlp1], atol: t, rtol: t })).ok).toBe(true);
    expect((await validate(mlp0, { against: [mlp1], atol: t / 2, rtol: t / 2 })).ok).toBe(false);
  });
});

describe('against several', () => {
  const model = (name: string, weight: number) => folder.put(`${name}.onnx`, linear([[weight]]));
  const [one, two, three] = [model('one', 1), model('two', 2), model('three', 3)] as const;

  test('their mean is expected', async () => {
    expect((await validate(two, { against: [one, three] })).ok).toBe(true);
    expect((await validate(two, { against: [one, two] })).ok).toBe(false);
  });

  test('inputs and outputs of other names go by their position', async () => {
    const [a, b] = [folder.put('a.onnx', named('x', 'y', 2)), folder.put('b.onnx', named('image', 'scores', 2))];
    const report = await validate(a, { against: [b, two] });
    expect(report).toMatchObject({ ok: true, comparison: { outputs: [{ name: 'y', within: true }] } });
  });

  test('another number of inputs is refused', async () => {
    const sum = tinyModel({
      nodes: [['Add', ['x', 'z'], ['logits']]],
      inputs: ['x', 'z'].map((name) => ({ name, dims: ['batch', 1] })),
      outputs: [{ name: 'logits', dims: ['batch', 1] }],
    });
    const path = folder.put('sum.onnx', sum);
    await expect(validate(two, { against: [path] })).rejects.toMatchObject({ code: 'MEMBERS_DIFFER' });
    await expect(validate(path, { against: [two] })).rejects.toMatchObject({ code: 'MEMBERS_DIFFER' });
  });

  test('a member that does not load is an error, not an answer', async () => {
    const strange = 'fixtures/refused/custom-op.onnx';
    await expect(validate(two, { against: [strange] })).rejects.toMatchObject({ code: 'RUNTIME_LOAD' });
  });
});

describe('inputs from a file', () => {
  test('are used: the outputs that PyTorch had', async () => {
    const report = await validate(mlp0, { inputs: 'fixtures/expected/digits-mlp0.npz', against: [mlp0] });
    expect(report.comparison?.outputs).toMatchObject([{ name: 'logits', elements: 320 }]);
  });

  test('must have an array for each input', async () => {
    const path = folder.put('y.onnx', named('y', 'z', 1));
    await expect(validate(path, { inputs: 'fixtures/expected/digits-mlp0.npz' })).rejects.toMatchObject({
      code: 'DATA_MISMATCH',
      message: expect.stringMatching(/"y"; it holds .*"input"/),
    });
  });
});

describe('a model that is not sound is an answer', () => {
  test.each([
    ['cycle', ['structure', 'runtime']],
    ['shape-conflict', ['shapes', 'runtime']],
    ['runtime-run', ['runtime']],
    ['unknown-op', ['runtime']],
    // ONNX Runtime sorts nodes itself, the format does not allow it.
    ['unsorted', ['structure']],
  ])('%s fails in %j', async (name, checks) => {
    const report = await validate(`fixtures/refused/${name}.onnx`);
    expect({ ok: report.ok, failed: failed(report) }).toEqual({ ok: false, failed: expect.arrayContaining(checks) });
  });

  test('what stands after a failed check is skipped', async () => {
    const { checks, comparison } = await validate('fixtures/refused/cycle.onnx', { against: [mlp0] });
    expect(checks.filter(({ result }) => result === 'skipped').map(({ name }) => name)).toEqual(['shapes', 'outputs']);
    expect(comparison).toBeNull();
  });
});

describe('what is no answer', () => {
  test.each([
    ['a file that cannot be read', 'no/such.onnx', {}, 'FILE_SYSTEM'],
    ['a file that is no model', 'package.json', {}, 'NOT_ONNX'],
    ['a provider that does not work', mlp0, { ep: 'none' }, 'EP_UNAVAILABLE'],
    ['a negative tolerance', mlp0, { atol: -1 }, 'USAGE'],
    ['a tolerance that is no number', mlp0, { rtol: Number.NaN }, 'USAGE'],
  ])('%s', async (_, path, options, code) => {
    await expect(validate(path, options)).rejects.toMatchObject({ code });
  });

  test('to be stopped', async () => {
    await expect(validate(mlp0, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test('outputs that are not finite are a note', async () => {
  const path = folder.put('nan.onnx', linear([[Number.NaN]]));
  expect(await validate(path)).toMatchObject({ ok: true, notes: [expect.stringMatching(/"logits" holds NaN/)] });
});

test('the file is not touched', async () => {
  const before = readFileSync(mlp0);
  await validate(mlp0, { against: [mlp1] });
  expect(readFileSync(mlp0)).toEqual(before);
});
