import { describe, expect, test } from '@jest/globals';
import { offeredProviders, PROVIDERS, requireProvider, tryProvider } from '../../lib/runtime/providers.js';

test('the CPU is offered and works', async () => {
  expect(offeredProviders()).toContain('cpu');
  await expect(tryProvider('cpu')).resolves.toMatchObject({ offered: true, works: true, why: '' });
});

describe('a provider that does not work here', () => {
  const elsewhere = process.platform === 'darwin' ? 'dml' : 'coreml';

  test('is reported with what it needs', async () => {
    const status = await tryProvider(elsewhere);
    expect(status).toMatchObject({ name: elsewhere, offered: false, works: false, needs: PROVIDERS.get(elsewhere) });
    expect(status.why).toContain('does not have it');
  });

  test.each([elsewhere, 'nonsense', '__proto__', ''])('%j is refused', async (name) => {
    await expect(requireProvider(name)).rejects.toMatchObject({
      code: 'EP_UNAVAILABLE',
      kind: 'refused',
      advice: expect.stringMatching(/onnx-transplant doctor/),
    });
  });
});

test('every provider either works or says why not', async () => {
  for (const name of PROVIDERS.keys()) {
    const { works, why } = await tryProvider(name);
    expect(why === '').toBe(works);
    expect(why).not.toMatch(/\n|\.(cc|h):\d/);
  }
});
