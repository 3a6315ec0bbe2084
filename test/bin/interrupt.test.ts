import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { writeModel } from '../../lib/onnx/write.js';
import { randomMlp } from '../../scripts/bench/mlp.js';
import { temporaryFolder } from '../support/folder.js';
import { start } from './program.js';

const folder = temporaryFolder();
const members = [folder.at('a.onnx'), folder.at('b.onnx')];

/** Waits for the temporary file of an output, which stands there while it is written and run. */
async function writing(): Promise<void> {
  while (!readdirSync(folder.path).some((name) => name.endsWith('.tmp'))) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

beforeAll(async () => {
  for (const [seed, path] of members.entries()) await writeModel(randomMlp(1024, seed + 1), path);
});

describe('Ctrl-C while an output is written', () => {
  test.each([
    ['SIGINT', []],
    ['SIGTERM', []],
    ['SIGINT', ['--external-data']],
  ] as const)('%s %j: exit code 130, nothing left behind', async (signal, options) => {
    const program = start('fuse', ...members, '--method', 'ensemble', '-o', folder.at('out.onnx'), ...options);
    await writing();
    program.kill(signal);
    const { code, stdout, stderr } = await program.ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/^error\[CANCELLED\]: .*\n {2}Nothing was written\.\n$/);
    expect(readdirSync(folder.path).sort()).toEqual(['a.onnx', 'b.onnx']);
  });
});

test('Ctrl-C while neurons are scored', async () => {
  // All pairs of 1024 neurons: some seconds.
  const program = start('prune', ...members.slice(0, 1), '--ratio', '0.5', '--importance', 'fpgm', '--dry-run');
  await new Promise((resolve) => setTimeout(resolve, 1200));
  program.kill('SIGINT');
  const { code, stderr } = await program.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: expect.stringMatching(/^error\[CANCELLED\]/) });
});
