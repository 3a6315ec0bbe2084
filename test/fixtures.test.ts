import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { TransplantError } from '../lib/errors.js';
import { FIXTURES } from '../scripts/fixtures/index.js';
import { sha256 } from '../scripts/fixtures/manifest.js';
import { filesThere, fixturePath, manifest, readFixture } from './support/manifest.js';
import { runTrial } from './support/trial.js';

const entries = manifest();

describe('fixtures/', () => {
  test('holds what the manifest lists, nothing else', () => {
    expect(filesThere()).toEqual(entries.map(({ path }) => path).sort());
  });

  test('is byte for byte what the manifest says', () => {
    const wrong = entries.filter(({ path, sha256: expected }) => sha256(readFixture(path)) !== expected);
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  test('is what `npm run make-fixtures` makes', () => {
    const stale = FIXTURES.filter(({ path, bytes }) => Buffer.compare(bytes, readFixture(path)) !== 0);
    expect(stale.map(({ path }) => path)).toEqual([]);
  });
});

/** How a trial ended: `ok`, the code of a refusal, or what should never come out. */
async function resultOf(run: Promise<unknown>): Promise<string> {
  try {
    await run;
    return 'ok';
  } catch (error) {
    if (error instanceof TransplantError && error.kind === 'refused') return error.code;
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}

const trials = entries.flatMap(({ path, trials }) => trials.map((trial) => ({ path, trial })));

const titled = trials.map(({ path, trial }) => {
  const { command, result, options, with: others } = trial;
  const how = [...(others ? [`with ${others.length} more`] : []), ...(options ? [JSON.stringify(options)] : [])];
  return [[command, path, ...how].join(' '), result, path, trial] as const;
});

describe('every fixture gives what the manifest says', () => {
  test.each(titled)('%s: %s', async (_title, result, path, trial) => {
    const folder = mkdtempSync(join(tmpdir(), 'onnx-transplant-'));
    try {
      expect(await resultOf(runTrial(path, trial, folder))).toBe(result);
      const writes = ['prune', 'fuse', 'concat'].includes(trial.command) && result === 'ok';
      expect(readdirSync(folder)).toEqual(writes ? ['out.onnx'] : []);
      expect(sha256(readFixture(path))).toBe(entries.find((entry) => entry.path === path)?.sha256);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('and every file that no command is tried on belongs to one that is', () => {
    const mentioned = JSON.stringify(trials);
    const idle = entries.filter((entry) => entry.trials.length === 0).map(({ path }) => path);
    const owned = (path: string) =>
      mentioned.includes(path.split('/').slice(0, 2).join('/')) ||
      entries.some((entry) => namesBeside(entry.path, path));
    expect(idle.filter((path) => !owned(path))).toEqual([]);
  });
});

/** Whether the model at `model` names the file `path` as its external data. */
function namesBeside(model: string, path: string): boolean {
  const folder = model.slice(0, model.lastIndexOf('/') + 1);
  return (
    model.endsWith('.onnx') &&
    path.startsWith(folder) &&
    Buffer.from(readFixture(model)).includes(path.slice(folder.length).split('/')[0] as string)
  );
}

test('fixtures have plain names', () => {
  expect(entries.map(({ path }) => path).filter((path) => !/^[\w./-]+$/.test(path))).toEqual([]);
  expect(fixturePath('a/b')).toMatch(/^fixtures/);
});
