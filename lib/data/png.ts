/**
 * PNG images, decoded here: what npm has unpacks them without a ceiling, so that a kilobyte may take all memory. Any colour type and
 * depth, not interlaced; transparency is dropped, of 16 bits the upper 8 are kept. Source: W3C's Portable Network Graphics (2nd ed.).
 */
import { inflateSync } from 'node:zlib';
import { dataFormat } from '../errors.js';
import { crc32 } from './crc32.js';
import type { Image, ImageHeader } from './image.js';

/** Samples of a pixel by colour type, and the depths that it may have (table 11.1). */
const COLOURS: ReadonlyMap<number, { readonly samples: number; readonly depths: readonly number[] }> = new Map([
  [0, { samples: 1, depths: [1, 2, 4, 8, 16] }],
  [2, { samples: 3, depths: [8, 16] }],
  [3, { samples: 1, depths: [1, 2, 4, 8] }],
  [4, { samples: 2, depths: [8, 16] }],
  [6, { samples: 4, depths: [8, 16] }],
]);
const PALETTE = 3;
const GREY = new Set([0, 4]);

const SIGNATURE = 8;
/** Length and type in front of a chunk's data, its checksum behind. */
const [BEFORE, AFTER] = [8, 4];

interface PngHeader extends ImageHeader {
  readonly colour: number;
  readonly depth: number;
  readonly samples: number;
}

/** What the first chunk says; undefined where `bytes` ends before it. Throws DATA_FORMAT. */
export function pngHeader(bytes: Uint8Array, path: string): PngHeader | undefined {
  if (bytes.length < SIGNATURE + BEFORE + 13) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = SIGNATURE + BEFORE;
  if (typeAt(bytes, SIGNATURE) !== 'IHDR' || view.getUint32(SIGNATURE) !== 13)
    throw dataFormat(path, 'is a damaged PNG: it has no header');
  const [depth, colour] = [view.getUint8(at + 8), view.getUint8(at + 9)];
  const known = COLOURS.get(colour);
  if (!known?.depths.includes(depth)) throw dataFormat(path, `is a PNG of colour type ${colour} and depth ${depth}`);
  if (view.getUint8(at + 12) !== 0) throw dataFormat(path, 'is an interlaced PNG, which is not read here');
  const [width, height] = [view.getUint32(at), view.getUint32(at + 4)];
  return { width, height, grey: GREY.has(colour), colour, depth, samples: known.samples };
}

const typeAt = (bytes: Uint8Array, chunk: number): string =>
  String.fromCharCode(...bytes.subarray(chunk + 4, chunk + BEFORE));

/** The chunks that are needed: packed pixels, and the palette where there is one. Throws DATA_FORMAT. */
function chunksOf(bytes: Uint8Array, path: string) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const packed: Uint8Array[] = [];
  let palette: Uint8Array | undefined;
  for (let at = SIGNATURE; ; ) {
    if (at + BEFORE + AFTER > bytes.length) throw dataFormat(path, 'is a PNG that ends too early');
    const end = at + BEFORE + view.getUint32(at);
    if (end + AFTER > bytes.length) throw dataFormat(path, 'is a PNG that ends too early');
    const type = typeAt(bytes, at);
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end))
      throw dataFormat(path, `is a damaged PNG: the checksum of its chunk ${JSON.stringify(type)} is wrong`);
    const data = bytes.subarray(at + BEFORE, end);
    if (type === 'IDAT') packed.push(data);
    else if (type === 'PLTE') palette = data;
    else if (type === 'IEND') return { packed: Buffer.concat(packed), palette };
    at = end + AFTER;
  }
}

