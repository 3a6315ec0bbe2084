import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { codeFrom } from '../support/codes.js';
import { temporaryFolder } from '../support/folder.js';
import {
  attribute,
  block,
  filled,
  graph,
  int,
  join,
  model,
  nested,
  node,
  opset,
  packed,
  relu,
  tag,
  tensor,
  value,
  varint,
} from '../support/wire.js';

const folder = temporaryFolder();

/** A refusal must be the same from memory and from a file. */
function refusal(bytes: Uint8Array): string {
  const code = codeFrom(() => parseModel(bytes));
  expect(codeFrom(() => readModel(folder.put('refused.onnx', bytes)))).toBe(code);
  return code;
}

const whole = relu({ initializers: [tensor({ dims: [2000], raw: filled(8000) })] });
const repeat = (bytes: Uint8Array, count: number): Uint8Array =>
  new Uint8Array(Buffer.alloc(bytes.length * count, bytes));
const types = (depth: number): Uint8Array => (depth === 0 ? filled(0) : block(4, block(1, types(depth - 1))));

describe('bytes that are no model', () => {
  test.each<[string, Uint8Array | string, RegExp]>([
    ['an empty file', '', /empty/],
    ['gzip', gzipSync(whole), /gzip/],
    ['zip', 'PK\x03\x04rest', /zip/],
    ['a web page', '<!DOCTYPE html><html></html>', /web page/],
    ['text', '{"model": "text"}', /text/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid', /LFS/],
    ['an old PyTorch checkpoint', Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46), /PyTorch/],
    ['a message of something else', join(int(90, 1), block(91, 'text')), /graph/],
  ])('%s', (_, bytes, what) => {
    const path = folder.put('other.bin', bytes);
    expect(() => readModel(path)).toThrow(what);
    expect(codeFrom(() => readModel(path))).toBe('NOT_ONNX');
  });

  test('a folder, and nothing at all', () => {
    expect(codeFrom(() => readModel(folder.path))).toBe('NOT_ONNX');
    expect(codeFrom(() => readModel(folder.at('missing.onnx')))).toBe('FILE_SYSTEM');
  });
});

describe('cut files', () => {
  test('a model cut anywhere is refused', () => {
    const small = relu();
    for (let end = 1; end < small.length; end++)
      expect(['TRUNCATED', 'NOT_ONNX']).toContain(refusal(small.slice(0, end)));
  });

  test('cut within a weight, and at the end of a field', () => {
    expect(refusal(whole.slice(0, 5000))).toBe('TRUNCATED');
    expect(refusal(int(1, 10))).toBe('TRUNCATED');
    expect(refusal(join(int(1, 10), block(7, graph({}))))).toBe('TRUNCATED');
  });

  test('the oldest files import no operator set', () => {
    expect(parseModel(join(int(1, 2), block(7, graph({})))).opsets).toEqual(new Map([['', 1]]));
  });
});

describe('bytes that break the rules of protobuf', () => {
  const inGraph = (bytes: Uint8Array): Uint8Array => model(graph({ more: bytes }));
  test.each<[string, Uint8Array]>([
    ['a number without end', inGraph(join(tag(90, 0), filled(11, 0x80)))],
    ['a number of ten bytes beyond 64 bits', inGraph(join(tag(90, 0), filled(9, 0xff), Uint8Array.of(2)))],
    ['a tag without end', inGraph(filled(6, 0x80))],
    ['a tag beyond 32 bits', inGraph(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x7f))],
    ['field number 0', inGraph(int(0, 1))],
    ['a group', inGraph(join(tag(90, 3), tag(90, 4)))],
    ['a flood of groups', inGraph(repeat(tag(90, 3), 100_000))],
    ['the end of a group', inGraph(tag(90, 4))],
    ['wire type 6', inGraph(tag(90, 6))],
    ['wire type 7 in a known field', inGraph(tag(10, 7))],
    ['a message as a number', inGraph(int(1, 5))],
    ['text as a number', inGraph(int(10, 5))],
    ['a number as bytes', relu({ initializers: [block(2, 'x')] })],
    ['bytes as a number', relu({ initializers: [int(9, 5)] })],
    ['a float of eight bytes', relu({ initializers: [join(tag(4, 1), filled(8))] })],
    ['a message that crosses its parent', inGraph(join(tag(1, 2), varint(2)))],
    ['a list that ends within a number', relu({ initializers: [block(1, Uint8Array.of(1, 0x80))] })],
    ['a list with a number without end', relu({ initializers: [block(1, filled(30, 0x80))] })],
    ['a list of floats that ends within one', relu({ initializers: [block(4, filled(7))] })],
    ['a large list of floats that ends within one', relu({ initializers: [block(4, filled(8001))] })],
    ['text that is not UTF-8', inGraph(block(10, Uint8Array.of(0xc3, 0x28)))],
    ['half a surrogate', inGraph(block(10, Uint8Array.of(0xed, 0xa0, 0x80)))],
    ['long text that is not UTF-8', inGraph(block(10, filled(3_000_000, 0xff)))],
  ])('%s', (_, bytes) => expect(refusal(bytes)).toBe('WIRE_FORMAT'));
});

