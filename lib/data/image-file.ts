/** Image files: opened without following links or waiting for pipes, read as far as needed. */
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { dataFormat, fileSystem, TransplantError } from '../errors.js';
import { MAX_IMAGE_BYTES } from '../limits.js';
import { decodeImage, type Image, type ImageHeader, imageHeader } from './image.js';

/** Absent on Windows, where they count as 0. */
const CAUTIOUS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);

/** Bytes that hold the header of nearly all files; others have a large profile in front of it. */
const HEAD = 4096;

/** Calls `use` with the open file's size and a reader of its first bytes. Throws FILE_SYSTEM, DATA_FORMAT. */
function withFile<T>(path: string, use: (size: number, read: (count: number) => Uint8Array) => T): T {
  try {
    const fd = openSync(path, CAUTIOUS);
    try {
      const stats = fstatSync(fd);
      if (!stats.isFile()) throw dataFormat(path, 'is not a plain file');
      if (stats.size > MAX_IMAGE_BYTES) throw dataFormat(path, `has ${stats.size} bytes, more than ${MAX_IMAGE_BYTES}`);
      return use(stats.size, (count) => firstBytes(fd, count));
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw error instanceof TransplantError ? error : fileSystem('cannot read', path, error);
  }
}

/** At most `count` bytes from the beginning. */
function firstBytes(fd: number, count: number): Uint8Array {
  const bytes = new Uint8Array(count);
  let done = 0;
  for (let read = -1; done < count && read !== 0; done += read) read = readSync(fd, bytes, done, count - done, done);
  return bytes.subarray(0, done);
}

/** What an image file's header says; no pixel is decoded. Throws FILE_SYSTEM, DATA_FORMAT. */
export const readImageHeader = (path: string): ImageHeader =>
  withFile(path, (size, read) => {
    const header =
      imageHeader(read(Math.min(size, HEAD)), path) ?? (size > HEAD ? imageHeader(read(size), path) : undefined);
    if (!header) throw dataFormat(path, 'ends within its header');
    return header;
  });

/** Reads and decodes an image file. Throws FILE_SYSTEM, DATA_FORMAT. */
export const readImage = (path: string): Image => withFile(path, (size, read) => decodeImage(read(size), path));
