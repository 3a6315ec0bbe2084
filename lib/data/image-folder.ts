/** A folder of one folder of images per class, with parts (train/CLASS/..) or without. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled, dataFormat, fileSystem, quoted } from '../errors.js';
import { IMAGE_CACHE_BYTES, MAX_CLASSES, MAX_IMAGES } from '../limits.js';
import type { Image, ImageHeader } from './image.js';
import { readImage, readImageHeader } from './image-file.js';
import { type Normalize, pixelTables, UNCHANGED } from './normalize.js';
import { pixelSource, type Source } from './samples.js';

const READ = /\.(png|jpe?g)$/i;
/** Images that are not read here: leaving them out in silence would train on less than there is. */
const NOT_READ = /\.(webp|gif|bmp|tiff?|ppm|pgm|avif|heic|jp2)$/i;

/** Folders of a part's classes, by the names that they have where there are parts. */
const PARTS = { train: ['train'], test: ['test', 'val'] } as const;

/** Files between two looks at the signal. */
const PAUSE_EVERY = 256;

export interface ImageFolderOptions {
  readonly normalize?: Normalize | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Plain names in the order of their characters' codes, as Python sorts them. Hidden ones are left out. */
const sorted = (entries: readonly Dirent[], fits: (entry: Dirent) => boolean): readonly string[] =>
  entries
    .filter((entry) => !entry.name.startsWith('.') && fits(entry))
    .map(({ name }) => name)
    .sort();

const list = (path: string): Promise<readonly Dirent[]> =>
  readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    throw fileSystem('cannot list', path, error);
  });

/** The folders in a folder. Throws DATA_FORMAT for a link, which is not followed. */
async function foldersIn(path: string): Promise<readonly string[]> {
  const entries = await list(path);
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link) throw dataFormat(join(path, link.name), 'is a link, which is not followed');
  const folders = sorted(entries, (entry) => entry.isDirectory());
  if (folders.length > MAX_CLASSES) throw dataFormat(path, `has more than ${MAX_CLASSES} folders`);
  return folders;
}

/** Where the classes of each part lie. */
export interface ImageFolder {
  /** The folder that holds the classes; the same for all parts where there are none. */
  readonly roots: { readonly train?: string; readonly test?: string };
  /** Whether `train` and `test` are different folders. */
  readonly parted: boolean;
}

/** What lies in a folder; undefined where it has no folders in it. Throws FILE_SYSTEM, DATA_FORMAT. */
export async function findImageFolder(path: string): Promise<ImageFolder | undefined> {
  const folders = await foldersIn(path);
  if (folders.length === 0) return undefined;
  const [train, test] = [PARTS.train, PARTS.test].map((names) => names.find((name) => folders.includes(name)));
  if (train === undefined && test === undefined) return { roots: { train: path, test: path }, parted: false };
  return {
    roots: { ...(train && { train: join(path, train) }), ...(test && { test: join(path, test) }) },
    parted: true,
  };
}

interface Files {
  readonly paths: readonly string[];
  readonly labels: Int32Array;
}

/** All images of the classes in `root`, class after class. Throws FILE_SYSTEM, DATA_FORMAT. */
async function filesOf(root: string, classes: readonly string[]): Promise<Files> {
  const [paths, labels]: [string[], number[]] = [[], []];
  const numbers = new Map(classes.map((name, i) => [name, i]));
  for (const name of await foldersIn(root)) {
    const folder = join(root, name);
    const label = numbers.get(name);
    if (label === undefined) throw dataFormat(folder, 'is a class that the part train has not');
    const entries = await list(folder);
    const strange = entries.find((entry) => entry.isSymbolicLink() || NOT_READ.test(entry.name));
    if (strange) throw dataFormat(join(folder, strange.name), 'is neither a PNG nor a JPEG file, or it is a link');
    const images = sorted(entries, (entry) => entry.isFile() && READ.test(entry.name));
    if (images.length === 0) throw dataFormat(folder, 'has no images, .png or .jpg');
    if (paths.length + images.length > MAX_IMAGES) throw dataFormat(root, `has more than ${MAX_IMAGES} images`);
    for (const image of images) {
      paths.push(join(folder, image));
      labels.push(label);
    }
  }
  return { paths, labels: Int32Array.from(labels) };
}

