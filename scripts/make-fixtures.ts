/**
 * `npm run make-fixtures`: builds the hostile, broken and unusual files under fixtures/accepted and fixtures/refused anew,
 * byte for byte the same each time, and writes fixtures/manifest.json. Members, data and expected results are not made here
 * but described there.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Fixture } from './fixtures/fixture.js';
import { FIXTURES } from './fixtures/index.js';
import { manifestText } from './fixtures/manifest.js';
import { STORED } from './fixtures/stored.js';

const ROOT = fileURLToPath(new URL('../../fixtures/', import.meta.url));

function write({ path, bytes }: Fixture): void {
  mkdirSync(dirname(join(ROOT, path)), { recursive: true });
  writeFileSync(join(ROOT, path), bytes);
}

function requireUnique(fixtures: readonly Fixture[]): void {
  const seen = new Set<string>();
  for (const { path } of fixtures) {
    if (seen.has(path)) throw new Error(`two fixtures are called ${path}`);
    seen.add(path);
  }
}

for (const folder of ['accepted', 'refused']) rmSync(join(ROOT, folder), { recursive: true, force: true });
FIXTURES.forEach(write);
const stored = STORED.map((each) => ({ ...each, bytes: new Uint8Array(readFileSync(join(ROOT, each.path))) }));
const all = [...FIXTURES, ...stored];
requireUnique(all);
writeFileSync(join(ROOT, 'manifest.json'), manifestText(all));
console.log(`${FIXTURES.length} fixtures made, ${stored.length} described`);
