import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from '../../bin/parse.js';
import { trainingOptions } from '../../bin/training-options.js';
import { TransplantError } from '../../lib/errors.js';
import { tensorReals } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { temporaryFolder } from '../support/folder.js';
import { pngOf } from '../support/png.js';
import { type Ended, member, run, start } from './program.js';

const folder = temporaryFolder();
const [mlp0, mlp1] = [member('digits-mlp0'), member('digits-mlp1')];
const DATA = 'fixtures/data/digits';
const SHORT = ['--data', DATA, '--samples', '128'] as const;

const document = ({ stdout }: Ended): Record<string, unknown> => JSON.parse(stdout) as Record<string, unknown>;
const files = (): readonly string[] => readdirSync(folder.path).sort();

/** The options of a line as the library gets them. */
async function optionsOf(...words: string[]) {
  const request = await parse(['train', 'm.onnx', '--data', 'd', ...words]);
  if (typeof request === 'string') throw new Error(request);
  return trainingOptions(request.given as Parameters<typeof trainingOptions>[0]);
}

/** What a line is refused with, as the program prints it. */
async function refused(...words: string[]): Promise<string> {
  try {
    const request = await parse(words);
    if (typeof request === 'string') return request;
    const { command, models, given } = request;
    await command.run(models, given as Parameters<typeof command.run>[1], {});
    return 'nothing';
  } catch (error) {
    if (!(error instanceof TransplantError)) throw error;
    return `error[${error.code}]: ${error.message}\n  ${error.advice}`;
  }
}

