/** NumPy's archive of arrays: a zip of .npy files. */
import type { NdArray } from '../ir/ndarray.js';
import { readDataFile } from './file.js';
import { parseNpy } from './npy.js';
import { zipContents, zipEntries } from './zip.js';

const SUFFIX = '.npy';

/** The arrays of an .npz in memory by name; only those in `wanted` where it is given. Throws DATA_FORMAT. */
export function parseNpz(bytes: Uint8Array, path: string, wanted?: readonly string[]): ReadonlyMap<string, NdArray> {
  const arrays = new Map<string, NdArray>();
  for (const [file, entry] of zipEntries(bytes, path)) {
    const name = file.slice(0, -SUFFIX.length);
    if (!file.endsWith(SUFFIX) || (wanted && !wanted.includes(name))) continue;
    arrays.set(name, parseNpy(zipContents(bytes, entry, path), `${path}: ${file}`));
  }
  return arrays;
}

/** Reads an .npz. Throws FILE_SYSTEM and DATA_FORMAT. */
export async function readNpz(path: string, wanted?: readonly string[]): Promise<ReadonlyMap<string, NdArray>> {
  return parseNpz(await readDataFile(path), path, wanted);
}
