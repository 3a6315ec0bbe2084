import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { decodeImage, imageHeader } from '../../lib/data/image.js';
import { readNpz } from '../../lib/data/npz.js';
import { chunk, file, head, png, pngOf } from '../support/png.js';
import { refusal } from '../support/refused.js';

const FOLDER = 'fixtures/data/images';
const read = (name: string): Uint8Array => readFileSync(`${FOLDER}/${name}`);
const end = chunk('IEND', new Uint8Array(0));

/** What Pillow makes of it. */
async function expected(name: string) {
  const array = (await readNpz(`${FOLDER}/expected.npz`, [name])).get(name);
  if (!array) throw new Error(`no ${name}`);
  return array;
}

describe('what Pillow wrote is what Pillow reads', () => {
  test.each([
    'rgb.png',
    'rgba.png',
    'grey.png',
    'grey-alpha.png',
    'grey-16bit.png',
    'bits.png',
    'palette.png',
    'palette-2bit.png',
  ])('%s', async (name) => {
    const { dims, data } = await expected(name);
    const image = decodeImage(read(name), name);
    expect([image.height, image.width, ...(image.grey ? [] : [3])]).toEqual(dims);
    expect([...image.pixels]).toEqual([...(data as Uint8Array)]);
  });

  // Decoders round their cosines in other ways: by 1, before and after colours are converted.
  test.each(['rgb.jpg', 'progressive.jpg', 'grey.jpg'])('%s, but for rounding', async (name) => {
    const { dims, data } = await expected(name);
    const image = decodeImage(read(name), name);
    expect([image.height, image.width, ...(image.grey ? [] : [3])]).toEqual(dims);
    const differences = [...image.pixels].map((pixel, i) => Math.abs(pixel - (data[i] as number)));
    expect(Math.max(...differences)).toBeLessThanOrEqual(3);
  });

  test('half-colour.jpg, but for colours between the stored ones, which Pillow interpolates', async () => {
    const { data } = await expected('half-colour.jpg');
    const { pixels } = decodeImage(read('half-colour.jpg'), 'half');
    const light = (from: ArrayLike<number>, i: number) =>
      0.299 * (from[i] as number) + 0.587 * (from[i + 1] as number) + 0.114 * (from[i + 2] as number);
    const differences = Array.from({ length: pixels.length / 3 }, (_, i) =>
      Math.abs(light(pixels, 3 * i) - light(data as Uint8Array, 3 * i)),
    );
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(2);
  });
});

test('all filters of PNG rows are undone', () => {
  // Rows 10 20 30 at first, then each pixel 1 more than above.
  const rows = [
    [0, 10, 20, 30],
    [1, 11, 10, 10],
    [2, 1, 1, 1],
    [3, 7, 11, 12],
    [4, 1, 1, 1],
  ];
  const { pixels } = decodeImage(png({ width: 3, height: 5, colour: 0 }, rows), 'x');
  expect([...pixels]).toEqual([10, 20, 30, 11, 21, 31, 12, 22, 32, 13, 28, 42, 14, 29, 43]);
});

describe('a header', () => {
  test('is known before the file ends, or not yet', () => {
    const jpeg = read('rgb.jpg');
    expect(imageHeader(jpeg.subarray(0, 300), 'x')).toEqual({ width: 19, height: 17, grey: false });
    expect(imageHeader(jpeg.subarray(0, 30), 'x')).toBeUndefined();
    expect(imageHeader(read('bits.png').subarray(0, 40), 'x')).toMatchObject({ width: 7, height: 5, grey: true });
    expect(imageHeader(read('bits.png').subarray(0, 12), 'x')).toBeUndefined();
  });
});

describe('is refused in words:', () => {
  const grey = { width: 2, height: 1, colour: 0 };
  test.each([
    ['another file', Buffer.from('GIF89a'), /neither a PNG nor a JPEG/],
    ['an image that claims gigapixels', file(head({ width: 1e9, height: 1e9, colour: 2 })), /1000000000 x 1000000000/],
    ['an image without pixels', file(head({ width: 0, height: 5, colour: 2 })), /without pixels/],
    ['an interlaced one', file(head({ ...grey, interlace: 1 })), /interlaced/],
    ['an unknown colour type', file(head({ ...grey, colour: 5 })), /colour type 5/],
    ['a depth that the colour type has not', file(head({ ...grey, colour: 2, depth: 4 })), /depth 4/],
    ['a file that ends early', pngOf(2, [1, 2]).subarray(0, 50), /ends too early/],
    ['too few rows', png({ ...grey, height: 2 }, [[0, 1, 2]]), /3 bytes of pixels, not 6/],
    ['a row of an unknown filter', png(grey, [[5, 1, 2]]), /filter 5/],
    ['a palette that is not there', png({ ...grey, colour: 3 }, [[0, 1, 2]]), /no palette/],
    ['pixels that are not packed', file(head(grey), chunk('IDAT', Uint8Array.of(1, 2, 3)), end), /damaged PNG/],
    ['no frame', Uint8Array.of(0xff, 0xd8, 0xff, 0xda, 0, 2, 0, 0, 0, 0, 0, 0, 0), /without a frame/],
    ['CMYK', read('cmyk.jpg'), /4 channels/],
    ['arithmetic coding', Uint8Array.of(0xff, 0xd8, 0xff, 0xc9, 0, 11, 8, 0, 1, 0, 1, 1), /arithmetically/],
  ])('%s', (_, bytes, message) => {
    expect(() => decodeImage(bytes, 'x')).toThrow(refusal('DATA_FORMAT'));
    expect(() => decodeImage(bytes, 'x')).toThrow(message);
  });

  test('a bomb: pixels that unpack to far more than the header says', () => {
    const packed = deflateSync(new Uint8Array(2 ** 26));
    const bomb = file(head(grey), chunk('IDAT', packed), end);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decodeImage(bomb, 'x')).toThrow(refusal('DATA_FORMAT', 'damaged PNG'));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 22);
  });

  test('more scans than encoders make', () => {
    const whole = read('progressive.jpg');
    const scan = [0xff, 0xda, 0, 8, 1, 1, 0, 0, 0x3f, 0];
    const many = Buffer.concat([
      whole.subarray(0, -2),
      ...Array.from({ length: 200 }, () => Uint8Array.from(scan)),
      whole.subarray(-2),
    ]);
    expect(() => decodeImage(many, 'x')).toThrow(refusal('DATA_FORMAT', 'scans'));
  });

  test.each(['rgb.png', 'palette.png'])('%s cut anywhere, or with any byte changed', (name) => {
    const whole = read(name);
    for (let length = 0; length < whole.length; length++)
      expect(() => decodeImage(whole.subarray(0, length), name)).toThrow(refusal('DATA_FORMAT'));
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x40;
      expect(() => decodeImage(damaged, name)).toThrow(refusal('DATA_FORMAT'));
    }
  });

  test.each(['rgb.jpg', 'progressive.jpg', 'grey.jpg'])('%s with any byte changed is refused or read', (name) => {
    const whole = read(name);
    const outcomes = { read: 0, refused: 0 };
    for (let at = 0; at < whole.length; at++) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] as number) ^ 0x20;
      try {
        const { width, height, grey, pixels } = decodeImage(damaged, name);
        expect(pixels.length).toBe(width * height * (grey ? 1 : 3));
        outcomes.read++;
      } catch (error) {
        expect(error).toMatchObject({ code: 'DATA_FORMAT' });
        outcomes.refused++;
      }
    }
    expect(outcomes.refused).toBeGreaterThan(10);
  });
});