describe('train', () => {
  test('as text: the rates and losses of all epochs, and what was written', async () => {
    const output = folder.at('text.onnx');
    const { code, stdout, stderr } = await run('train', mlp0, ...SHORT, '--epochs', '2', '--lr', '1e-2', '-o', output);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^training of .*digits-mlp0\.onnx: 3,466 parameters$/m);
    expect(stdout).toMatch(/^ +0 +0\.\d{4} +96\.94 %/m);
    expect(stdout).toMatch(/^ +2\*? +0\.0100 +0\.\d{4} +\d+\.\d\d % +0\.\d{4} +\d+\.\d\d % +[\d,]+$/m);
    expect(stdout).toMatch(/wrote .*text\.onnx/);
    expect(stdout).not.toContain('\u001b');
  });

  test('as one JSON document, the same numbers for the same seed', async () => {
    const words = ['train', mlp0, ...SHORT, '--epochs', '2', '--crop', '1', '--flip', '--seed', '3', '--threads', '1'];
    const [first, again] = [
      await run(...words, '--json', '-o', folder.at('a.onnx')),
      await run(...words, '--json', '-o', folder.at('b.onnx')),
    ];
    expect(document(first)).toMatchObject({
      schema: 'onnx-transplant/train@1',
      model: mlp0,
      output: { path: folder.at('a.onnx'), validated: true },
      parameters: 3466,
      before: { accuracy: expect.closeTo(349 / 360, 6) },
      history: [
        { epoch: 1, step: 2, rate: 0.01, evaluation: { loss: expect.any(Number), accuracy: expect.any(Number) } },
        { epoch: 2, step: 4 },
      ],
      notes: [],
    });
    expect(first.stderr).toBe('');
    expect(document(again).before).toEqual(document(first).before);
    expect(readFileSync(folder.at('a.onnx'))).toEqual(readFileSync(folder.at('b.onnx')));
  });

  test('only what --train names moves, and nothing that --freeze names', async () => {
    const output = folder.at('part.onnx');
    const words = [
      ...SHORT,
      '--train',
      'fc2.*',
      'fc3.*',
      '--freeze',
      '*.bias',
      '--no-keep-best',
      '--quiet',
      '-o',
      output,
    ];
    expect((await run('train', mlp0, ...words)).code).toBe(0);
    const [before, after] = [readModel(mlp0), readModel(output)];
    const moved = [...before.graph.initializers].filter(([name, tensor]) => {
      const now = after.graph.initializers.get(name);
      return (
        !now || Buffer.compare(Buffer.from(tensorReals(tensor).buffer), Buffer.from(tensorReals(now).buffer)) !== 0
      );
    });
    expect(moved.map(([name]) => name).sort()).toEqual(['fc2.weight', 'fc3.weight']);
  });

  test('on a folder of images', async () => {
    const root = folder.at('images');
    for (const [part, name, light] of [
      ['train', 'dark', 20],
      ['train', 'light', 230],
      ['test', 'light', 240],
    ] as const) {
      mkdirSync(join(root, part, name), { recursive: true });
      writeFileSync(join(root, part, name, 'one.png'), pngOf(8, new Array<number>(64).fill(light)));
    }
    const { code, stdout } = await run('train', mlp0, '--data', root, '--epochs', '30', '--dry-run', '--json');
    const { history } = JSON.parse(stdout) as { history: { accuracy: number; evaluation: { accuracy: number } }[] };
    expect(code).toBe(0);
    expect(history.at(-1)).toMatchObject({ accuracy: 1, evaluation: { accuracy: 1 } });
  });

  test('--dry-run trains and writes nothing', async () => {
    const there = files();
    const words = [...SHORT, '--dry-run', '--history', folder.at('dry.json'), '-o', folder.at('dry.onnx')];
    const { code, stdout } = await run('train', mlp0, ...words);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/dry run: nothing was written/) });
    expect(files()).toEqual(there);
  });

  test('--history as JSON and as a page', async () => {
    const [json, html] = [folder.at('history.json'), folder.at('history.html')];
    const ended = await run('train', mlp0, ...SHORT, '--history', json, '--json', '-o', folder.at('h.onnx'));
    const { history, before, epoch } = document(ended);
    expect(JSON.parse(readFileSync(json, 'utf8'))).toEqual({
      schema: 'onnx-transplant/history@1',
      model: mlp0,
      before,
      epoch,
      history,
    });
    await run('train', mlp0, ...SHORT, '--history', html, '-o', folder.at('h.onnx'));
    expect(readFileSync(html, 'utf8')).toMatch(/<svg[\s\S]*Loss[\s\S]*<svg[\s\S]*Accuracy/);
  });

  test('Ctrl-C: exit code 130, the state kept, no output', async () => {
    const output = folder.at('stopped.onnx');
    const program = start('train', mlp0, '--data', DATA, '--epochs', '100000', '-o', output);
    await new Promise((resolve) => setTimeout(resolve, 2500));
    program.kill('SIGINT');
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^error\[CANCELLED\].*\n.*--resume ".*stopped\.onnx\.checkpoint"/);
    expect(files().filter((name) => name.startsWith('stopped') || name.endsWith('.tmp'))).toEqual([
      'stopped.onnx.checkpoint',
      'stopped.onnx.checkpoint.best',
    ]);
  });
});

describe('train --check', () => {
  test('can be trained: exit code 0', async () => {
    const { code, stdout } = await run('train', mlp0, '--check', '--freeze', 'fc1.*');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^4 parameters of .* to train \(1,386 elements\), 2 frozen$/m);
    expect(stdout).toMatch(/^fc1\.weight +\[32, 64\] +2,048 +frozen$/m);
    expect(stdout).toMatch(/^can be trained$/m);
  });

  test('as JSON', async () => {
    expect(document(await run('train', mlp0, '--check', '--json'))).toMatchObject({
      schema: 'onnx-transplant/train-check@1',
      ok: true,
      missing: [],
      step: { modelNodes: 6 },
    });
  });

  test('cannot: exit code 1', async () => {
    const model = build({
      inputs: { x: ['n', 3, 3] },
      weights: { w: [3, 3] },
      nodes: ['a = MatMul(x, w)', 'd = Det(a)'],
    });
    const path = folder.put('det.onnx', encodeModel(model));
    const ended = await run('train', path, '--check', '--loss', 'mse');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toMatch(
      /^ {2}Det, 1 node, no rule tells its backward pass: Det .*\ncannot be trained; --freeze/m,
    );
  });
});

