import { describe, expect, test } from '@jest/globals';
import { PLAIN } from '../../bin/style.js';
import { diffText } from '../../bin/text/diff.js';
import { diff } from '../../lib/commands/diff.js';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';
import { nudged } from '../support/disguise.js';
import { temporaryFolder } from '../support/folder.js';
import { floats } from '../support/weights.js';
import { member, run } from './program.js';

const folder = temporaryFolder();
const [cnn, folded, mlp] = ['digits-cnn0', 'digits-cnn0-folded', 'digits-mlp0'].map(member) as [string, string, string];

describe('the exit code is the answer', () => {
  test('0: the same', async () => {
    const { code, stdout, stderr } = await run('diff', cnn, folded);
    expect([code, stdout]).toEqual([0, expect.stringContaining('same function, re-exported')]);
    expect(stdout).toMatch(/^- BatchNormalization .*removed$/m);
    expect(stderr).toContain('note: some members have BatchNormalization folded');
  });

  test('1: different, with what differs by name', async () => {
    const other = folder.put('other.onnx', encodeModel(nudged(readModel(cnn), 'conv1.weight', 5, 1e-3)));
    const { code, stdout } = await run('diff', cnn, other);
    expect(code).toBe(1);
    expect(stdout).toContain('different in 1 node and 1 weight');
    expect(stdout).toMatch(/^conv1\.weight +1 of 72 .* 0\.001 at \[0, 0, 1, 2\]: /m);
  });

  test('1: the same, but not identical, where only that counts', async () => {
    expect((await run('diff', cnn, folded, '--strict', '--quiet')).code).toBe(1);
  });

  test('2: trouble', async () => {
    const missing = await run('diff', cnn, 'no/such/file.onnx');
    expect([missing.code, missing.stdout]).toEqual([2, '']);
    expect(missing.stderr).toContain('error[FILE_SYSTEM]');
    const alone = await run('diff', cnn);
    expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('diff takes two models')]);
    const third = await run('diff', cnn, folded, mlp);
    expect([third.code, third.stderr]).toEqual([2, expect.stringContaining('is one too many')]);
  });
});

test('long lists are cut unless all is asked for', async () => {
  const lines = async (...words: readonly string[]) =>
    (await run('diff', cnn, cnn, ...words)).stdout.split('\n').length;
  expect(await lines('--all')).toBeGreaterThan(await lines());
});

describe('the text', () => {
  const put = (name: string, model: Parameters<typeof encodeModel>[0]) => folder.put(name, encodeModel(model));
  const linesOf = async (a: string, b: string, width: number) =>
    diffText(await diff(a, b), true, { width, style: PLAIN }).split('\n');

  test('fits a terminal of 80 columns, with nothing left out', async () => {
    const long = (seed: number, prefix: string) => {
      const weight = `${prefix}.backbone.layers.17.attention.projection.weight`;
      return build({
        inputs: { x: ['batch', 3, 4, 4] },
        weights: { [weight]: [64, 3, 3, 3], scale: [64], only: [seed, 4] },
        nodes: [
          `${prefix}_backbone_layers_17_attention_projection = Conv(x, ${weight})`,
          `y = InstanceNormalization(${prefix}_backbone_layers_17_attention_projection, scale, scale)`,
        ],
        seed,
      });
    };
    const [a, b] = [put('first.onnx', long(1, 'student')), put('second.onnx', long(2, 'teacher'))];
    const [title = '', ...lines] = await linesOf(a, b, 80);
    expect(title).toContain('second.onnx');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    const all = lines.join('\n');
    for (const word of ['InstanceNormalization', '1,728 of 1,728', 'float32 [1, 4] -> float32 [2, 4]'])
      expect(all).toContain(word);
    expect((await linesOf(a, b, Number.POSITIVE_INFINITY)).join('\n')).toMatch(/1,728 of 1,728 .* at \[\d+, /);
  });

  test('tells NaN from infinity', async () => {
    const of = (value: number) =>
      build({ inputs: { x: [2] }, weights: { w: floats([value, 1]) }, nodes: ['y = Add(x, w)'] });
    const [a, b] = [put('nan.onnx', of(Number.NaN)), put('low.onnx', of(Number.NEGATIVE_INFINITY))];
    expect((await linesOf(a, b, 120)).join('\n')).toContain('infinite at [0]: NaN -> -infinite');
  });
});
