import { describe, expect, test } from '@jest/globals';
import { tryInChild } from '../../lib/machine/try-provider.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();

test('the CPU works in a process of its own', async () => {
  const trial = await tryInChild('cpu', { timeoutSeconds: 30 });
  expect(trial).toMatchObject({ name: 'cpu', offered: true, works: true, why: '' });
  expect(trial.seconds).toBeGreaterThan(0);
});

test.each([
  ['qnn', /this build of onnxruntime-node does not have it/],
  ['nonsense', /no such provider/],
])('%s is not tried', async (name, why) => {
  const trial = await tryInChild(name, { timeoutSeconds: 5, script: 'no/such/script.js' });
  expect(trial).toMatchObject({ offered: false, works: false, why: expect.stringMatching(why), seconds: null });
});

/** What the real script would print. */
const answer = (said: object): string =>
  `console.log(JSON.stringify({ provider: 'cpu', works: true, why: '', seconds: 0.5, ...${JSON.stringify(said)} }))`;

describe('a driver that misbehaves is reported', () => {
  let scripts = 0;
  const tried = (script: string, timeoutSeconds = 20) =>
    tryInChild('cpu', { timeoutSeconds, script: folder.put(`${++scripts}.mjs`, script) });

  test.each([
    ['crashes', 'process.abort()', /^its process (crashed \(SIG|ended with code )/],
    ['ends with a code', 'process.exit(3)', /^its process ended with code 3$/],
    ['throws', `throw new Error('broken')`, /^its process ended with code 1$/],
    ['says nothing', '', /gave no answer/],
    ['prints junk', `console.log('{junk'); console.log('{"works": 1}'); console.log('\\u0000')`, /gave no answer/],
    ['answers for another', answer({ provider: 'cuda' }), /gave no answer/],
    ['answers in other types', answer({ seconds: 'soon' }), /gave no answer/],
    ['says no', answer({ works: false, why: 'no device' }), /^no device$/],
    ['works and then crashes', `${answer({})}; process.abort()`, /^it ran a model, but then its process/],
    ['works and then hangs', `${answer({})}; process.kill(process.pid, 'SIGSEGV')`, /^it ran a model, but then/],
  ])('%s', async (_, script, why) => {
    expect(await tried(script)).toMatchObject({ offered: true, works: false, why: expect.stringMatching(why) });
  });

  test(`the loader's words, which ONNX Runtime only logs, are the reason`, async () => {
    const log = `\u001b[1;31m2026 [E:onnxruntime:, provider_bridge_ort.cc:1 Create] Failed to load library /a/b.so with error: libx.so.1: cannot open`;
    const said = answer({ works: false, why: 'Failed to load' });
    const trial = await tried(`console.error(${JSON.stringify(`${log}\n${log}\u001b[m\nother`)}); ${said}`);
    expect(trial).toMatchObject({ why: 'Failed to load (libx.so.1: cannot open)', stderr: 'other' });
  });

  test('hangs', async () => {
    expect(await tried('setInterval(() => {}, 1000)', 0.4)).toMatchObject({
      works: false,
      why: 'it did not answer within 0.4 s and was stopped',
      seconds: null,
    });
  });

  test('its noise does not hide the answer, and its last words are kept', async () => {
    const noise = `for (let i = 0; i < 50; i++) console.error('warning ' + i); console.log('{"a": 1}');`;
    const trial = await tried(`${noise} ${answer({})}; console.log('bye')`);
    expect(trial).toMatchObject({ works: true, seconds: 0.5 });
    expect(trial.stderr.split('\n')).toEqual(Array.from({ length: 8 }, (_, i) => `warning ${42 + i}`));
  });
});
