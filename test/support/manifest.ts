/** The fixtures as fixtures/manifest.json lists them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Manifest, ManifestEntry } from '../../scripts/fixtures/manifest.js';

const ROOT = 'fixtures';

/** Where a fixture lies, seen from the root of the repository. */
export const fixturePath = (path: string): string => join(ROOT, ...path.split('/'));

export const readFixture = (path: string): Uint8Array => new Uint8Array(readFileSync(fixturePath(path)));

/** All entries, in the order of their paths. */
export const manifest = (): readonly ManifestEntry[] =>
  (JSON.parse(readFileSync(fixturePath('manifest.json'), 'utf8')) as Manifest).entries;

/** All files that lie there, but the manifest itself. */
export const filesThere = (): readonly string[] =>
  readdirSync(ROOT, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).split(sep).slice(1).join('/'))
    .filter((path) => path !== 'manifest.json')
    .sort();
