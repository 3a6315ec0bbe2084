/** Opens a data set, whatever kind it is. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFormat, fileSystem, usage } from '../errors.js';
import { FLOAT, UINT8 } from '../ir/dtype.js';
import type { NdArray } from '../ir/ndarray.js';
import { answersOf, classesOf } from './answers.js';
import { hasPart, isCifar, readCifar } from './cifar.js';
import { readIdx } from './idx.js';
import { findImageFolder, imageFolderSource } from './image-folder.js';
import { type Normalize, pixelTables, UNCHANGED } from './normalize.js';
import { readNpz } from './npz.js';
import {
  answerCount,
  type Dataset,
  datasetOf,
  floatSource,
  pixelSource,
  type SampleOptions,
  type Source,
} from './samples.js';

/** A part of a data set. */
export type Split = 'train' | 'test';

/** Which samples to take, and how pixels become inputs. */
export interface DatasetOptions extends SampleOptions {
  /** Which part, `train` unless told. An .npz is one part: it does not ask. */
  readonly split?: Split | undefined;
  /** For pixels; value / 255 unless told. */
  readonly normalize?: Normalize | undefined;
  /** Stops the reading of headers in a folder of images. */
  readonly signal?: AbortSignal | undefined;
}

/** `train-images-idx3-ubyte.gz`, also with `test` for `t10k` and a dot before `idx`. */
const IDX_NAME = /^(train|t10k|test)-(images|labels)[-.]idx\d-ubyte(\.gz)?$/;

/** The file of one part of an IDX folder, the unpacked one where both lie there. */
function idxFile(names: readonly string[], split: Split, what: string): string | undefined {
  const fits = (name: string) => {
    const [, part, kind] = IDX_NAME.exec(name) ?? [];
    return kind === what && (part === 'train' ? 'train' : 'test') === split;
  };
  return names.filter(fits).sort()[0];
}

/** Grey images get a channel; rows of numbers stay rows. */
const imageShape = (dims: readonly number[]): readonly number[] => (dims.length === 2 ? [1, ...dims] : dims);

/** Channels of a sample whose channels are first; a row of numbers has one. */
const channelsOf = (shape: readonly number[]): number => (shape.length === 3 ? (shape[0] ?? 1) : 1);

async function idxSource(folder: string, names: readonly string[], options: DatasetOptions): Promise<Source> {
  const split = options.split ?? 'train';
  const [images, labels] = [idxFile(names, split, 'images'), idxFile(names, split, 'labels')];
  if (!images || !labels) throw dataFormat(folder, `has no IDX files of images and labels for the split ${split}`);
  const { dims, data } = await readIdx(join(folder, images));
  const classes = await readIdx(join(folder, labels));
  const [samples = 0, ...rest] = dims;
  const shape = imageShape(rest);
  const tables = pixelTables(options.normalize ?? UNCHANGED, channelsOf(shape));
  return pixelSource(folder, data, shape, classesOf(folder, classes.dims, classes.data, samples), tables);
}

function arrayOf(arrays: ReadonlyMap<string, NdArray>, name: string, path: string): NdArray {
  const array = arrays.get(name);
  if (!array) throw dataFormat(path, `has no array named ${name}`);
  return array;
}

async function npzSource(path: string, options: DatasetOptions): Promise<Source> {
  const arrays = await readNpz(path, ['input', 'label']);
  const [input, label] = [arrayOf(arrays, 'input', path), arrayOf(arrays, 'label', path)];
  const [samples, ...shape] = input.dims;
  if (samples === undefined) throw dataFormat(path, 'has an input without axes, not one entry for each sample');
  const answers = answersOf(path, label, samples);
  if (input.dtype === UINT8 && input.data instanceof Uint8Array) {
    const tables = pixelTables(options.normalize ?? UNCHANGED, channelsOf(shape));
    return pixelSource(path, input.data, shape, answers, tables);
  }
  if (input.dtype !== FLOAT || !(input.data instanceof Float32Array)) {
    throw dataFormat(path, 'has an input that is neither float32 nor uint8');
  }
  if (options.normalize) throw usage(`--normalize is for pixels; ${path} holds float32`, 'Leave it out.');
  return floatSource(path, input.data, shape, answers);
}

async function cifarSource(folder: string, names: readonly string[], options: DatasetOptions): Promise<Source> {
  const { pixels, labels, shape } = await readCifar(folder, names, options.split ?? 'train');
  const tables = pixelTables(options.normalize ?? UNCHANGED, channelsOf(shape));
  return pixelSource(folder, pixels, shape, Int32Array.from(labels), tables);
}

/** A data set that was found, and not read yet. */
interface Found {
  /** The parts that it has; none where it is one part, which does not ask. */
  readonly parts: readonly Split[];
  source(options: DatasetOptions): Promise<Source>;
}

const SPLITS: readonly Split[] = ['train', 'test'];

async function findFolder(path: string): Promise<Found> {
  const names = await readdir(path).catch((error: unknown) => {
    throw fileSystem('cannot list', path, error);
  });
  if (names.some((name) => IDX_NAME.test(name))) {
    const parts = SPLITS.filter((split) => idxFile(names, split, 'images') && idxFile(names, split, 'labels'));
    return { parts, source: (options) => idxSource(path, names, options) };
  }
  if (isCifar(names)) {
    return { parts: SPLITS.filter((split) => hasPart(names, split)), source: (each) => cifarSource(path, names, each) };
  }
  const images = await findImageFolder(path);
  if (!images) throw dataFormat(path, 'holds no data set that is known');
  return {
    parts: images.parted ? SPLITS.filter((split) => images.roots[split] !== undefined) : [],
    source: (options) => imageFolderSource(path, images, options.split ?? 'train', options),
  };
}

async function find(path: string): Promise<Found> {
  const stats = await stat(path).catch((error: unknown) => {
    throw fileSystem('cannot open', path, error);
  });
  if (stats.isDirectory()) return findFolder(path);
  if (!path.toLowerCase().endsWith('.npz')) throw dataFormat(path, 'is neither a folder nor an .npz');
  return { parts: [], source: (options) => npzSource(path, options) };
}

/** The parts that a data set has; none where it is a single one. Throws FILE_SYSTEM, DATA_FORMAT. */
export const datasetParts = async (path: string): Promise<readonly Split[]> => (await find(path)).parts;

/**
 * Opens a data set and reads it into memory, but for images in folders, which are read when they are asked for. Throws FILE_SYSTEM,
 * DATA_FORMAT where it is of no known kind or broken, and USAGE for options that do not fit it.
 */
export async function openDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const source = await (await find(path)).source(options);
  if (answerCount(source.answers) === 0) throw dataFormat(path, 'has no samples');
  return datasetOf(source, options);
}