describe('a field twice that may stand once', () => {
  const typed = block(1, int(1, 1));
  test.each<[string, Uint8Array]>([
    ['graph', join(model(graph({})), block(7, graph({})))],
    ['ir_version', join(int(1, 9), model(graph({})))],
    ['the type of a value', relu({ inputs: [join(value('x'), block(2, typed))] })],
    ['two kinds of type', relu({ inputs: [join(block(1, 'x'), block(2, join(typed, types(1))))] })],
    [
      'two lengths of an axis',
      relu({ inputs: [join(block(1, 'x'), block(2, block(1, block(2, block(1, join(int(1, 2), block(2, 'n')))))))] }),
    ],
    [
      'the tensor of an attribute',
      relu({ nodes: [node('C', [], ['k'], block(5, attribute('v', 4, join(block(5), block(5)))))] }),
    ],
    [
      'the graph of an attribute',
      relu({ nodes: [node('C', [], ['k'], block(5, attribute('v', 5, join(block(6), block(6)))))] }),
    ],
    ['raw_data', relu({ initializers: [tensor({ dims: [2000], raw: filled(8000), more: block(9, filled(8000)) })] })],
  ])('%s', (_, bytes) => expect(refusal(bytes)).toBe('FIELD_REPEATED'));
});

describe('ceilings', () => {
  test('subgraphs', () => {
    expect(parseModel(nested(32)).graph.nodes).toHaveLength(1);
    expect(refusal(nested(33))).toBe('TOO_DEEP');
    expect(refusal(nested(4000))).toBe('TOO_DEEP');
  });

  test('messages', () => {
    const nest = (depth: number) => relu({ inputs: [join(block(1, 'x'), block(2, types(depth)))] });
    expect(parseModel(nest(40)).graph.inputs).toHaveLength(1);
    expect(refusal(nest(60))).toBe('TOO_DEEP');
    expect(refusal(nest(2000))).toBe('TOO_DEEP');
  });

  test('empty nodes', () => {
    expect(refusal(model(repeat(block(1), 10_000_000)))).toBe('TOO_MANY');
  });

  test.each([
    ['unknown fields', repeat(int(90, 1), 6_000_000)],
    ['numbers in one attribute', block(1, block(5, block(8, filled(6_000_000, 1))))],
    ['numbers in one tensor', block(5, packed(7, []).length > 0 ? block(7, filled(6_000_000, 1)) : filled(0))],
  ])('%s', (_, bytes) => expect(refusal(model(bytes))).toBe('TOO_MANY'));

  test('one text', () => {
    expect(refusal(model(block(10, filled(2 ** 26 + 1, 0x61))))).toBe('TOO_MANY');
  });

  test('large weights count as one part', () => {
    const large = tensor({ dims: [6_000_000], more: block(4, filled(24_000_000)) });
    expect(parseModel(relu({ initializers: [large] })).graph.initializers.get('w')?.dims).toEqual([6_000_000]);
  });
});

test('names that are words of the language', () => {
  const names = ['__proto__', 'constructor', 'toString', '', 'a'.repeat(1_000_000)];
  const bytes = model(
    join(
      graph({ initializers: names.map((name) => tensor({ name, dims: [0] })) }),
      block(1, node('Relu', names, ['__proto__'], block(5, attribute('__proto__', 2, int(3, 4))))),
    ),
    block(14, join(block(1, '__proto__'), block(2, 'x'))),
  );
  const read = parseModel(bytes);
  expect([...read.graph.initializers.keys()]).toEqual(names);
  expect(read.graph.nodes[0]?.attributes.get('__proto__')).toMatchObject({ type: 'int', value: 4 });
  expect(read.metadata.get('__proto__')).toBe('x');
});

test('a model behind windows of any kind reads like one in memory', () => {
  const initializers = Array.from({ length: 300 }, (_, i) =>
    tensor({ name: `w${i}`, dims: [i * 20], raw: filled(i * 80, i) }),
  );
  const bytes = relu({ initializers, more: block(10, 'x'.repeat(3_000_000)) });
  const read = readModel(folder.put('windows.onnx', bytes));
  const parsed = parseModel(bytes);
  for (const [name, { data, dims }] of parsed.graph.initializers) {
    const other = read.graph.initializers.get(name);
    expect(other?.dims).toEqual(dims);
    const [a, b] = [data, other?.data].map((bytes) => Buffer.from(bytes?.read(0, bytes.length) ?? 'none'));
    expect(a?.equals(b ?? Buffer.of())).toBe(true);
  }
});

test('opsets: two versions of one domain, under both its names', () => {
  const two = (version: number) => join(model(graph({})), block(8, opset(version, 'ai.onnx')));
  expect(parseModel(two(17)).opsets).toEqual(new Map([['', 17]]));
  expect(refusal(two(18))).toBe('NAME_DUPLICATE');
});

test('a byte changed anywhere gives a model or a typed error', () => {
  const bytes = new Uint8Array(readFileSync('fixtures/members/digits-mlp0.onnx'));
  const codes = new Set<string>();
  for (let i = 0; i < 400; i++)
    for (const value of [0, 0xff, 0x80, (bytes[i] ?? 0) ^ 4]) {
      const changed = bytes.slice();
      changed[i] = value;
      codes.add(codeFrom(() => parseModel(changed)));
    }
  expect([...codes].filter((code) => code.startsWith('not ours') || code === 'DEFECT')).toEqual([]);
  expect(codes.size).toBeGreaterThan(3);
});
