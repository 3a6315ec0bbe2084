import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findOut } from '../../lib/machine/findings.js';
import { tryFolder } from '../../lib/machine/folder.js';
import { memoryOf, processorsOf, quotaIn } from '../../lib/machine/resources.js';
import { temporaryFolder } from '../support/folder.js';

const folder = temporaryFolder();

test('a folder that can be written to, in which nothing is left', () => {
  const report = tryFolder(folder.path);
  expect(report).toMatchObject({ path: folder.path, writable: true, why: '' });
  expect(report.abilities.filter(({ works }) => works).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['rename', 'sync']),
  );
  for (const { works, why } of report.abilities) expect(why === '').toBe(works);
  expect(report.caseSensitive).toBe(
    !existsSync(join(folder.path, '..', folder.path.split(/[\\/]/).at(-1)?.toUpperCase() ?? '')),
  );
  expect(report.free).toBeLessThanOrEqual(report.total ?? 0);
  expect(readdirSync(folder.path)).toEqual([]);
});

test.each([
  ['that is none', 'no/such/folder', 'ENOENT'],
  ['that is a file', 'package.json', 'ENOTDIR'],
])('a folder %s', (_, path, why) => {
  expect(tryFolder(path)).toMatchObject({ path, writable: false, why, caseSensitive: null, abilities: [] });
});

test.each([
  ['max 100000', null],
  ['150000 100000', 1.5],
  ['-1 100000', null],
  ['', null],
])('a quota of %j is %j cores', (text, cores) => {
  expect(quotaIn(text)).toBe(cores);
});

test('processors and memory are told within what there is', () => {
  const [{ cores, available, quota }, { total, free, limit, heap }] = [processorsOf(), memoryOf()];
  expect(available).toBeGreaterThanOrEqual(1);
  expect(available).toBeLessThanOrEqual(cores);
  expect(quota ?? 1).toBeGreaterThan(0);
  expect(free).toBeLessThanOrEqual(total);
  expect(limit ?? 1).toBeLessThan(total);
  expect(heap).toBeGreaterThan(2 ** 24);
});

test('the libraries of onnxruntime-node are found', async () => {
  const { libraries, platform, nvidiaGpus, nvidiaSmi } = await findOut({ timeoutSeconds: 20 });
  expect({ platform, libraries }).toEqual({
    platform: process.platform,
    libraries: expect.arrayContaining(['onnxruntime_binding.node']),
  });
  if (platform !== 'darwin') expect(nvidiaSmi === '').toBe(nvidiaGpus !== undefined);
});
