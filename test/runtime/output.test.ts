import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

/** Runs a script that may import `session` and `providers`, in a process of its own. */
function run(script: string) {
  const url = (file: string) => new URL(`../../lib/runtime/${file}.js`, import.meta.url).href;
  const imports = `import { openSession } from '${url('session')}'; import { tryProvider } from '${url('providers')}';`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', imports + script], { encoding: 'utf8' });
}

test('ONNX Runtime prints nothing beside the error that it throws', () => {
  const { status, stdout, stderr } = run(`
    const codes = [];
    const note = (error) => codes.push(error.code);
    await openSession('nowhere.onnx').catch(note);
    await openSession(new Uint8Array(3)).catch(note);
    const session = await openSession('fixtures/members/digits-mlp0.onnx');
    await session.run(new Map()).catch(note);
    await tryProvider('cuda');
    process.exitCode = codes.join() === 'RUNTIME_LOAD,RUNTIME_LOAD,RUNTIME_RUN' ? 0 : 1;
  `);
  expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: '', stderr: '' });
});
