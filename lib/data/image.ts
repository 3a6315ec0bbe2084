/** An image as training takes it, and what a file's first bytes say of it before anything is decoded. */
import { dataFormat } from '../errors.js';
import { MAX_IMAGE_PIXELS } from '../limits.js';
import { decodeJpeg, jpegHeader } from './jpeg.js';
import { decodePng, pngHeader } from './png.js';

/** What a header says. */
export interface ImageHeader {
  readonly width: number;
  readonly height: number;
  /** Whether it has one channel, light, and not three. */
  readonly grey: boolean;
}

/** Eight bits a channel, channels of a pixel side by side; no transparency. */
export interface Image extends ImageHeader {
  readonly pixels: Uint8Array;
}

interface Format {
  readonly magic: readonly number[];
  /** Undefined where `bytes` ends before the header does. */
  header(bytes: Uint8Array, path: string): ImageHeader | undefined;
  /** Decodes a whole file of checked size. */
  decode(bytes: Uint8Array, header: ImageHeader, path: string): Image;
}

const FORMATS: readonly Format[] = [
  { magic: [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], header: pngHeader, decode: decodePng },
  { magic: [0xff, 0xd8, 0xff], header: jpegHeader, decode: decodeJpeg },
];

/** By the first bytes, whatever the name says. */
function formatOf(bytes: Uint8Array, path: string): Format {
  const format = FORMATS.find(({ magic }) => magic.every((byte, i) => bytes[i] === byte));
  if (!format) throw dataFormat(path, 'is neither a PNG nor a JPEG image');
  return format;
}

/** The header, undefined where `bytes` ends before it does. Throws DATA_FORMAT for other files and too large images. */
export function imageHeader(bytes: Uint8Array, path: string): ImageHeader | undefined {
  const header = formatOf(bytes, path).header(bytes, path);
  if (!header) return undefined;
  const { width, height } = header;
  if (width === 0 || height === 0) throw dataFormat(path, 'is an image without pixels');
  if (width * height > MAX_IMAGE_PIXELS)
    throw dataFormat(path, `says that it has ${width} x ${height} pixels, more than ${MAX_IMAGE_PIXELS} together`);
  return header;
}

/** Decodes a file. Throws DATA_FORMAT where it is damaged; its size is checked before memory is taken. */
export function decodeImage(bytes: Uint8Array, path: string): Image {
  const header = imageHeader(bytes, path);
  if (!header) throw dataFormat(path, 'ends within its header');
  return formatOf(bytes, path).decode(bytes, header, path);
}
