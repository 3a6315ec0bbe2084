import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Model } from '../../lib/ir/model.js';
import { allBytes } from '../../lib/ir/numeric.js';
import { readModel } from '../../lib/onnx/read.js';
import { writeModel } from '../../lib/onnx/write.js';
import { build } from '../support/build.js';

const WRITER = fileURLToPath(new URL('./killed-writer.js', import.meta.url));

/** Runs the writer; its output, and the signal that ended it. */
function runWriter(args: readonly string[]): Promise<{ readonly out: string; readonly signal: string | null }> {
  const child = spawn(process.execPath, [WRITER, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  return new Promise((resolve) => child.once('close', (_, signal) => resolve({ out, signal })));
}

const sized = (label: string, width: number): Model =>
  build({
    label,
    inputs: { x: ['n', 64] },
    weights: { w: [64, width], v: [width, 3] },
    nodes: ['h = MatMul(x, w)', 'y = MatMul(h, v)'],
  });

/** Every weight of the model at `path`, read to its end. */
const weightsAt = (path: string): string =>
  [...readModel(path).graph.initializers.values()]
    .map(({ name, data }) => `${name}:${data ? Buffer.from(allBytes(data)).toString('base64') : ''}`)
    .join(' ');

const root = mkdtempSync(join(tmpdir(), 'onnx-transplant-'));
const [before, after] = [join(root, 'before.onnx'), join(root, 'after.onnx')];

beforeAll(async () => {
  await writeModel(sized('before', 16), before);
  // 2 MB: the writer hands them over in several pieces.
  await writeModel(sized('after', 8000), after);
});
afterAll(() => rmSync(root, { recursive: true }));

/** A folder with an old model, which has external data where the new one will. */
async function withOld(externalData: boolean): Promise<string> {
  const folder = mkdtempSync(join(root, 'killed-'));
  await writeModel(readModel(before), join(folder, 'out.onnx'), { externalData });
  return folder;
}

describe.each([false, true])('a writer that is killed (external data: %s)', (externalData) => {
  let calls = 0;

  beforeAll(async () => {
    const folder = await withOld(externalData);
    const { out, signal } = await runWriter([after, join(folder, 'out.onnx'), String(externalData), '0']);
    expect(signal).toBeNull();
    calls = Number(out);
    expect(weightsAt(join(folder, 'out.onnx'))).toBe(weightsAt(after));
  });

  test('leaves the old file or the new one, at every moment, and the next run works', async () => {
    expect(calls).toBeGreaterThan(5);
    const [old, made] = [weightsAt(before), weightsAt(after)];
    const found: string[] = [];
    for (let last = 1; last <= calls; last++) {
      const folder = await withOld(externalData);
      const path = join(folder, 'out.onnx');
      const { signal } = await runWriter([after, path, String(externalData), String(last)]);
      expect(signal).toBe('SIGKILL');
      const weights = weightsAt(path);
      found.push(weights === old ? 'old' : weights === made ? 'new' : `neither, before call ${last}`);
      await writeModel(readModel(after), path, { externalData });
      expect(weightsAt(path)).toBe(made);
    }
    expect([...new Set(found)]).toEqual(['old', 'new']);
    expect(found.lastIndexOf('old')).toBeLessThan(found.indexOf('new'));
  });
});

test('two runs on one output: one of them wins whole, and nothing else stays', async () => {
  const folder = mkdtempSync(join(root, 'race-'));
  const path = join(folder, 'out.onnx');
  for (let round = 0; round < 3; round++) {
    const runs = await Promise.all([before, after].map((source) => runWriter([source, path, 'false', '0'])));
    expect(runs.map(({ signal }) => signal)).toEqual([null, null]);
    expect([weightsAt(before), weightsAt(after)]).toContain(weightsAt(path));
    expect(readdirSync(folder)).toEqual(['out.onnx']);
  }
  expect(readFileSync(path).length).toBeGreaterThan(0);
});
