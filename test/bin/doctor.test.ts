import { expect, test } from '@jest/globals';
import { run } from './program.js';

const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';

test('doctor tells of every provider, and what to do about those that do not work', async () => {
  const { code, stdout, stderr } = await run('doctor');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^cpu +works \(first run \d\.\d\d s\)/m);
  expect(stdout).toMatch(new RegExp(`^${elsewhere} +not in this build\n +-> .* only`, 'm'));
  expect(stdout).toMatch(/^ok: --ep cpu/m);
});

test('doctor --ep of what does not work: 1, and all of it as JSON', async () => {
  const { code, stdout } = await run('doctor', '--ep', elsewhere, '--json');
  expect(code).toBe(1);
  expect(JSON.parse(stdout)).toMatchObject({
    schema: 'onnx-transplant/doctor@1',
    ok: false,
    providers: [
      { name: 'cpu', works: true },
      { name: elsewhere, works: false },
    ],
  });
});

test('doctor --ep of what is none: 2', async () => {
  const { code, stderr } = await run('doctor', '--ep', 'nonsense');
  expect(code).toBe(2);
  expect(stderr).toMatch(/^error\[USAGE\]: .*"nonsense"\n {2}Known are cpu, /);
});
