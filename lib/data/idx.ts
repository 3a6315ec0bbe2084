/**
 * The IDX format of MNIST: two zero bytes, the element type, the rank, each dimension as a big-endian uint32, then the
 * elements. Source: http://yann.lecun.com/exdb/mnist/. Only unsigned bytes; plain or gzip.
 */
import { promisify } from 'node:util';
import { constants, gunzip } from 'node:zlib';
import { dataFormat } from '../errors.js';
import { elementCount } from '../ir/numeric.js';
import { MAX_DATA_BYTES } from '../limits.js';
import { readDataFile } from './file.js';

const unzip = promisify(gunzip);

/** Element type "unsigned byte". */
const UBYTE = 0x08;

/** Labels have 1 dimension, grey images 3, images with channels 4. */
const MAX_RANK = 4;

/** Packed bytes that surely hold a packed header. */
const HEAD = 1024;

export interface IdxArray {
  readonly dims: readonly number[];
  /** Row-major. */
  readonly data: Uint8Array;
}

interface Header {
  readonly dims: readonly number[];
  /** Where the elements start, and where they end. */
  readonly start: number;
  readonly end: number;
}

function parseHeader(bytes: Uint8Array, path: string): Header {
  const [zero, one, type = 0, rank = 0] = bytes;
  if (bytes.length < 4 || zero !== 0 || one !== 0) throw dataFormat(path, 'is not an IDX file: it starts otherwise');
  if (type !== UBYTE) throw dataFormat(path, `holds elements of type 0x${type.toString(16)}, not unsigned bytes (0x8)`);
  if (rank < 1 || rank > MAX_RANK) throw dataFormat(path, `has ${rank} dimensions, not 1 to ${MAX_RANK}`);
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw dataFormat(path, 'ends within its header');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const dims = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const end = start + elementCount(dims);
  if (end > MAX_DATA_BYTES) throw dataFormat(path, `says that it has ${end} bytes, more than ${MAX_DATA_BYTES}`);
  return { dims, start, end };
}

/** An unpacked IDX file. Throws DATA_FORMAT unless header and size are exactly right. */
export function parseIdx(bytes: Uint8Array, path: string): IdxArray {
  const { dims, start, end } = parseHeader(bytes, path);
  if (bytes.length !== end) throw dataFormat(path, `has ${bytes.length} bytes where its header says ${end}`);
  return { dims, data: bytes.subarray(start) };
}

/** Unpacks as much as the header inside announces, and not more. */
async function unpack(packed: Uint8Array, path: string): Promise<Uint8Array> {
  const wrap = (error: unknown) => {
    throw dataFormat(path, `cannot be unpacked: ${error instanceof Error ? error.message : String(error)}`);
  };
  const head = await unzip(packed.subarray(0, HEAD), { finishFlush: constants.Z_SYNC_FLUSH }).catch(wrap);
  const { end } = parseHeader(head, path);
  return unzip(packed, { maxOutputLength: end }).catch(wrap);
}

/** Reads an IDX file, plain or gzip. Throws FILE_SYSTEM and DATA_FORMAT. */
export async function readIdx(path: string): Promise<IdxArray> {
  const bytes = await readDataFile(path);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseIdx(packed ? await unpack(bytes, path) : bytes, path);
}
