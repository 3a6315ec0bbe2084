/** Where a model may be written: not over a folder or a device, and not over what it was made from. */
import { lstatSync, statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { fileSystem, outputIsInput, outputPath, TransplantError } from '../errors.js';
import { type Identity, sameFile, systemCode } from './files.js';
import { filesOf } from './provenance.js';
import { readModel } from './read.js';

type Look = typeof statSync | typeof lstatSync;

/** What lies at a path; undefined if nothing does. */
function lookAt(path: string, look: Look) {
  try {
    return look(path, { bigint: true });
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR') return undefined;
    throw fileSystem('cannot read', path, cause);
  }
}

/** Refuses with OUTPUT_PATH a path where no file can be put. A link there is fine: it will be replaced. */
export function requireWritable(path: string): void {
  if (basename(path) === '' || /[\\/]$/.test(path)) throw outputPath(path, 'it names a folder');
  if (path.includes('\0')) throw outputPath(path, 'it contains a zero byte');
  const folder = lookAt(dirname(path), statSync);
  if (!folder) throw outputPath(path, 'its folder does not exist');
  if (!folder.isDirectory()) throw outputPath(path, 'what should be its folder is a file');
  const there = lookAt(path, lstatSync);
  if (there?.isDirectory()) throw outputPath(path, 'it is a folder');
  if (there && !there.isFile() && !there.isSymbolicLink()) throw outputPath(path, 'it is no plain file');
}

/** The files behind an input: itself, and the external data if it is a model. */
function inputFiles(path: string): readonly Pick<Identity, 'dev' | 'ino'>[] {
  const own = lookAt(path, statSync);
  if (!own) return [];
  if (!own.isFile()) return [own];
  try {
    return [own, ...filesOf(readModel(path)).values()];
  } catch (error) {
    // Whoever reads it as a model refuses it; a checkpoint, a data set or a broken model has no files beside it.
    if (error instanceof TransplantError && error.kind === 'refused') return [own];
    throw error;
  }
}

/** Refuses with OUTPUT_IS_INPUT a path that leads to one of the inputs, or to external data of one. */
export function requireNoInput(path: string, inputs: readonly string[]): void {
  const output = lookAt(path, statSync);
  if (!output) return;
  if (inputs.some((input) => inputFiles(input).some((file) => sameFile(file, output)))) throw outputIsInput(path);
}
