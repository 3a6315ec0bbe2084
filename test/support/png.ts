/** PNG files made by hand. */
import { deflateSync } from 'node:zlib';
import { crc32 } from '../../lib/data/crc32.js';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

/** Length, type, data, checksum. */
export function chunk(type: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(Buffer.from(type, 'latin1'), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.length, crc32(bytes.subarray(4, 8 + data.length)));
  return bytes;
}

export interface PngHead {
  readonly width: number;
  readonly height: number;
  /** 0 grey, 2 colour, 3 palette. */
  readonly colour: number;
  readonly depth?: number;
  readonly interlace?: number;
}

export function head({ width, height, colour, depth = 8, interlace = 0 }: PngHead): Uint8Array {
  const data = new Uint8Array(13);
  const view = new DataView(data.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  data.set([depth, colour, 0, 0, interlace], 8);
  return chunk('IHDR', data);
}

/** A file of these chunks. */
export const file = (...chunks: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat([Uint8Array.from(SIGNATURE), ...chunks]);

/** A file of these rows, each its filter's type and its bytes. */
export const png = (wanted: PngHead, rows: readonly (readonly number[])[]): Uint8Array =>
  file(head(wanted), chunk('IDAT', deflateSync(Uint8Array.from(rows.flat()))), chunk('IEND', new Uint8Array(0)));

/** Grey or colour pixels, row after row, channels side by side. */
export function pngOf(width: number, pixels: readonly number[], colour: 0 | 2 = 0): Uint8Array {
  const length = width * (colour === 0 ? 1 : 3);
  const height = pixels.length / length;
  const rows = Array.from({ length: height }, (_, y) => [0, ...pixels.slice(y * length, (y + 1) * length)]);
  return png({ width, height, colour }, rows);
}
