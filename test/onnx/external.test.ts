import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { codeFrom } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import { attribute, block, filled, node, relu, tensor } from '../support/wire.js';

const folder = temporaryFolder();
folder.put(
  'w.bin',
  Uint8Array.from({ length: 100 }, (_, i) => i),
);
mkdirSync(folder.at('sub'));
folder.put('sub/w.bin', filled(40, 7));
folder.put('outside.txt', 'secret');

type Place = Readonly<Record<string, string>>;

/** A model with one float32 initializer of three elements there. */
const modelAt = (external: Place): string =>
  folder.put('model.onnx', relu({ initializers: [tensor({ dims: [3], external })] }));
const read = (external: Place) => readModel(modelAt(external)).graph.initializers.get('w')?.data;
const code = (external: Place): string => codeFrom(() => read(external));

describe('external data', () => {
  test.each<[string, Place, number]>([
    ['from an offset', { location: 'w.bin', offset: '8', length: '12' }, 8],
    ['without length', { location: 'w.bin', offset: '88' }, 88],
    ['without offset', { location: 'w.bin' }, 0],
    ['below the folder', { location: './sub//w.bin', length: '12' }, 7],
    ['with a checksum and keys of others', { location: 'w.bin', checksum: 'abc', basepath: '/', prepacked: '1' }, 0],
  ])('%s', (_, place, first) => {
    const data = read(place);
    expect(data?.length).toBe(12);
    expect(data?.read(0, 1)[0]).toBe(first);
  });

  test('of no element', () => {
    const path = folder.put(
      'empty.onnx',
      relu({ initializers: [tensor({ dims: [0], external: { location: 'w.bin', offset: '100' } })] }),
    );
    expect(readModel(path).graph.initializers.get('w')?.data?.length).toBe(0);
  });

  test('beside the file that a link leads to', () => {
    modelAt({ location: 'w.bin', offset: '4' });
    symlinkSync(folder.at('model.onnx'), folder.at('sub/link.onnx'));
    expect(readModel(folder.at('sub/link.onnx')).graph.initializers.get('w')?.data?.read(0, 1)[0]).toBe(4);
  });

  test('in a constant is loaded, and written with it', () => {
    const inner = tensor({ dims: [3], external: { location: 'w.bin', offset: '4' } });
    const constant = node('Constant', [], ['k'], block(5, attribute('value', 4, block(5, inner))));
    const model = readModel(folder.put('constant.onnx', relu({ nodes: [constant] })));
    const again = parseModel(encodeModel(model)).graph.nodes[0]?.attributes.get('value');
    expect(again?.type === 'tensor' && [...(again.value.data?.read(0, 12) ?? [])]).toEqual(
      [...filled(12)].map((_, i) => i + 4),
    );
  });

  test('of the default location counts for nothing', () => {
    const more = block(13, Buffer.concat([block(1, 'location'), block(2, '/etc/passwd')]));
    const bytes = relu({ initializers: [tensor({ dims: [1], raw: filled(4), more })] });
    expect(parseModel(bytes).graph.initializers.get('w')?.data?.length).toBe(4);
  });
});

