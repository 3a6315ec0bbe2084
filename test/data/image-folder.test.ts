import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type DatasetOptions, datasetParts, openDataset } from '../../lib/data/dataset.js';
import { temporaryFolder } from '../support/folder.js';
import { head, file as pngFile, pngOf } from '../support/png.js';
import { refusal } from '../support/refused.js';

const root = temporaryFolder();

let count = 0;
function folder(files: Readonly<Record<string, Uint8Array>>): string {
  const path = root.at(String(count++));
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

/** Two pixels of grey, or of a colour. */
const grey = (left: number, right: number) => pngOf(2, [left, right]);
const colour = (...six: number[]) => pngOf(2, six, 2);

/** The pixels of all samples, and their labels. */
async function read(path: string, options: DatasetOptions = {}, channels?: 1 | 3) {
  const opened = await openDataset(path, options);
  const dataset = channels ? opened.inChannels?.(channels) : opened;
  const [batch] = dataset?.batches(100) ?? [];
  return {
    shape: dataset?.sampleShape,
    labels: [...(batch?.labels ?? [])],
    pixels: [...((batch?.input.data ?? []) as Float32Array)].map((value) => Math.round(value * 255)),
  };
}

describe('a folder of one folder of images per class', () => {
  test('has classes in the order of their names, images in that of theirs', async () => {
    const path = folder({
      'b/2.png': grey(5, 6),
      'b/10.png': grey(3, 4),
      'B/x.PNG': grey(1, 2),
      'c/x.png': grey(7, 8),
      'c/notes.txt': Uint8Array.of(1),
      'c/.hidden.png': Uint8Array.of(1),
      'readme.md': Uint8Array.of(1),
    });
    expect(await datasetParts(path)).toEqual([]);
    expect(await read(path)).toEqual({ shape: [1, 1, 2], labels: [0, 1, 1, 2], pixels: [1, 2, 3, 4, 5, 6, 7, 8] });
    expect(await read(path, { split: 'test' })).toEqual(await read(path));
  });

  test('with parts; what the test part has not is still a class', async () => {
    const path = folder({
      'train/a/1.png': grey(1, 1),
      'train/b/1.png': grey(2, 2),
      'val/b/1.png': grey(3, 3),
    });
    expect(await datasetParts(path)).toEqual(['train', 'test']);
    expect(await read(path)).toMatchObject({ labels: [0, 1] });
    expect(await read(path, { split: 'test' })).toMatchObject({ labels: [1], pixels: [3, 3] });
  });

  test('colour where one has colour, channels first; grey or colour where asked', async () => {
    const path = folder({ 'a/1.png': colour(255, 0, 0, 10, 20, 30), 'a/2.png': grey(7, 8) });
    const red = Math.round((299 * 255) / 1000);
    expect(await read(path)).toMatchObject({
      shape: [3, 1, 2],
      pixels: [255, 10, 0, 20, 0, 30, 7, 8, 7, 8, 7, 8],
    });
    expect(await read(path, {}, 1)).toMatchObject({ shape: [1, 1, 2], pixels: [red, 18, 7, 8] });
    const plain = folder({ 'a/1.png': grey(7, 8) });
    expect(await read(plain, {}, 3)).toMatchObject({ pixels: [7, 8, 7, 8, 7, 8] });
    const normalize = { mean: [0, 1, 0], std: [1, 1, 1] };
    expect(await read(plain, { normalize })).toMatchObject({ shape: [3, 1, 2], pixels: [7, 8, -248, -247, 7, 8] });
  });

  test('are read when they are asked for, once', async () => {
    const path = folder({ 'a/1.png': grey(1, 2), 'a/2.png': grey(3, 4) });
    const dataset = await openDataset(path);
    writeFileSync(join(path, 'a/1.png'), grey(9, 9));
    const first = () => [...dataset.batches(1, [0])][0]?.input.data[0];
    expect(first()).toBe(Math.fround(9 / 255));
    writeFileSync(join(path, 'a/1.png'), grey(8, 8));
    expect(first()).toBe(Math.fround(9 / 255));
    writeFileSync(join(path, 'a/2.png'), pngOf(1, [1]));
    expect(() => [...dataset.batches(1, [1])]).toThrow(refusal('DATA_FORMAT', 'another size'));
  });

  test('stops where it is told to', async () => {
    const opened = openDataset(folder({ 'a/1.png': grey(1, 2) }), { signal: AbortSignal.abort() });
    await expect(opened).rejects.toThrow(refusal('CANCELLED'));
  });
});

describe('is refused:', () => {
  test.each<[string, Record<string, Uint8Array>, RegExp]>([
    ['other sizes', { 'a/1.png': grey(1, 2), 'a/2.png': pngOf(1, [1]) }, /1 x 1 pixels.*2 x 1; scale all images/],
    ['a class without images', { 'a/1.png': grey(1, 2), 'b/x.txt': grey(1, 2) }, /b".* no images/],
    ['images that are not read here', { 'a/1.png': grey(1, 2), 'a/2.webp': grey(1, 2) }, /2\.webp/],
    ['an image that is none', { 'a/1.png': Buffer.from('<html>') }, /neither a PNG nor a JPEG/],
    ['a header that is cut', { 'a/1.png': grey(1, 2).subarray(0, 20) }, /ends within its header/],
    ['a huge image', { 'a/1.png': pngFile(head({ width: 1e6, height: 1e6, colour: 0 })) }, /1000000 x 1000000/],
    ['a class that the training has not', { 'train/a/1.png': grey(1, 2), 'test/b/1.png': grey(1, 2) }, /train has not/],
    ['no test part', { 'train/a/1.png': grey(1, 2) }, /split test/],
  ])('%s', async (_, files, message) => {
    const opened = openDataset(folder(files), { split: 'test' });
    await expect(opened).rejects.toThrow(refusal('DATA_FORMAT'));
    await expect(opened).rejects.toThrow(message);
  });

  test('links, to folders and to files', async () => {
    const path = folder({ 'a/1.png': grey(1, 2) });
    symlinkSync(join(path, 'a/1.png'), join(path, 'a/2.png'));
    await expect(openDataset(path)).rejects.toThrow(refusal('DATA_FORMAT', '2.png'));
    const other = folder({ 'a/1.png': grey(1, 2) });
    symlinkSync(join(path, 'a'), join(other, 'b'));
    await expect(openDataset(other)).rejects.toThrow(refusal('DATA_FORMAT', 'a link'));
  });

  test('a link that comes later', async () => {
    const path = folder({ 'a/1.png': grey(1, 2), 'b/1.png': grey(1, 2) });
    const dataset = await openDataset(path);
    const moved = join(path, 'b', '1.png');
    writeFileSync(join(path, 'other.png'), grey(1, 2));
    const { unlinkSync } = await import('node:fs');
    unlinkSync(moved);
    symlinkSync(join(path, 'other.png'), moved);
    expect(() => [...dataset.batches(1, [1])]).toThrow(refusal('FILE_SYSTEM'));
  });
});
