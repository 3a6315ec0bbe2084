import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from '@jest/globals';
import { type DatasetOptions, datasetParts, openDataset } from '../../lib/data/dataset.js';
import { type Npy, npz } from '../support/npz.js';

const DIGITS = 'fixtures/data/digits';
const root = mkdtempSync(join(tmpdir(), 'dataset-'));
afterAll(() => rmSync(root, { recursive: true }));

/** A folder of these files, at a new path. */
let count = 0;
function folder(files: Readonly<Record<string, Uint8Array>>): string {
  const path = join(root, String(count++));
  mkdirSync(path);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(path, name), bytes);
  return path;
}

const first = async (path: string, options: DatasetOptions = {}) => {
  const [batch] = (await openDataset(path, options)).batches(1);
  return batch;
};

const refused = (code: string, message: RegExp) => ({ code, message: expect.stringMatching(message) });

describe('a folder of IDX files', () => {
  test('has the two parts', async () => {
    expect(await openDataset(DIGITS)).toMatchObject({ size: 1437, sampleShape: [1, 8, 8], classes: 10 });
    expect(await openDataset(DIGITS, { split: 'test' })).toMatchObject({ size: 360, sampleShape: [1, 8, 8] });
  });

  test('pixels are in [0, 1], or normalised', async () => {
    const raw = gunzipSync(readFileSync(`${DIGITS}/t10k-images-idx3-ubyte.gz`)).subarray(16, 80);
    const plain = await first(DIGITS, { split: 'test' });
    const normalised = await first(DIGITS, { split: 'test', normalize: { mean: [0.5], std: [0.25] } });
    expect(plain?.input.data).toEqual(Float32Array.from(raw, (pixel) => pixel / 255));
    expect(normalised?.input.data).toEqual(Float32Array.from(raw, (pixel) => (pixel / 255 - 0.5) / 0.25));
  });

  test('may be unpacked, and have other names', async () => {
    const unpacked = (name: string) => gunzipSync(readFileSync(`${DIGITS}/t10k-${name}-ubyte.gz`));
    const other = folder({
      'test-images.idx3-ubyte': unpacked('images-idx3'),
      'test-labels.idx1-ubyte': unpacked('labels-idx1'),
      'readme.txt': new Uint8Array(0),
    });
    expect(await first(other, { split: 'test' })).toEqual(await first(DIGITS, { split: 'test' }));
    await expect(openDataset(other)).rejects.toMatchObject(refused('DATA_FORMAT', /split train/));
  });

  test('must have as many labels as images', async () => {
    const other = folder({});
    copyFileSync(`${DIGITS}/t10k-images-idx3-ubyte.gz`, join(other, 'train-images-idx3-ubyte.gz'));
    copyFileSync(`${DIGITS}/train-labels-idx1-ubyte.gz`, join(other, 'train-labels-idx1-ubyte.gz'));
    await expect(openDataset(other)).rejects.toMatchObject(refused('DATA_FORMAT', /360 samples and 1437 labels/));
  });

  test('must have samples', async () => {
    const empty = folder({
      'train-images-idx3-ubyte': Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 8),
      'train-labels-idx1-ubyte': Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 0),
    });
    await expect(openDataset(empty)).rejects.toMatchObject(refused('DATA_FORMAT', /no samples/));
  });

  test('rows of numbers and images with channels keep their shape', async () => {
    const labels = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 1, 3);
    const rows = folder({
      'train-images-idx2-ubyte': Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 2, 51, 255),
      'train-labels-idx1-ubyte': labels,
    });
    const colours = folder({
      'train-images-idx4-ubyte': Uint8Array.of(0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 255),
      'train-labels-idx1-ubyte': labels,
    });
    const normalize = { mean: [0, 0, 1], std: [1, 1, 2] };
    expect((await first(rows))?.input).toMatchObject({ dims: [1, 2], data: Float32Array.of(0.2, 1) });
    expect((await first(colours, { normalize }))?.input.data).toEqual(Float32Array.of(0, 0, 0));
    expect((await first(colours))?.labels).toEqual(Int32Array.of(3));
  });
});

