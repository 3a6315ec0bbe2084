/** A folder for one test file, removed afterwards. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';

export interface Folder {
  readonly path: string;
  /** The path of a file in it. */
  readonly at: (name: string) => string;
  /** Puts a file in it, and gives its path. */
  readonly put: (name: string, bytes: Uint8Array | string) => string;
}

export function temporaryFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'onnx-transplant-'));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  const at = (name: string) => join(path, name);
  const put = (name: string, bytes: Uint8Array | string) => {
    writeFileSync(at(name), bytes);
    return at(name);
  };
  return { path, at, put };
}