test('a folder of training artifacts: --check tells what they hold, and a training needs no more than data', async () => {
  const [artifacts, output] = [folder.at('artifacts'), folder.at('of-artifacts.onnx')];
  await run('artifacts', mlp0, '--flavor', 'microsoft', '--optimizer', 'adamw', '-o', artifacts);
  const check = await run('train', artifacts, '--check');
  expect(check.code).toBe(0);
  expect(check.stdout).toMatch(
    /^artifacts of the flavour microsoft: samples go to input, labels to labels; .*logits$/m,
  );
  expect(check.stdout).toMatch(/^their optimizer remembers momentum0 and momentum1 .*\n?.*rate 0\.001 unless told$/m);
  const ended = await run('train', artifacts, ...SHORT, '--epochs', '2', '-o', output);
  expect(ended.stdout).toMatch(/^ +0 +0\.\d{4} +96\.94 %[\s\S]*^ +2\*? +0\.00100 /m);
  expect(ended.stderr).toMatch(/^note: .*"logits"/);
  expect(await refused('train', artifacts, ...SHORT, '--momentum', '.5', '-o', output)).toMatch(
    /--momentum tells\n.*artifacts MODEL -o DIR/,
  );
});

describe('distill', () => {
  test('from two teachers', async () => {
    const words = ['--teachers', mlp0, mlp1, ...SHORT, '--epochs', '3', '--temperature', '3', '--alpha', '.5'];
    const output = folder.at('student.onnx');
    const ended = await run('distill', member('digits-mlp2'), ...words, '--json', '-o', output);
    expect(document(ended)).toMatchObject({ schema: 'onnx-transplant/train@1', output: { path: output } });
    const { history } = document(ended) as { history: { loss: number }[] };
    expect(history.at(-1)?.loss).toBeLessThan(history[0]?.loss ?? 0);
    const inspected = document(await run('inspect', output, '--json'));
    expect(inspected).toMatchObject({
      recipe: { command: 'distill', options: { teachers: 2, temperature: 3, alpha: 0.5 } },
    });
  });
});

describe('what is meant', () => {
  test('comes to the library as it was given', async () => {
    const words =
      '--lr 1e-2 --optimizer adamw --weight-decay .1 --schedule cosine --warmup 5 --clip 1 --patience 3 --no-keep-best';
    expect(await optionsOf(...words.split(' '))).toMatchObject({
      data: 'd',
      lr: 0.01,
      optimizer: 'adamw',
      weightDecay: 0.1,
      schedule: 'cosine',
      warmup: 5,
      clip: 1,
      patience: 3,
      keepBest: false,
    });
    const form =
      '--accumulate 4 --steps-per-run 8 --optimizer adamw --betas .8,.99 --epsilon 1e-6 --batch-norm frozen --variance population';
    expect(await optionsOf(...form.split(' '))).toMatchObject({
      accumulate: 4,
      stepsPerRun: 8,
      betas: [0.8, 0.99],
      epsilon: 1e-6,
      batchNorm: 'frozen',
      variance: 'population',
    });
  });

  test('lists may be given at once or one by one', async () => {
    expect(await optionsOf('--freeze', 'conv*', 'bn*', '--train', 'fc*')).toMatchObject({
      freeze: ['conv*', 'bn*'],
      train: ['fc*'],
    });
    expect(await optionsOf('--freeze', 'a', '--freeze', 'b')).toMatchObject({ freeze: ['a', 'b'] });
  });

  test('what is left out is left out', async () => {
    const given = Object.entries(await optionsOf()).filter(([, value]) => value !== undefined);
    expect(given).toEqual([['data', 'd']]);
  });
});