describe('an .npz', () => {
  test('of float32 is fed as it is', async () => {
    const batch = await first('fixtures/data/floats-stored.npz', { split: 'test' });
    const eighths = Float32Array.from({ length: 8 }, (_, i) => i / 8);
    expect(batch).toEqual({ input: { dtype: 1, dims: [1, 2, 2, 2], data: eighths }, labels: Int32Array.of(2) });
  });

  test('of float32 is not normalised', async () => {
    const opened = openDataset('fixtures/data/floats-stored.npz', { normalize: { mean: [0], std: [1] } });
    await expect(opened).rejects.toMatchObject(refused('USAGE', /float32/));
  });

  test('of uint8 holds pixels', async () => {
    const path = 'fixtures/data/pixels-deflated.npz';
    expect((await first(path))?.input.data[3]).toBe(Math.fround(15 / 255));
    expect((await first(path, { normalize: { mean: [1], std: [2] } }))?.input.data[0]).toBe(-0.5);
  });

  test('without the arrays is refused', async () => {
    const text = readFileSync('fixtures/data/floats-stored.npz', 'latin1').replaceAll('label.npy', 'lapel.npy');
    const path = join(folder({ 'a.npz': Buffer.from(text, 'latin1') }), 'a.npz');
    await expect(openDataset(path)).rejects.toMatchObject(refused('DATA_FORMAT', /no array named label/));
  });
});

/** An .npz of some arrays, stored. */
const targets = (label: Npy, samples = 3): string => {
  const input: Npy = { descr: '<f4', shape: [samples, 1], bytes: new Uint8Array(4 * samples) };
  return join(folder({ 'a.npz': npz({ input, label }) }), 'a.npz');
};

describe('labels of an .npz', () => {
  const floats = (...values: number[]) => new Uint8Array(Float64Array.from(values).buffer);

  test('are targets where they are real: float32, for each sample', async () => {
    const path = targets({ descr: '<f8', shape: [3, 2], bytes: floats(0, 0.5, 1, 1.5, 2, 2.5) });
    const dataset = await openDataset(path);
    expect(dataset).toMatchObject({ size: 3, classes: 0, target: { dtype: 1, shape: [2] } });
    const [batch] = dataset.batches(2, [2, 0]);
    expect(batch?.labels).toBeUndefined();
    expect(batch?.targets).toEqual({ dtype: 1, dims: [2, 2], data: Float32Array.of(2, 2.5, 0, 0.5) });
  });

  test('and where each sample has several integers: int64', async () => {
    const path = targets({
      descr: '<i4',
      shape: [3, 2],
      bytes: new Uint8Array(Int32Array.of(1, 2, 3, 4, 5, 6).buffer),
    });
    const [batch] = (await openDataset(path)).batches(1, [1]);
    expect(batch?.targets).toEqual({ dtype: 7, dims: [1, 2], data: BigInt64Array.of(3n, 4n) });
  });

  test.each([
    ['another number of them', { descr: '<f8', shape: [2], bytes: floats(1, 2) }, /3 samples and 2 labels/],
    ['one for all', { descr: '<f8', shape: [], bytes: floats(1) }, /3 samples and no labels/],
    ['NaN', { descr: '<f8', shape: [3], bytes: floats(1, Number.NaN, 2) }, /no finite number/],
    ['a negative class', { descr: '|i1', shape: [3], bytes: Uint8Array.of(0, 255, 1) }, /label -1, which is no class/],
  ])('are refused: %s', async (_, label, message) => {
    await expect(openDataset(targets(label))).rejects.toMatchObject(refused('DATA_FORMAT', message));
  });
});

describe('parts', () => {
  test.each([
    [DIGITS, ['train', 'test']],
    ['fixtures/data/floats-stored.npz', []],
  ])('of %s', async (path, parts) => {
    expect(await datasetParts(path)).toEqual(parts);
  });
});

describe('anything else', () => {
  test.each([
    ['a folder of other files', { 'a.txt': new Uint8Array(1) }, /no data set that is known/],
    ['an empty folder', {}, /no data set that is known/],
  ])('%s', async (_, files, message) => {
    await expect(openDataset(folder(files))).rejects.toMatchObject(refused('DATA_FORMAT', message));
  });

  test('is refused', async () => {
    await expect(openDataset('package.json')).rejects.toMatchObject(refused('DATA_FORMAT', /neither/));
    await expect(openDataset(join(root, 'none'))).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  });
});
