/** JPEG images: the header read here, so that sizes are known before the decoder starts; the rest by jpeg-js. */
import { decode } from 'jpeg-js';
import { dataFormat } from '../errors.js';
import { MAX_IMAGE_PIXELS, MAX_JPEG_SCANS } from '../limits.js';
import type { Image, ImageHeader } from './image.js';

/** Frames with Huffman codes and eight bits: baseline, extended, progressive. Others (ITU T.81, table B.1) are rare. */
const FRAMES = new Set([0xc0, 0xc1, 0xc2]);
const OTHER_FRAMES = new Set([0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf]);
const START_OF_SCAN = 0xda;

/** Bytes for each pixel that jpeg-js takes at its worst, three channels of coefficients and of samples. */
const BYTES_A_PIXEL = 32;

/** The size in the frame's header; undefined where `bytes` ends before it. Throws DATA_FORMAT. */
export function jpegHeader(bytes: Uint8Array, path: string): ImageHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 2;
  while (at + 10 <= bytes.length) {
    if (bytes[at] !== 0xff) throw dataFormat(path, 'is a damaged JPEG: no marker where one belongs');
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      // A fill byte.
      at += 1;
      continue;
    }
    if (FRAMES.has(marker)) return frameAt(view, at + 4, path);
    if (OTHER_FRAMES.has(marker)) throw dataFormat(path, 'is a JPEG that is lossless or coded arithmetically');
    if (marker === START_OF_SCAN) throw dataFormat(path, 'is a damaged JPEG: a scan without a frame');
    at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return undefined;
}

function frameAt(view: DataView, at: number, path: string): ImageHeader {
  const [bits, channels] = [view.getUint8(at), view.getUint8(at + 5)];
  if (bits !== 8) throw dataFormat(path, `is a JPEG of ${bits} bits`);
  if (channels !== 1 && channels !== 3) throw dataFormat(path, `is a JPEG of ${channels} channels, not grey or colour`);
  return { height: view.getUint16(at + 1), width: view.getUint16(at + 3), grey: channels === 1 };
}

/** Throws DATA_FORMAT for files with more passes over the image than encoders make. */
function checkScans(bytes: Uint8Array, path: string): void {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    if (bytes[at + 1] === START_OF_SCAN) scans += 1;
  }
  if (scans > MAX_JPEG_SCANS) throw dataFormat(path, `is a JPEG of ${scans} scans, more than ${MAX_JPEG_SCANS}`);
}

/** Decodes a whole file. Throws DATA_FORMAT where it is damaged. */
export function decodeJpeg(bytes: Uint8Array, header: ImageHeader, path: string): Image {
  checkScans(bytes, path);
  const { width, height, grey } = header;
  const { width: columns, height: rows, data } = decoded(bytes, path);
  if (columns !== width || rows !== height) throw dataFormat(path, 'is a JPEG of two sizes');
  // Of grey images the decoder makes three equal channels.
  const pixels = grey ? Uint8Array.from({ length: width * height }, (_, i) => data[3 * i] as number) : data;
  return { width, height, grey, pixels };
}

function decoded(bytes: Uint8Array, path: string) {
  try {
    return decode(bytes, {
      useTArray: true,
      formatAsRGBA: false,
      tolerantDecoding: false,
      maxResolutionInMP: MAX_IMAGE_PIXELS / 1e6,
      maxMemoryUsageInMB: (MAX_IMAGE_PIXELS * BYTES_A_PIXEL) / 2 ** 20,
    });
  } catch (error) {
    throw dataFormat(path, `is a damaged JPEG: ${error instanceof Error ? error.message : String(error)}`);
  }
}
