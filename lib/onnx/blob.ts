/** Small files that are no models: read whole, and written whole or not at all. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileSystem, tooLarge } from '../errors.js';
import { MAX_MODEL_BYTES } from '../limits.js';
import { attempt, closeFile, openFile, readFully } from './files.js';
import { type OutputFiles, systemFiles } from './output-files.js';
import { requireWritable } from './target.js';

/** All bytes of a plain file, which may be behind a link. Throws FILE_SYSTEM, TOO_LARGE, TRUNCATED. */
export function readBlob(path: string): Uint8Array {
  const file = openFile(attempt('cannot read', path, () => realpathSync(path)));
  try {
    if (!file.plain) throw fileSystem('cannot read', path, 'it is no plain file');
    const { size } = file.identity;
    if (size > MAX_MODEL_BYTES) throw tooLarge(path, size, MAX_MODEL_BYTES);
    const bytes = new Uint8Array(size);
    readFully(file, bytes, 0);
    return bytes;
  } finally {
    closeFile(file);
  }
}

/** Whether a folder lies there, or behind a link there. Throws FILE_SYSTEM. */
export const isFolder = (path: string): boolean =>
  attempt('cannot read', path, () => statSync(path, { throwIfNoEntry: false }))?.isDirectory() ?? false;

/** Whether a plain file lies there, or behind a link there. Throws FILE_SYSTEM. */
export const isFile = (path: string): boolean =>
  attempt('cannot read', path, () => statSync(path, { throwIfNoEntry: false }))?.isFile() ?? false;

/** Makes a folder where there is none; those above it must be there. Throws FILE_SYSTEM, also where something else has its name. */
export function makeFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return;
  attempt('cannot make the folder', path, () => mkdirSync(path));
}

/** Writes bytes under another name, syncs and renames: there is the old file or the new one. Throws OUTPUT_PATH, FILE_SYSTEM. */
export function writeBlob(bytes: Uint8Array, path: string, files: OutputFiles = systemFiles): void {
  requireWritable(path);
  const folder = dirname(path);
  const temporary = join(folder, `.onnx-transplant-${randomBytes(8).toString('hex')}.tmp`);
  const fd = files.create(temporary);
  try {
    try {
      for (let done = 0; done < bytes.length; ) done += files.write(temporary, fd, bytes.subarray(done));
      files.sync(temporary, fd);
    } finally {
      files.close(temporary, fd);
    }
    files.rename(temporary, path);
  } catch (error) {
    discard(temporary, files);
    throw error;
  }
  files.syncFolder(folder);
}

/** What cannot be removed stays: the first error matters more. */
function discard(path: string, files: OutputFiles): void {
  try {
    files.remove(path);
  } catch {}
}
