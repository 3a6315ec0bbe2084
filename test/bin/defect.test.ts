import { describe, expect, test } from '@jest/globals';
import { member, runAfter } from './program.js';

const BROKEN_CLOCK = 'performance.now = () => { throw new TypeError("boom\\nand more"); };';

const THROWS_LATER = `
  const timer = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new TypeError('boom');
  });`;

const dryRun = ['fuse', member('digits-mlp0'), member('digits-mlp1'), '--dry-run'];

describe('what should not happen: exit code 3', () => {
  test('an error that is none of ours', async () => {
    const { code, stdout, stderr } = await runAfter(BROKEN_CLOCK, ...dryRun);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toMatch(/^error\[DEFECT\]: TypeError: boom\n {2}Please report this.*--verbose.*\n$/);
  });

  test('with its stack under --verbose, as JSON with --json', async () => {
    const { code, stdout, stderr } = await runAfter(BROKEN_CLOCK, ...dryRun, '--verbose', '--json');
    expect(code).toBe(3);
    expect(stderr).toMatch(/fuse\.js:\d+/);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'onnx-transplant/error@1', code: 'DEFECT' });
  });

  test('an error that nobody waits for', async () => {
    const { code, stderr } = await runAfter(THROWS_LATER, 'inspect', member('digits-mlp0'));
    expect(code).toBe(3);
    expect(stderr).toMatch(/^error\[DEFECT\]: TypeError: boom\n/);
  });
});
