/** CIFAR-10's "binary version": records of one label byte and 3 x 32 x 32 pixel bytes, channels first. */
import { join } from 'node:path';
import { dataFormat } from '../errors.js';
import { readDataFile } from './file.js';

const SHAPE = [3, 32, 32] as const;
const PIXELS = 3 * 32 * 32;
const RECORD = 1 + PIXELS;

const NAMES = { train: /^(data_batch_\d+|train)\.bin$/, test: /^(test_batch|test)\.bin$/ } as const;

/** Images of all files of a part, and their classes. */
export interface Cifar {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
  readonly shape: readonly number[];
}

/** Whether a folder with these names holds the data set. */
export const isCifar = (names: readonly string[]): boolean =>
  names.some((name) => NAMES.train.test(name) || NAMES.test.test(name));

/** Whether the names have files of this part. */
export const hasPart = (names: readonly string[], split: 'train' | 'test'): boolean =>
  names.some((name) => NAMES[split].test(name));

/** Reads one part, its files in the order of their numbers. Throws DATA_FORMAT. */
export async function readCifar(folder: string, names: readonly string[], split: 'train' | 'test'): Promise<Cifar> {
  const files = names
    .filter((name) => NAMES[split].test(name))
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  if (files.length === 0) throw dataFormat(folder, `has no CIFAR-10 binary files of the split ${split}`);
  const parts = await Promise.all(files.map((name) => readDataFile(join(folder, name))));
  const counts = parts.map((bytes, i) => {
    if (bytes.length > 0 && bytes.length % RECORD === 0) return bytes.length / RECORD;
    throw dataFormat(join(folder, files[i] as string), `has ${bytes.length} bytes, not whole records of ${RECORD}`);
  });
  const total = counts.reduce((a, b) => a + b, 0);
  const [pixels, labels] = [new Uint8Array(total * PIXELS), new Uint8Array(total)];
  let at = 0;
  for (const [i, bytes] of parts.entries()) {
    for (let record = 0; record < (counts[i] as number); record++, at++) {
      labels[at] = bytes[record * RECORD] as number;
      pixels.set(bytes.subarray(record * RECORD + 1, (record + 1) * RECORD), at * PIXELS);
    }
  }
  return { pixels, labels, shape: SHAPE };
}
