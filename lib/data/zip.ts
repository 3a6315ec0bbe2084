/**
 * Reads zip archives as NumPy writes them: in memory, stored or deflated, no encryption, and not zip64, which begins where
 * our own ceiling ends. Every size is checked before anything is allocated, every entry against its checksum. Source:
 * PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.4.
 */
import { inflateRawSync } from 'node:zlib';
import { dataFormat } from '../errors.js';
import { MAX_DATA_BYTES } from '../limits.js';
import { crc32 } from './crc32.js';

/** One file in the archive, as the central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly checksum: number;
  /** Bytes in the archive, and unpacked. */
  readonly packed: number;
  readonly size: number;
  /** Where its local header starts. */
  readonly offset: number;
}

const [STORED, DEFLATED] = [0, 8];

/** A header's signature and how many bytes it has before its names. */
const END = { signature: 0x06054b50, length: 22 };
const CENTRAL = { signature: 0x02014b50, length: 46 };
const LOCAL = { signature: 0x04034b50, length: 30 };

/** The end record may be followed by a comment of at most this length. */
const MAX_COMMENT = 0xffff;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Whether a header lies whole at `at`. */
function isAt(view: DataView, header: { signature: number; length: number }, at: number): boolean {
  return at >= 0 && at + header.length <= view.byteLength && view.getUint32(at, true) === header.signature;
}

function findEnd(view: DataView, path: string): number {
  const last = view.byteLength - END.length;
  for (let at = last; at >= Math.max(0, last - MAX_COMMENT); at--) if (isAt(view, END, at)) return at;
  throw dataFormat(path, 'is not a zip archive, or it is cut off');
}

function entryAt(bytes: Uint8Array, view: DataView, at: number): ZipEntry {
  const name = bytes.subarray(at + CENTRAL.length, at + CENTRAL.length + view.getUint16(at + 28, true));
  return {
    name: new TextDecoder().decode(name),
    encrypted: (view.getUint16(at + 8, true) & 1) === 1,
    method: view.getUint16(at + 10, true),
    checksum: view.getUint32(at + 16, true),
    packed: view.getUint32(at + 20, true),
    size: view.getUint32(at + 24, true),
    offset: view.getUint32(at + 42, true),
  };
}

/** All entries by name. Throws DATA_FORMAT on a broken directory or a name that stands twice. */
export function zipEntries(bytes: Uint8Array, path: string): ReadonlyMap<string, ZipEntry> {
  const view = viewOf(bytes);
  const end = findEnd(view, path);
  const entries = new Map<string, ZipEntry>();
  let at = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (!isAt(view, CENTRAL, at)) throw dataFormat(path, 'has a broken zip directory');
    const entry = entryAt(bytes, view, at);
    if (entries.has(entry.name)) throw dataFormat(path, `has the entry ${entry.name} twice`);
    entries.set(entry.name, entry);
    at +=
      CENTRAL.length + view.getUint16(at + 28, true) + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
  return entries;
}

function inflate(packed: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  } catch (error) {
    throw dataFormat(where, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The contents of one entry. Throws DATA_FORMAT unless size and checksum are right. */
export function zipContents(bytes: Uint8Array, entry: ZipEntry, path: string): Uint8Array {
  const where = `${path}: ${entry.name}`;
  const view = viewOf(bytes);
  if (entry.size > MAX_DATA_BYTES) throw dataFormat(where, `unpacks to more than ${MAX_DATA_BYTES} bytes`);
  if (entry.encrypted) throw dataFormat(where, 'is encrypted');
  if (entry.method !== STORED && entry.method !== DEFLATED)
    throw dataFormat(where, `is packed by method ${entry.method}`);
  if (!isAt(view, LOCAL, entry.offset)) throw dataFormat(where, 'is not where the zip directory says');
  const lengths = view.getUint16(entry.offset + 26, true) + view.getUint16(entry.offset + 28, true);
  const start = entry.offset + LOCAL.length + lengths;
  if (start + entry.packed > bytes.length) throw dataFormat(where, 'is cut off');
  const packed = bytes.subarray(start, start + entry.packed);
  const contents = entry.method === STORED ? packed : inflate(packed, entry, where);
  if (contents.length !== entry.size) throw dataFormat(where, `has ${contents.length} bytes, not ${entry.size}`);
  if (crc32(contents) !== entry.checksum) throw dataFormat(where, 'is damaged: its checksum is wrong');
  return contents;
}
