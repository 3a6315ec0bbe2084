import { describe, expect, test } from '@jest/globals';
import { parse } from '../../bin/parse.js';
import { temporaryFolder } from '../support/folder.js';
import { member, run } from './program.js';

const folder = temporaryFolder();
const members = [member('digits-mlp0'), member('digits-mlp1')];
const WORDS = ['--fine-tune', 'fixtures/data/digits', '--samples', '128', '--epochs', '2', '--lr', '.02'];

describe('fuse --fine-tune', () => {
  test('as text: the stages with what each made of the model, and the epochs of each training', async () => {
    const order = ['--order', 'concat-train-prune-train'];
    const { code, stdout, stderr } = await run('fuse', ...members, ...WORDS, ...order, '-o', folder.at('a.onnx'));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^order concat-train-prune-train$/m);
    expect(stdout).toMatch(/^concat +8,970 +0\.\d{4} +98\.33 % +\d+\.\d\d s$/m);
    expect(stdout).toMatch(/^train +8,970 +0\.\d{4} +\d+\.\d\d % +[12] of 2 +\d+\.\d\d s$/m);
    expect(stdout).toMatch(/^prune +3,466 +0\.\d{4} +\d+\.\d\d % +\d+\.\d\d s$/m);
    expect(stdout).toMatch(
      /^the training after concat, of which epoch [12] was kept$[\s\S]*^the training after prune, /m,
    );
    expect(stdout).toMatch(/^wrote .*a\.onnx: 3,466 parameters/m);
  });

  test('as one JSON document', async () => {
    const { stdout } = await run(
      'fuse',
      ...members,
      ...WORDS,
      '--method',
      'average',
      '--json',
      '-o',
      folder.at('b.onnx'),
    );
    expect(JSON.parse(stdout)).toMatchObject({
      schema: 'onnx-transplant/fuse@1',
      method: 'average',
      fineTuning: {
        order: 'fuse-train',
        stages: [
          { stage: 'fuse', parameters: 3466, after: { accuracy: expect.closeTo(0.8833, 4) } },
          { stage: 'train', before: { accuracy: expect.closeTo(0.8833, 4) }, history: [{ epoch: 1 }, { epoch: 2 }] },
        ],
      },
    });
  });

  test('without data: exit code 2', async () => {
    const { code, stderr } = await run('fuse', ...members, '--epochs', '2', '-o', folder.at('c.onnx'));
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringMatching(/^error\[USAGE\]: --epochs is for --fine-tune\n {2}Add --fine-tune .*\n$/),
    });
  });

  test('the shell completes orders and names of parameters', async () => {
    const completions = async (...words: string[]) =>
      String(await parse(['--get-yargs-completions', 'onnx-transplant', 'fuse', members[0] as string, ...words]));
    expect(await completions('--order', '')).toBe('fuse-train\nconcat-train-prune\nconcat-train-prune-train');
    expect(await completions('--freeze', 'fc2')).toBe('fc2.weight\nfc2.bias');
  });
});
