import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { datasetParts, openDataset } from '../../lib/data/dataset.js';
import { temporaryFolder } from '../support/folder.js';
import { refusal } from '../support/refused.js';

const root = temporaryFolder();

/** A record whose red, green and blue pixels are the label times 1, 10 and 20, the first red one `first`. */
function record(label: number, first: number): readonly number[] {
  const planes = [1, 10, 20].flatMap((factor) => new Array<number>(1024).fill(label * factor));
  return [label, first, ...planes.slice(1)];
}

let count = 0;
function folder(files: Readonly<Record<string, readonly number[]>>): string {
  const path = root.at(String(count++));
  mkdirSync(path);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), Uint8Array.from(bytes));
  return path;
}

const whole = folder({
  'data_batch_10.bin': record(9, 100),
  'data_batch_2.bin': [...record(2, 20), ...record(3, 30)],
  'data_batch_1.bin': record(1, 10),
  'test_batch.bin': record(7, 70),
  'batches.meta.txt': [65],
});

describe("CIFAR-10's binary files", () => {
  test('have both parts', async () => {
    expect(await datasetParts(whole)).toEqual(['train', 'test']);
    expect(await datasetParts(folder({ 'test_batch.bin': record(1, 1) }))).toEqual(['test']);
  });

  test('are read in the order of their numbers, label first, channels one after the other', async () => {
    const dataset = await openDataset(whole);
    expect(dataset).toMatchObject({ size: 4, sampleShape: [3, 32, 32], classes: 10 });
    const [batch] = dataset.batches(4);
    expect(batch?.labels).toEqual(Int32Array.of(1, 2, 3, 9));
    const pixel = (sample: number, at: number) => Math.round((batch?.input.data[sample * 3072 + at] as number) * 255);
    expect([0, 1, 2, 3].map((sample) => pixel(sample, 0))).toEqual([10, 20, 30, 100]);
    expect([1, 1023, 1024, 2047, 2048, 3071].map((at) => pixel(2, at))).toEqual([3, 3, 30, 30, 60, 60]);
  });

  test('the test part is its own file, and channels are normalised one by one', async () => {
    const normalize = { mean: [0, 0, 70 / 255], std: [1, 1, 2] };
    const [batch] = (await openDataset(whole, { split: 'test', normalize })).batches(1);
    expect(batch?.labels).toEqual(Int32Array.of(7));
    expect(batch?.input.data[1024]).toBeCloseTo(70 / 255);
    expect(batch?.input.data[2048]).toBeCloseTo(70 / 255 / 2);
  });

  test.each([
    ['a cut file', { 'data_batch_1.bin': record(1, 1).slice(0, 3000) }, /3000 bytes, not whole records of 3073/],
    ['an empty file', { 'data_batch_1.bin': [] }, /0 bytes/],
    ['no file of the part', { 'test_batch.bin': record(1, 1) }, /split train/],
  ])('%s is refused', async (_, files, message) => {
    const opened = openDataset(folder(files));
    await expect(opened).rejects.toThrow(refusal('DATA_FORMAT'));
    await expect(opened).rejects.toThrow(message);
  });
});