describe('a refusal: exit code 2, the next step on stderr, nothing written', () => {
  const out = folder.at('never.onnx');
  test.each<[string, readonly string[], RegExp]>([
    ['no data', [], /^error\[USAGE\]: .*--data\n/],
    ['no output', [...SHORT], /^error\[USAGE\]: .*\n.*-o OUT\.onnx/],
    ['no such loss', [...SHORT, '--loss', 'mae', '-o', out], /"mae" is no loss\n.*cross-entropy, bce, mse, l1/],
    ['betas of sgd', [...SHORT, '--betas', '.9,.99', '-o', out], /--optimizer adamw/],
    ['no batch at all', [...SHORT, '--accumulate', '0', '-o', out], /--accumulate/],
    ['half a step', [...SHORT, '--steps-per-run', '.5', '-o', out], /--steps-per-run/],
    ['one beta', [...SHORT, '--optimizer', 'adamw', '--betas', '.9', '-o', out], /--betas are two numbers/],
    ['an epsilon of zero', [...SHORT, '--optimizer', 'adamw', '--epsilon', '0', '-o', out], /--epsilon/],
    ['no such form', [...SHORT, '--batch-norm', 'eval', '-o', out], /--batch-norm cannot be "eval"/],
    ['no such schedule', [...SHORT, '--schedule', 'cosin', '-o', out], /--schedule cannot be "cosin"\n.*cosine/],
    ['no epoch', [...SHORT, '--epochs', '0', '-o', out], /--epochs is a number from 1 up, not 0/],
    ['a rate that is none', [...SHORT, '--lr', 'fast', '-o', out], /--lr takes a number/],
    ['a rate of zero', [...SHORT, '--lr', '0', '-o', out], /--lr/],
    ['momentum of adamw', [...SHORT, '--optimizer', 'adamw', '--momentum', '.9', '-o', out], /--optimizer sgd/],
    ['momentum of 1', [...SHORT, '--momentum', '1', '-o', out], /--momentum/],
    ['a negative border', [...SHORT, '--crop', '-1', '-o', out], /--crop/],
    [
      'no such parameter',
      [...SHORT, '--freeze', 'conv*', '-o', out],
      /no parameter .*"conv\*"\n.*Parameters: fc1\.weight/,
    ],
    ['all frozen', [...SHORT, '--freeze', '*', '-o', out], /no parameter to train/],
    ['no such input', [...SHORT, '--input', 'x', '-o', out], /no input "x"\n.*It has "/],
    ['no such output', [...SHORT, '--logits', 'x', '-o', out], /no output x\n.*Outputs: /],
    [
      'a loss for other labels',
      [...SHORT, '--loss', 'mse', '-o', out],
      /DATA_MISMATCH.*mse takes targets.*\n.*cross-entropy/,
    ],
    ['a history that is neither', [...SHORT, '--history', 'h.csv', '-o', out], /neither \.json nor \.html/],
    ['a history nowhere', [...SHORT, '--history', 'no/such/h.json', '-o', out], /OUTPUT_PATH/],
    ['no such state', [...SHORT, '--resume', 'no/such', '-o', out], /FILE_SYSTEM/],
    ['no such data', ['--data', 'no/such', '-o', out], /FILE_SYSTEM/],
    ['a folder of nothing known', ['--data', 'lib', '-o', out], /DATA_FORMAT/],
    ['too many samples', ['--data', DATA, '--samples', '9999', '-o', out], /the data set has 1437/],
    ['itself as the output', [...SHORT, '-o', mlp0], /OUTPUT_IS_INPUT/],
  ])('%s', async (_, words, message) => {
    const there = files();
    expect(await refused('train', mlp0, ...words)).toMatch(message);
    expect(files()).toEqual(there);
  });

  test('on the two streams', async () => {
    const { code, stdout, stderr } = await run('train', mlp0, ...SHORT, '-o', mlp0);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error\[OUTPUT_IS_INPUT\]: .+\n {2}\S.+\n$/);
  });

  test('distill without teachers, with a share that is none, and a teacher as the output', async () => {
    expect(await refused('distill', mlp0, ...SHORT, '--dry-run')).toMatch(/teachers\n.*--teachers A\.onnx/);
    const words = ['--teachers', mlp1, ...SHORT];
    expect(await refused('distill', mlp0, ...words, '--alpha', '2', '--dry-run')).toMatch(/--alpha is above 0/);
    expect(await refused('distill', mlp0, ...words, '-o', mlp1)).toMatch(/^error\[OUTPUT_IS_INPUT\]/);
  });
});
