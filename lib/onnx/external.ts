/**
 * Tensors whose elements lie in a file beside the model. A model is somebody else's: it must not make us read what it
 * does not own, so the file must be a plain one with a single name, in or below the model's folder, reached without links.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { externalFile, externalPath, externalRange, fileSystem, tensorSize } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import { closeFile, type Identity, openFile, sameFile, systemCode } from './files.js';
import { type Location, parseLocation } from './location.js';
import type { EntryProto } from './messages.js';
import { fileRange } from './range.js';

/** Gives the elements that a tensor's `external_data` points to. `expected` is their length by shape and type. */
export type ExternalReader = (tensor: string, entries: readonly EntryProto[], expected: number | undefined) => Bytes;

/** What lies at `path` itself, links not followed. Throws EXTERNAL_FILE if nothing does. */
function look(tensor: string, location: string, path: string) {
  try {
    return lstatSync(path, { bigint: true });
  } catch (cause) {
    const missing = systemCode(cause) === 'ENOENT' || systemCode(cause) === 'ENOTDIR';
    throw missing ? externalFile(tensor, location, 'does not exist') : fileSystem('cannot read', path, cause);
  }
}

/** Opens a data file once, to see that it is harmless, and says which one it is. */
function admit(tensor: string, { location, steps }: Location, folder: string): Identity {
  let path = folder;
  for (const step of steps.slice(0, -1)) {
    path = join(path, step);
    if (look(tensor, location, path).isSymbolicLink()) throw externalPath(tensor, location, 'leads through a link');
  }
  path = join(path, steps.at(-1) ?? '');
  const seen = look(tensor, location, path);
  if (seen.isSymbolicLink()) throw externalFile(tensor, location, 'is a link');
  if (!seen.isFile()) throw externalFile(tensor, location, 'is no plain file');
  const file = openFile(path);
  try {
    if (!file.plain || !sameFile(seen, file.identity)) throw externalFile(tensor, location, 'is no plain file');
    if (file.links !== 1) throw externalFile(tensor, location, 'has other names (hard links)');
    return file.identity;
  } finally {
    closeFile(file);
  }
}

function range(tensor: string, where: Location, size: number, expected: number | undefined): number {
  const length = where.length ?? expected ?? size - where.offset;
  if (where.offset > size || length > size - where.offset || length < 0)
    throw externalRange(tensor, `of ${length} bytes at ${where.offset} ends after its file of ${size} bytes`);
  if (expected !== undefined && length !== expected)
    throw tensorSize(tensor, `${length} bytes of external data, but shape and type need ${expected}`);
  return length;
}

/**
 * External data of a model whose real folder is `folder`; each file is checked once. The reader throws EXTERNAL_PATH,
 * EXTERNAL_FILE, EXTERNAL_RANGE, TENSOR_SIZE, FILE_SYSTEM. `files` fills with the paths that were admitted.
 */
export function externalReader(folder: string, files: Map<string, Identity>): ExternalReader {
  return (tensor, entries, expected) => {
    const where = parseLocation(tensor, entries);
    const path = join(folder, ...where.steps);
    let identity = files.get(path);
    if (!identity) {
      identity = admit(tensor, where, folder);
      files.set(path, identity);
    }
    return fileRange(path, identity, where.offset, range(tensor, where, identity.size, expected));
  };
}

/** For models without a folder: refuses all external data with EXTERNAL_FILE. */
export const noExternalData: ExternalReader = (tensor, entries) => {
  const { location } = parseLocation(tensor, entries);
  throw externalFile(tensor, location, 'cannot be reached: the model is in memory and has no folder');
};
