/** Files of data sets, read whole. */
import { readFile, stat } from 'node:fs/promises';
import { dataFormat, fileSystem } from '../errors.js';
import { MAX_DATA_BYTES } from '../limits.js';

/** All bytes of a plain file. Throws FILE_SYSTEM; DATA_FORMAT where it is no plain file or too large. */
export async function readDataFile(path: string): Promise<Uint8Array> {
  const wrap = (error: unknown) => {
    throw fileSystem('cannot read', path, error);
  };
  const stats = await stat(path).catch(wrap);
  if (!stats.isFile()) throw dataFormat(path, 'is not a plain file');
  if (stats.size > MAX_DATA_BYTES) throw dataFormat(path, `has ${stats.size} bytes, more than ${MAX_DATA_BYTES}`);
  return readFile(path).catch(wrap);
}