/** Decodes a whole file. Throws DATA_FORMAT where it is damaged. */
export function decodePng(bytes: Uint8Array, _: ImageHeader, path: string): Image {
  const header = pngHeader(bytes, path);
  if (!header) throw dataFormat(path, 'ends within its header');
  const { packed, palette } = chunksOf(bytes, path);
  const rowBytes = Math.ceil((header.width * header.samples * header.depth) / 8);
  const rows = unpack(packed, header.height * (1 + rowBytes), path);
  unfilter(rows, rowBytes, Math.max(1, (header.samples * header.depth) / 8), path);
  const { width, height, grey } = header;
  const pixels = new Uint8Array(width * height * (grey ? 1 : 3));
  if (header.colour === PALETTE) fromPalette(rows, rowBytes, header, palette, pixels, path);
  else fromSamples(rows, rowBytes, header, pixels);
  return { width, height, grey, pixels };
}

/** Exactly `size` bytes, and never more in memory. Throws DATA_FORMAT. */
function unpack(packed: Uint8Array, size: number, path: string): Uint8Array {
  let rows: Uint8Array;
  try {
    rows = inflateSync(packed, { maxOutputLength: size });
  } catch (error) {
    throw dataFormat(path, `is a damaged PNG: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (rows.length !== size) throw dataFormat(path, `is a damaged PNG: ${rows.length} bytes of pixels, not ${size}`);
  return rows;
}

/** The predictor of filter type 4 (section 9.4). */
function paeth(left: number, above: number, corner: number): number {
  const guess = left + above - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - above), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? above : corner;
}

/** Undoes the rows' filters in place; each row is its filter's type and `rowBytes` bytes (section 9.2). */
function unfilter(rows: Uint8Array, rowBytes: number, pixelBytes: number, path: string): void {
  const stride = 1 + rowBytes;
  for (let start = 0; start < rows.length; start += stride) {
    const type = rows[start] as number;
    if (type > 4) throw dataFormat(path, `is a damaged PNG: a row of filter ${type}`);
    if (type === 0) continue;
    for (let i = 0; i < rowBytes; i++) {
      const at = start + 1 + i;
      const left = i < pixelBytes ? 0 : (rows[at - pixelBytes] as number);
      const above = start === 0 ? 0 : (rows[at - stride] as number);
      const corner = start === 0 || i < pixelBytes ? 0 : (rows[at - stride - pixelBytes] as number);
      const mean = (left + above) >> 1;
      const guess = type === 1 ? left : type === 2 ? above : type === 3 ? mean : paeth(left, above, corner);
      rows[at] = (rows[at] as number) + guess;
    }
  }
}

/** The sample at place `index` of a row, as its bits stand there; of 16 bits the upper 8. */
function sampleAt(rows: Uint8Array, row: number, index: number, depth: number): number {
  if (depth >= 8) return rows[row + (index * depth) / 8] as number;
  const bit = index * depth;
  return ((rows[row + (bit >> 3)] as number) >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

function fromSamples(rows: Uint8Array, rowBytes: number, header: PngHeader, pixels: Uint8Array): void {
  const { width, height, grey, depth, samples } = header;
  const channels = grey ? 1 : 3;
  const factor = depth >= 8 ? 1 : 255 / ((1 << depth) - 1);
  let into = 0;
  for (let y = 0; y < height; y++) {
    const row = y * (1 + rowBytes) + 1;
    for (let x = 0; x < width; x++) {
      for (let channel = 0; channel < channels; channel++) {
        pixels[into++] = sampleAt(rows, row, x * samples + channel, depth) * factor;
      }
    }
  }
}

function fromPalette(
  rows: Uint8Array,
  rowBytes: number,
  { width, height, depth }: PngHeader,
  palette: Uint8Array | undefined,
  pixels: Uint8Array,
  path: string,
): void {
  if (!palette) throw dataFormat(path, 'is a damaged PNG: it has no palette');
  let into = 0;
  for (let y = 0; y < height; y++) {
    const row = y * (1 + rowBytes) + 1;
    for (let x = 0; x < width; x++, into += 3) {
      const colour = 3 * sampleAt(rows, row, x, depth);
      if (colour + 3 > palette.length) throw dataFormat(path, 'is a damaged PNG: a colour that its palette lacks');
      pixels.set(palette.subarray(colour, colour + 3), into);
    }
  }
}
