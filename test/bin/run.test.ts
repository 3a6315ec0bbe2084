import { copyFileSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { temporaryFolder } from '../support/folder.js';
import { type Ended, member, run } from './program.js';

const folder = temporaryFolder();
const [cnn0, cnn1, mlp0] = [member('digits-cnn0'), member('digits-cnn1'), member('digits-mlp0')];

/** The one document on stdout. */
const document = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;

/** Files in the test's folder, hidden ones too. */
const files = (): readonly string[] => readdirSync(folder.path).sort();

describe('a command that does its work', () => {
  test('fuse: text on stdout, nothing on stderr, 0', async () => {
    const { code, stdout, stderr } = await run('fuse', cnn0, cnn1, '-o', folder.at('fused.onnx'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^group +candidates +kept +from 1 +from 2\nconv1\.weight +16 +8 +\d+ +\d+$/m);
    expect(stdout).toMatch(/wrote .*fused\.onnx/);
    expect(stdout).toMatch(/run in ONNX Runtime/);
    expect(stdout).not.toContain('\u001b');
    expect(files()).toContain('fused.onnx');
  });

  test('concat --json, then validate --against: ok', async () => {
    const wide = folder.at('wide.onnx');
    const made = await run('concat', cnn0, cnn1, '-o', wide, '--json');
    expect(document(made)).toMatchObject({
      schema: 'onnx-transplant/concat@1',
      members: [cnn0, cnn1],
      output: { path: wide, files: [wide], validated: true },
      groups: [
        { name: 'conv1.weight', size: 16 },
        { name: 'conv2.weight', size: 32 },
      ],
    });
    const checked = await run('validate', wide, '--against', cnn0, cnn1, '--json');
    expect(checked.code).toBe(0);
    expect(document(checked)).toMatchObject({ schema: 'onnx-transplant/validate@1', ok: true });
  });

  test('prune --external-data, then inspect: the recipe, the data file', async () => {
    const thin = folder.at('thin.onnx');
    const { code, stdout } = await run('prune', cnn0, '--ratio', '.5', '--external-data', '-o', thin);
    expect(code).toBe(0);
    expect(stdout).toMatch(/weights in .*thin\.onnx\.[0-9a-f]+\.data/);
    const inspected = await run('inspect', thin, '--neurons', '--json');
    expect(document(inspected)).toMatchObject({
      schema: 'onnx-transplant/inspect@1',
      recipe: { command: 'prune', options: { ratio: 0.5 } },
      neurons: { groups: [{ size: 4 }, { size: 8 }] },
    });
  });

  test('evaluate', async () => {
    const ended = await run('evaluate', mlp0, member('digits-mlp3'), '--data', 'fixtures/data/digits', '--json');
    const { models } = document(ended) as { models: { accuracy: number; samples: number }[] };
    expect(models.map(({ accuracy, samples }) => Math.round(accuracy * samples))).toEqual([349, 354]);
  });
});

describe('inspect as text', () => {
  test('tells whose neurons a fused file holds, and in which order', async () => {
    const fused = folder.at('whose.onnx');
    await run('fuse', cnn0, cnn1, '-o', fused);
    const { stdout } = await run('inspect', fused, '--neurons');
    expect(stdout).toMatch(/^neurons of +conv1\.weight: \d from digits-cnn0\.onnx, \d from digits-cnn1\.onnx$/m);
    expect(stdout).toMatch(/^ {2}in order: digits-cnn0\.onnx [\d, -]+; digits-cnn1\.onnx [\d, -]+$/m);
  });

  test('tells what nodes cost, the most costly first, and how alike models are', async () => {
    const { code, stdout } = await run('inspect', cnn0, '--nodes', '--batch', '2', '--member-similarity', cnn1);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^MACs +51,200, at batch = 2$/m);
    expect(stdout).toMatch(/^node .*\n\/conv2\/Conv +Conv +\[2, 16, 4, 4\] +36,864 +72\.0 % +2\.0 kB +1,168$/m);
    expect(stdout).toMatch(/^similarity .*digits-cnn0\.onnx and .*digits-cnn1\.onnx: 0\.\d+, neurons of their own/m);
  });

  test.each([
    [['--size', 'height'], /--size takes NAME=N, not "height"/],
    [['--size', 'height=3'], /no input .* "height"\n.*Its inputs leave open "batch"/],
    [['--batch', '0'], /--batch is a whole number from 1 up/],
    [['--member-similarity', mlp0], /MEMBERS_DIFFER/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await run('inspect', cnn0, ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});

describe('an answer that is no: exit code 1', () => {
  test('validate --against another model', async () => {
    const { code, stdout } = await run('validate', cnn0, '--against', cnn1);
    expect(code).toBe(1);
    expect(stdout).toMatch(/not ok/);
    expect(stdout).toMatch(/--atol [\d.]+ --rtol [\d.]+ would pass/);
  });

  test('validate a model with a cycle', async () => {
    const { code, stdout } = await run('validate', 'fixtures/refused/cycle.onnx', '--json');
    expect({ code, ok: document({ code, stdout, stderr: '' }).ok }).toEqual({ code: 1, ok: false });
  });
});

describe('a refusal: exit code 2, two lines on stderr, nothing on stdout, nothing written', () => {
  const out = () => folder.at('never.onnx');
  const same = folder.at('same.onnx');
  copyFileSync(cnn0, same);
  const before = readFileSync(same);

  test.each([
    ['members that differ', 'MEMBERS_DIFFER', () => ['fuse', cnn0, mlp0, '-o', out()]],
    ['no such file', 'FILE_SYSTEM', () => ['inspect', 'no/such/file.onnx']],
    ['a file that is no model', 'NOT_ONNX', () => ['inspect', 'package.json']],
    ['no output', 'USAGE', () => ['fuse', cnn0, cnn1]],
    ['an output that is an input', 'OUTPUT_IS_INPUT', () => ['fuse', same, cnn1, '-o', same]],
    ['no folder for the output', 'OUTPUT_PATH', () => ['fuse', cnn0, cnn1, '-o', folder.at('no/such/out.onnx')]],
    ['an execution provider that is none', 'EP_UNAVAILABLE', () => ['fuse', cnn0, cnn1, '--ep', 'no', '-o', out()]],
    [
      'a model with NaN',
      'NONFINITE',
      () => ['prune', 'fixtures/refused/nonfinite-nan.onnx', '--ratio', '0.5', '-o', out()],
    ],
    ['a ratio of one', 'USAGE', () => ['prune', cnn0, '--ratio', '1', '-o', out()]],
    ['an unknown option', 'USAGE', () => ['fuse', cnn0, cnn1, '--oops', '-o', out()]],
  ])('%s', async (_, error, words) => {
    const there = files();
    const { code, stdout, stderr } = await run(...words());
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(new RegExp(`^error\\[${error}\\]: .+\\n {2}\\S.+\\n$`));
    expect(files()).toEqual(there);
    expect(readFileSync(same)).toEqual(before);
  });

  test('with --json the same as a document, stderr as well', async () => {
    const ended = await run('inspect', 'no/such/file.onnx', '--json');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^error\[FILE_SYSTEM\]/);
    expect(document(ended)).toEqual({
      schema: 'onnx-transplant/error@1',
      code: 'FILE_SYSTEM',
      message: expect.stringMatching(/no\/such\/file/),
      advice: expect.any(String),
    });
  });

  test('with --verbose the stack too', async () => {
    const { stderr } = await run('inspect', 'no/such/file.onnx', '--verbose');
    expect(stderr).toMatch(/\n {2}.*Error: .*\n {2} +at /);
    expect(stderr).toMatch(/caused by/);
  });
});

describe('prune', () => {
  test('explains, proves and reaches a size, as text', async () => {
    const words = ['--target-params', '50%', '--scope', 'global', '--explain', '--mask', '--dry-run'];
    const { code, stdout, stderr } = await run('prune', cnn0, ...words);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(
      /^group conv1\.weight, 8 neurons, \d kept\n {2}scores .*; kept from .* up, against conv2\.weight$/m,
    );
    expect(stdout).toMatch(/^ratio 0\.\d+: parameters 3,914 -> 1,\d+ \(\d+ %\), MACs 25,600 -> /m);
    expect(stdout).toMatch(/^proved by masking: outputs differ by .* at most, within 1e-4$/m);
  });

  test('and as JSON', async () => {
    const words = ['--ratio', '0.5', '--ratio-for', 'bn2.weight=0.25', '--explain', '--mask', '--dry-run', '--json'];
    expect(document(await run('prune', cnn0, ...words))).toMatchObject({
      schema: 'onnx-transplant/prune@1',
      ratio: 0.5,
      target: null,
      before: { parameters: 3914, macs: 25600 },
      groups: [{ kept: 4 }, { kept: 12 }],
      mask: { inexact: [] },
      explanation: { groups: [{ name: 'conv1.weight', neurons: 8, kept: 4 }, { kept: 12 }] },
    });
  });

  test.each([
    [['--ratio-for', 'conv1'], /--ratio-for takes NAME=R, not "conv1"/],
    [['--ratio-for', 'conv1='], /NAME=R/],
    [['--ratio-for', 'conv1=x'], /NAME=R/],
    [['--ratio-for', 'a=.1', 'a=.2'], /gives "a" two ratios/],
    [[], /how much to drop/],
    [['--ratio', '.5', '--importance', 'activation'], /needs data/],
    [['--ratio', '.5', '--importance', 'taylor'], /needs data/],
    [['--ratio', '.5', '--normalize', '1/2/3'], /--normalize/],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await run('prune', cnn0, ...words, '--dry-run');
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});

describe('a dry run', () => {
  test.each([
    ['fuse', [cnn0, cnn1]],
    ['concat', [cnn0, cnn1]],
    ['prune', [cnn0, '--ratio', '0.5']],
  ])('of %s tells groups, sizes and memory, and writes nothing', async (name, words) => {
    const there = files();
    const output = folder.at('dry.onnx');
    const { code, stdout } = await run(name, ...words, '-o', output, '--dry-run');
    expect(code).toBe(0);
    expect(stdout).toMatch(/conv1\.weight +\d/);
    expect(stdout).toMatch(
      /dry run: nothing was written\nwould make [\d,]+ parameters, .* of weights; needs some .*MB of memory\n$/,
    );
    expect(files()).toEqual(there);
  });
});

test('--in-place lets the output take the place of an input', async () => {
  const path = folder.at('in-place.onnx');
  copyFileSync(cnn0, path);
  expect((await run('concat', path, cnn1, '-o', path, '--in-place')).code).toBe(0);
  expect(readFileSync(path).length).toBeGreaterThan(readFileSync(cnn0).length);
});

test('notes go to stderr, and not with --quiet', async () => {
  const model = 'fixtures/refused/opset-99.onnx';
  const loud = await run('inspect', model);
  expect({ code: loud.code, stderr: loud.stderr }).toEqual({
    code: 0,
    stderr: expect.stringMatching(/^note: opset 99 is newer/),
  });
  expect((await run('inspect', model, '--quiet')).stderr).toBe('');
  expect(document(await run('inspect', model, '--json')).notes).toHaveLength(1);
});
