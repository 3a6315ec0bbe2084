/** A stretch of a file as bytes that are read when they are needed, as long as the file stays the one that was seen. */
import { type Bytes, stretches } from '../ir/bytes.js';
import { closeFile, type Identity, readFully, reopenFile } from './files.js';

/** Memory that nothing was written to yet, so that no time goes into clearing it. No Buffer, whose `slice` is a view. */
export const room = (length: number): Uint8Array => new Uint8Array(Buffer.allocUnsafeSlow(length).buffer, 0, length);

/**
 * The bytes [offset, offset + length) of the file at `path`. Each `read` opens the file anew. `pieces` opens it once and fills one buffer again and again: a piece is valid until the next one is asked for.
 * Both throw FILE_CHANGED if the file is no longer the one of `identity`, TRUNCATED, FILE_SYSTEM.
 */
export function fileRange(path: string, identity: Identity, offset: number, length: number): Bytes {
  return {
    length,
    read(start, end, scratch) {
      const lent = scratch && scratch.length >= end - start;
      const target = lent ? scratch.subarray(0, end - start) : room(end - start);
      const file = reopenFile(path, identity);
      try {
        readFully(file, target, offset + start);
      } finally {
        closeFile(file);
      }
      return target;
    },
    *pieces(align) {
      const file = reopenFile(path, identity);
      try {
        let buffer: Uint8Array | undefined;
        for (const [start, end] of stretches(length, align)) {
          buffer ??= room(end - start);
          const piece = buffer.subarray(0, end - start);
          readFully(file, piece, offset + start);
          yield piece;
        }
      } finally {
        closeFile(file);
      }
    },
  };
}
