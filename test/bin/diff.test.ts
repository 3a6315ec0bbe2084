import { describe, expect, test } from '@jest/globals';
import { readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { nudged } from '../support/disguise.js';
import { temporaryFolder } from '../support/folder.js';
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
