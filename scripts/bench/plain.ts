/** What every measurement of files is held against: bytes in, bytes out. */
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';

/** Reads all files and writes the first `size` bytes of the first, synced, as ours is. */
export function plainCopy(inputs: readonly string[], output: string, size?: number): void {
  const [first] = inputs.map((path) => readFileSync(path));
  const bytes = (first as Buffer).subarray(0, size);
  const file = openSync(output, 'w');
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
  fsyncSync(file);
  closeSync(file);
}
