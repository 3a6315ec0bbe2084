/**
 * Bytes that are fetched when they are needed: from memory, from a stretch of a file, or computed. Weights of models are
 * always held this way, so that memory is bounded by what is worked on and not by the models.
 */
import { CHUNK_BYTES } from '../limits.js';

/** Bytes that are fetched when they are needed. */
export interface Bytes {
  /** How many bytes there are. */
  readonly length: number;
  /**
   * Bytes [start, end). May be a view of shared memory and lie at an odd offset: copy before writing. They are the caller's
   * to keep, unless it lends `scratch`: memory that the source may fill, if it is large enough, instead of new memory.
   */
  read(start: number, end: number, scratch?: Uint8Array): Uint8Array;
  /**
   * All bytes in order, in pieces whose size suits the source (each a whole number of `align` bytes but the last). A piece
   * is valid until the next one is asked for: a source may fill the same memory again.
   */
  pieces(align: number): Iterable<Uint8Array>;
}

/** Splits `length` bytes into stretches of at most CHUNK_BYTES, each a multiple of `align` bytes. */
export function* stretches(length: number, align: number): Generator<readonly [number, number]> {
  const step = Math.max(align, CHUNK_BYTES - (CHUNK_BYTES % align));
  for (let start = 0; start < length; start += step) yield [start, Math.min(length, start + step)];
}

/** Bytes made by a function of their range, for instance a stretch of a file. */
export function lazyBytes(length: number, read: (start: number, end: number) => Uint8Array): Bytes {
  return {
    length,
    read,
    *pieces(align) {
      for (const [start, end] of stretches(length, align)) yield read(start, end);
    },
  };
}

/** Bytes that lie in memory. */
export const memoryBytes = (data: Uint8Array): Bytes => ({
  length: data.length,
  read: (start, end) => data.subarray(start, end),
  *pieces() {
    yield data;
  },
});