describe('refusals', () => {
  test.each([
    ['../outside.txt'],
    ['a/../../b'],
    ['sub/..'],
    ['/etc/passwd'],
    ['C:\\secret'],
    ['c:secret'],
    ['sub\\w.bin'],
    ['w.bin\0.txt'],
    [''],
    ['.'],
    ['./'],
  ])('EXTERNAL_PATH: %j', (location) => {
    expect(code({ location })).toBe('EXTERNAL_PATH');
    expect(code({ location })).toBe(
      codeFrom(() => parseModel(relu({ initializers: [tensor({ dims: [3], external: { location } })] }))),
    );
  });

  test('EXTERNAL_PATH: a folder on the way is a link', () => {
    symlinkSync(folder.at('sub'), folder.at('linked'));
    expect(code({ location: 'linked/w.bin' })).toBe('EXTERNAL_PATH');
  });

  test.each<[string, (path: string) => void]>([
    ['a link', (path) => symlinkSync(folder.at('w.bin'), path)],
    ['a link to nothing', (path) => symlinkSync('nothing', path)],
    ['a file with two names', (path) => linkSync(folder.put('named-twice.bin', filled(40)), path)],
    ['a pipe', (path) => execFileSync('mkfifo', [path])],
    ['a folder', (path) => mkdirSync(path)],
    ['missing', () => {}],
  ])('EXTERNAL_FILE: %s', (name, make) => {
    const location = `${name.replaceAll(' ', '-')}.bin`;
    make(folder.at(location));
    expect(code({ location })).toBe('EXTERNAL_FILE');
  });

  test('EXTERNAL_FILE: below a file', () => expect(code({ location: 'w.bin/w.bin' })).toBe('EXTERNAL_FILE'));

  test('EXTERNAL_FILE: a model in memory has no folder', () => {
    const bytes = relu({ initializers: [tensor({ dims: [3], external: { location: 'w.bin' } })] });
    expect(codeFrom(() => parseModel(bytes))).toBe('EXTERNAL_FILE');
  });

  test.each<[string, Place]>([
    ['a negative offset', { offset: '-1' }],
    ['an offset that is no number', { offset: '1e3' }],
    ['a hexadecimal one', { offset: '0x10' }],
    ['a blank one', { offset: '' }],
    ['a fraction', { offset: '0.5' }],
    ['an offset past the end', { offset: '101' }],
    ['a stretch past the end', { offset: '90' }],
    ['a length past the end', { length: '1000' }],
    ['petabytes', { offset: '4503599627370496', length: '4503599627370496' }],
    ['more than a number holds', { length: '99999999999999999999' }],
    ['a negative length', { length: '-12' }],
  ])('EXTERNAL_RANGE: %s', (_, place) => expect(code({ location: 'w.bin', ...place })).toBe('EXTERNAL_RANGE'));

  test('EXTERNAL_RANGE: two offsets', () => {
    const more = block(13, Buffer.concat([block(1, 'offset'), block(2, '4')]));
    const external = { location: 'w.bin', offset: '0' };
    const path = folder.put('two.onnx', relu({ initializers: [tensor({ dims: [3], external, more })] }));
    expect(codeFrom(() => readModel(path))).toBe('EXTERNAL_RANGE');
  });

  test('TENSOR_SIZE: a length that does not fit the shape', () => {
    expect(code({ location: 'w.bin', length: '16' })).toBe('TENSOR_SIZE');
  });

  test('a tensor that claims petabytes allocates nothing', () => {
    const external = { location: 'w.bin' };
    const path = folder.put('claims.onnx', relu({ initializers: [tensor({ dims: [2 ** 50], external })] }));
    expect(codeFrom(() => readModel(path))).toBe('EXTERNAL_RANGE');
  });

  test('what passes untouched must not point elsewhere', () => {
    const inner = tensor({ dims: [3], external: { location: 'w.bin' } });
    const sparse = block(15, block(1, inner));
    const list = block(5, attribute('many', 9, block(10, inner)));
    for (const bytes of [relu({ more: sparse }), relu({ nodes: [node('Relu', ['x'], ['y'], list)] })])
      expect(codeFrom(() => readModel(folder.put('inner.onnx', bytes)))).toBe('EXTERNAL_FILE');
  });

  test('nodes may not load more than one file can hold', () => {
    const size = 2 ** 31;
    folder.put('hole.bin', '');
    truncateSync(folder.at('hole.bin'), size);
    const inner = tensor({ dtype: 2, dims: [size], external: { location: 'hole.bin' } });
    const constant = node('Constant', [], ['k'], block(5, attribute('value', 4, block(5, inner))));
    expect(codeFrom(() => readModel(folder.put('hungry.onnx', relu({ nodes: [constant] }))))).toBe('TOO_LARGE');
  });

  test('weights over 2 GiB are read in part and in pieces', () => {
    const wide = tensor({ dtype: 2, dims: [2 ** 31], external: { location: 'hole.bin' } });
    const data = readModel(folder.put('wide.onnx', relu({ initializers: [wide] }))).graph.initializers.get('w')?.data;
    expect(data?.read(2 ** 31 - 4, 2 ** 31)).toEqual(filled(4));
    expect(codeFrom(() => data?.pieces(4)[Symbol.iterator]().next())).toBe('none');
  });
});

test('FILE_CHANGED: the data file is another one when it is read', () => {
  const data = read({ location: 'w.bin', offset: '8' });
  renameSync(folder.at('w.bin'), folder.at('w.old'));
  writeFileSync(folder.at('w.bin'), filled(100));
  expect(codeFrom(() => data?.read(0, 4))).toBe('FILE_CHANGED');
  renameSync(folder.at('w.bin'), folder.at('w.new'));
  symlinkSync(folder.at('w.old'), folder.at('w.bin'));
  expect(codeFrom(() => data?.read(0, 4))).toBe('FILE_SYSTEM');
});
