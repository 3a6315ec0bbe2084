import { describe, expect, test } from '@jest/globals';
import { type ChildOptions, runChild } from '../../lib/machine/child.js';

const node = (script: string, options: Partial<ChildOptions> = {}) =>
  runChild(process.execPath, ['-e', script], { timeoutSeconds: 20, ...options });

describe('a process', () => {
  test('that ends well', async () => {
    const end = await node(`console.log('out'); console.error('err')`);
    expect(end).toMatchObject({
      code: 0,
      signal: null,
      timedOut: false,
      failure: '',
      stdout: 'out\n',
      stderr: 'err\n',
    });
    expect(end.seconds).toBeGreaterThan(0);
  });

  test('that ends with a code', async () => {
    expect(await node('process.exit(7)')).toMatchObject({ code: 7, signal: null });
  });

  test('that does not end is ended', async () => {
    const end = await node('setInterval(() => {}, 1000)', { timeoutSeconds: 0.3 });
    expect(end).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true });
    expect(end.seconds).toBeLessThan(10);
  });

  test('that prints much is kept to its end', async () => {
    const { stdout } = await node(`process.stdout.write('x'.repeat(300_000) + 'end')`);
    expect(stdout).toHaveLength(2 ** 16);
    expect(stdout).toMatch(/xend$/);
  });

  test('that leaves another one behind, which holds its streams, is not waited for', async () => {
    const left = `require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => {}, 5000)'], { stdio: 'inherit' }).unref()`;
    const end = await node(`${left}; process.exit(0)`);
    expect(end.code).toBe(0);
    expect(end.seconds).toBeLessThan(4.5);
  });

  test('that cannot be started', async () => {
    const end = await runChild('no-such-program-anywhere', [], { timeoutSeconds: 5 });
    expect(end).toMatchObject({ code: null, failure: 'ENOENT' });
  });

  test('that is not wanted any more', async () => {
    const controller = new AbortController();
    const running = node('setInterval(() => {}, 1000)', { signal: controller.signal });
    controller.abort();
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(node('1', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