/** Reads all headers: one size, and whether all are grey. Throws FILE_SYSTEM, DATA_FORMAT, CANCELLED. */
async function commonHeader(paths: readonly string[], signal: AbortSignal | undefined): Promise<ImageHeader> {
  let common: ImageHeader | undefined;
  for (const [i, path] of paths.entries()) {
    if (i % PAUSE_EVERY === 0) await new Promise((resolve) => setImmediate(resolve));
    if (signal?.aborted) throw cancelled();
    const { width, height, grey } = readImageHeader(path);
    common ??= { width, height, grey };
    if (width !== common.width || height !== common.height) throw otherSize(path, { width, height }, paths, common);
    if (!grey) common = { width, height, grey: false };
  }
  if (!common) throw dataFormat('the folder', 'has no images');
  return common;
}

const sizeText = ({ width, height }: Pick<ImageHeader, 'width' | 'height'>): string => `${width} x ${height}`;

const otherSize = (
  path: string,
  size: Pick<ImageHeader, 'width' | 'height'>,
  [first = '']: readonly string[],
  common: ImageHeader,
) =>
  dataFormat(
    path,
    `has ${sizeText(size)} pixels, ${quoted(first)} has ${sizeText(common)}; scale all images to one size first`,
  );

/**
 * The images of one part, read and decoded when they are asked for. Classes are numbered in the order of the names of their folders in
 * `train`, where there is one. Throws FILE_SYSTEM, DATA_FORMAT, USAGE, CANCELLED.
 */
export async function imageFolderSource(
  path: string,
  { roots }: ImageFolder,
  split: 'train' | 'test',
  options: ImageFolderOptions,
): Promise<Source> {
  const root = roots[split];
  if (root === undefined) throw dataFormat(path, `has no folder of images for the split ${split}`);
  const classes = await foldersIn(roots.train ?? root);
  const files = await filesOf(root, classes);
  const header = await commonHeader(files.paths, options.signal);
  const normalize = options.normalize ?? UNCHANGED;
  const several = normalize.mean.length > 1;
  return sourceOf(path, files, header, normalize, header.grey && !several ? 1 : 3);
}

function sourceOf(path: string, files: Files, header: ImageHeader, normalize: Normalize, channels: 1 | 3): Source {
  const shape = [channels, header.height, header.width];
  const tables = pixelTables(normalize, channels);
  const pixels = pixelsOf(files.paths, header, channels);
  const one = new Uint8Array(header.height * header.width * channels);
  const single = pixelSource(path, one, shape, files.labels, tables);
  return {
    ...single,
    write: (sample, into, at) => {
      one.set(pixels(sample));
      single.write(0, into, at);
    },
    inChannels: (other) => sourceOf(path, files, header, normalize, other),
  };
}

/** The pixels of an image, channels first; those of a data set that fits are kept once they were decoded. */
function pixelsOf(paths: readonly string[], header: ImageHeader, channels: 1 | 3): (sample: number) => Uint8Array {
  const size = header.width * header.height * channels;
  const decode = (sample: number) => {
    const path = paths[sample] as string;
    const image = readImage(path);
    if (image.width !== header.width || image.height !== header.height)
      throw dataFormat(path, 'has another size than when it was first looked at');
    return planes(image, channels);
  };
  if (paths.length * size > IMAGE_CACHE_BYTES) return decode;
  let kept: Uint8Array | undefined;
  const known = new Uint8Array(paths.length);
  return (sample) => {
    // Taken with the first image: what nobody reads takes no memory.
    kept ??= new Uint8Array(paths.length * size);
    const own = kept.subarray(sample * size, (sample + 1) * size);
    if (known[sample] === 0) own.set(decode(sample));
    known[sample] = 1;
    return own;
  };
}

/** Light as ITU-R 601 has it, in the integers of Pillow's `convert('L')`. */
const light = (red: number, green: number, blue: number): number =>
  (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;

/** Pixels with channels first, in so many channels. */
function planes({ width, height, grey, pixels }: Image, channels: 1 | 3): Uint8Array {
  const plane = width * height;
  const into = new Uint8Array(plane * channels);
  const from = grey ? 1 : 3;
  for (let i = 0; i < plane; i++) {
    const [red, green, blue] = [pixels[from * i], pixels[from * i + (grey ? 0 : 1)], pixels[from * i + from - 1]];
    if (channels === 1) into[i] = grey ? (red as number) : light(red as number, green as number, blue as number);
    else {
      into[i] = red as number;
      into[plane + i] = green as number;
      into[2 * plane + i] = blue as number;
    }
  }
  return into;
}
