import { expect, test } from '@jest/globals';
import { doctor } from '../../lib/commands/doctor.js';

/** A provider that no machine of this platform has. */
const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';

test('the CPU has to work, and here it does', async () => {
  const report = await doctor({ ep: ['cpu'] });
  expect(report).toMatchObject({
    schema: 'onnx-transplant/doctor@1',
    ok: true,
    node: process.versions.node,
    onnxruntime: expect.stringMatching(/^\d+\.\d+\.\d+/),
    providers: [{ name: 'cpu', works: true, required: true, why: '', remedy: '' }],
    folders: { current: { path: process.cwd(), writable: true }, temporary: { writable: true } },
    notes: [],
  });
});

test('what was asked for and does not work makes the answer no', async () => {
  const { ok, providers } = await doctor({ ep: [elsewhere] });
  expect({ ok, names: providers.map(({ name }) => name) }).toEqual({ ok: false, names: ['cpu', elsewhere] });
  expect(providers[1]).toMatchObject({ works: false, required: true, remedy: expect.stringContaining(' only') });
});

test.each([
  ['a provider that is none', { ep: ['nonsense'] }],
  ['an inherited name', { ep: ['__proto__'] }],
  ['no time at all', { timeout: 0 }],
  ['no number', { timeout: Number.NaN }],
])('%s is refused', async (_, options) => {
  await expect(doctor(options)).rejects.toMatchObject({ code: 'USAGE' });
});

test('it can be stopped', async () => {
  const controller = new AbortController();
  const stopped = doctor({ signal: controller.signal, onProgress: () => controller.abort() });
  await expect(stopped).rejects.toMatchObject({ code: 'CANCELLED' });
});
