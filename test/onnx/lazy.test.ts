import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import type { Bytes } from '../../lib/ir/bytes.js';
import { hashFiles } from '../../lib/onnx/hash.js';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { codeFrom, codeFromAsync } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { block, filled, relu, tensor } from '../support/wire.js';

const folder = temporaryFolder();

/** 20 MB that are different everywhere. */
const weights = new Uint8Array(Uint32Array.from({ length: 5_000_000 }, (_, i) => i * 2654435761).buffer);
const bytes = relu({ initializers: [tensor({ dims: [5_000_000], raw: weights })] });
const large = folder.put('large.onnx', bytes);

const dataOf = (path: string): Bytes => {
  const data = readModel(path).graph.initializers.get('w')?.data;
  if (!data) throw new Error('no data');
  return data;
};
const joined = (data: Bytes, align: number): Buffer =>
  Buffer.concat(Array.from(data.pieces(align), (piece) => Buffer.from(piece)));

describe('weights stay in the file', () => {
  test('reading a model costs neither time nor memory for them', () => {
    const sparse = folder.put(
      'sparse.onnx',
      relu({ initializers: [tensor({ dims: [2 ** 20], raw: filled(2 ** 22) })] }),
    );
    const before = process.memoryUsage().arrayBuffers;
    const model = readModel(sparse);
    expect(model.graph.initializers.get('w')?.data?.length).toBe(2 ** 22);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 21);
  });

  test('any stretch of them, in memory of its own', () => {
    const data = dataOf(large);
    const [a, b] = [data.read(1001, 1011), data.read(1001, 1011)];
    expect([...a]).toEqual([...weights.subarray(1001, 1011)]);
    a.fill(0);
    expect([...b]).toEqual([...weights.subarray(1001, 1011)]);
    expect(a.slice().buffer).not.toBe(a.buffer);
    expect(data.read(0, data.length).byteOffset % 8).toBe(0);
  });

  test('all of them, in aligned pieces of one buffer', () => {
    const data = dataOf(large);
    const sizes: number[] = [];
    const buffers = new Set<ArrayBufferLike>();
    for (const piece of data.pieces(48)) {
      sizes.push(piece.length);
      buffers.add(piece.buffer);
    }
    expect(sizes.slice(0, -1).every((size) => size % 48 === 0 && size > 2 ** 20)).toBe(true);
    expect(buffers.size).toBe(1);
    expect(joined(data, 48).equals(Buffer.from(weights.buffer))).toBe(true);
  });

  test('in memory they are views', () => {
    const data = parseModel(bytes).graph.initializers.get('w')?.data;
    expect(data?.read(0, 4).buffer).toBe(bytes.buffer);
    const fromBuffer = parseModel(readFileSync(large)).graph.initializers.get('w')?.data?.read(0, 4);
    expect(Buffer.isBuffer(fromBuffer)).toBe(false);
  });

  test('typed data too', () => {
    const typed = folder.put(
      'typed.onnx',
      relu({ initializers: [tensor({ dims: [5_000_000], more: block(4, weights) })] }),
    );
    expect(joined(dataOf(typed), 4).equals(Buffer.from(weights.buffer))).toBe(true);
  });
});

describe('files that are not what they were', () => {
  const fresh = (name: string): { path: string; data: Bytes } => {
    const path = folder.put(name, bytes);
    return { path, data: dataOf(path) };
  };

  test.each<[string, (path: string) => void]>([
    ['replaced', (path) => renameSync(folder.put('other.onnx', bytes), path)],
    ['grown', (path) => appendFileSync(path, 'x')],
    ['cut', (path) => truncateSync(path, 100)],
    ['rewritten', (path) => writeFileSync(path, bytes)],
  ])('%s', (what, change) => {
    const { path, data } = fresh(`${what}.onnx`);
    change(path);
    expect(codeFrom(() => data.read(0, 4))).toBe('FILE_CHANGED');
    expect(codeFrom(() => [...data.pieces(4)])).toBe('FILE_CHANGED');
  });

  test('cut while it is being read', () => {
    const { path, data } = fresh('cut-later.onnx');
    const pieces = data.pieces(4)[Symbol.iterator]();
    pieces.next();
    truncateSync(path, 100);
    expect(codeFrom(() => pieces.next())).toBe('TRUNCATED');
  });

  test('gone', () => {
    const { path, data } = fresh('gone.onnx');
    renameSync(path, folder.at('elsewhere.onnx'));
    expect(codeFrom(() => data.read(0, 4))).toBe('FILE_SYSTEM');
  });
});

describe('paths', () => {
  test('a link to a model is followed', () => {
    symlinkSync(large, folder.at('link.onnx'));
    expect(dataOf(folder.at('link.onnx')).length).toBe(weights.length);
  });

  test('a pipe does not block', () => {
    execFileSync('mkfifo', [folder.at('pipe.onnx')]);
    expect(codeFrom(() => readModel(folder.at('pipe.onnx')))).toBe('NOT_ONNX');
    expect(codeFrom(() => readModel('/dev/zero'))).toBe('NOT_ONNX');
  });

  test('a file over 2 GiB is refused before it is read', () => {
    const path = folder.put('huge.onnx', relu());
    truncateSync(path, 2 ** 31);
    expect(codeFrom(() => readModel(path))).toBe('TOO_LARGE');
  });
});

describe('hashes', () => {
  test('model first, then external data; large files on a thread', async () => {
    mkdirSync(folder.at('data'));
    const small = folder.put(
      'data/small.onnx',
      relu({ initializers: [tensor({ dims: [1], external: { location: 'w.bin' } })] }),
    );
    folder.put('data/w.bin', filled(4));
    const sha256 = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');
    const expected = [[sha256(small), sha256(folder.at('data/w.bin'))], []];
    expect(await hashFiles([readModel(small), parseModel(relu())])).toEqual(expected);
    expect(await hashFiles([readModel(large)])).toEqual([[sha256(large)]]);
  });

  test.each([
    ['small', relu()],
    ['large', bytes],
  ])('%s files that were changed', async (name, contents) => {
    const path = folder.put(`hashed-${name}.onnx`, contents);
    const model = readModel(path);
    appendFileSync(path, 'x');
    expect(await codeFromAsync(() => hashFiles([model]))).toBe('FILE_CHANGED');
  });
});
