import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parseModel, readModel } from '../../lib/onnx/read.js';
import { encodeModel, writeModel } from '../../lib/onnx/write.js';
import { oldModel, wholeModel } from '../support/decode.js';
import { temporaryFolder } from '../support/folder.js';
import {
  attribute,
  block,
  doubles,
  entry,
  filled,
  floats,
  graph,
  int,
  join,
  node,
  opset,
  packed,
  relu,
  tag,
  tensor,
  UNKNOWN,
  value,
  varint,
} from '../support/wire.js';

const folder = temporaryFolder();
const rewritten = (bytes: Uint8Array): Uint8Array => encodeModel(parseModel(bytes));

const FIXTURES = readdirSync('fixtures', { recursive: true, encoding: 'utf8' }).filter((path) =>
  path.endsWith('.onnx'),
);

/** Fixtures of refusals cannot be read at all. */
const READABLE = FIXTURES.filter((path) => path.startsWith('members'));

describe('what nobody edits is written as it was read', () => {
  test.each(READABLE)('%s', async (name) => {
    const path = `fixtures/${name}`;
    const original = readFileSync(path);
    const copy = folder.at('copy.onnx');
    await writeModel(readModel(path), copy);
    const written = readFileSync(copy);
    expect(oldModel(written)).toEqual(oldModel(original));
    expect(wholeModel(written)).toEqual(wholeModel(original));
    expect(written.length).toBe(original.length);
    expect(rewritten(original)).toEqual(new Uint8Array(written));
  });

  test('unknown fields in every message', () => {
    const u = UNKNOWN;
    const inner = join(
      graph({ nodes: [node('Identity', ['x'], ['z'], u)], initializers: [tensor({ more: u, name: 'q', dims: [0] })] }),
      u,
    );
    const typed = join(
      block(1, 'x'),
      u,
      block(2, join(u, block(1, join(int(1, 1), u, block(2, join(u, block(1, join(u, int(1, 2))))))))),
    );
    const bytes = join(
      int(1, 10),
      u,
      block(8, join(opset(17), u)),
      block(14, join(entry('key', 'value'), u)),
      block(25, join(block(1, 'f'), u, block(7, join(node('Relu', ['a'], ['b']), u)))),
      block(
        7,
        join(
          graph({
            nodes: [
              node('If', ['c'], ['y'], join(u, block(5, join(attribute('then_branch', 5, block(6, inner)), u)))),
              node(
                'Constant',
                [],
                ['k'],
                block(5, attribute('value', 4, block(5, tensor({ dims: [1], raw: filled(4), more: u })))),
              ),
            ],
            initializers: [
              tensor({ name: 'small', dims: [1], raw: filled(4), more: u }),
              tensor({ name: 'large', dims: [4096], raw: filled(16384, 3), more: u }),
            ],
            inputs: [typed],
          }),
          u,
          block(15, join(block(1, tensor({ name: 's', dims: [0] })), u)),
        ),
      ),
    );
    expect(wholeModel(rewritten(bytes))).toEqual(wholeModel(bytes));
    expect(JSON.stringify(wholeModel(bytes)).split('unknown fields').length - 1).toBe(20);
  });

  test.each<[string, Uint8Array]>([
    ['a zero that is present', block(5, attribute('axis', 2, int(3, 0)))],
    ['an integer beyond 2^53', block(5, attribute('ends', 2, int(3, 2n ** 63n - 1n)))],
    ['the bits of a signalling NaN', block(5, attribute('alpha', 1, join(tag(2, 5), Uint8Array.of(1, 0, 160, 127))))],
    ['packed and loose lists', block(5, attribute('pads', 7, join(packed(8, [1, -2]), int(8, 3))))],
    ['a string that is no text', block(5, attribute('blob', 3, block(4, Uint8Array.of(255, 254))))],
    ['text with a byte order mark', block(5, attribute('blob', 3, block(4, '\ufefftext')))],
    ['a type that came later', block(5, attribute('new', 99, block(99, 'value')))],
    ['a reference in a function', block(5, join(attribute('alpha', 1, filled(0)), block(21, 'outer')))],
    ['a list of tensors', block(5, attribute('many', 9, block(10, tensor({ dims: [9], raw: filled(1) }))))],
    ['empty metadata', join(block(9, filled(0)), block(6, ''))],
  ])('attributes: %s', (_, more) => {
    const bytes = relu({ nodes: [node('Relu', ['x'], ['y'], more)] });
    expect(wholeModel(rewritten(bytes))).toEqual(wholeModel(bytes));
  });

  test.each<[string, Uint8Array]>([
    ['large float_data', tensor({ dims: [2000], more: block(4, floats(Array.from({ length: 2000 }, (_, i) => i))) })],
    [
      'large double_data',
      tensor({ dtype: 11, dims: [2000], more: block(10, doubles(Array.from({ length: 2000 }, Math.sqrt))) }),
    ],
    [
      'float_data in two blocks',
      tensor({ dims: [4000], more: join(block(4, filled(8000, 1)), block(4, filled(8000, 2))) }),
    ],
    [
      'float_data in three blocks',
      tensor({ dims: [6000], more: join(...[1, 2, 3].map((v) => block(4, filled(8000, v)))) }),
    ],
    ['loose float_data', tensor({ dims: [2], more: join(tag(4, 5), filled(4, 1), tag(4, 5), filled(4, 2)) })],
    ['texts', tensor({ dtype: 8, dims: [2], more: join(block(6, 'a'), block(6, Uint8Array.of(255))) })],
    ['a type that came later', tensor({ dtype: 77, dims: [3], raw: filled(5) })],
    ['a late type in typed data', tensor({ dtype: 77, dims: [3], more: packed(5, [1, 2]) })],
    ['a large late type in float_data', tensor({ dtype: 77, dims: [3], more: block(4, filled(8000)) })],
    ['fields after the elements', tensor({ dims: [2000], raw: filled(8000, 7), more: block(12, 'documented') })],
  ])('initializers: %s', (_, initializer) => {
    const bytes = relu({ initializers: [initializer] });
    expect(wholeModel(rewritten(bytes))).toEqual(wholeModel(bytes));
  });

  test('fields in any order', () => {
    const bytes = join(block(8, opset(17)), block(7, graph({ nodes: [node('Relu', ['x'], ['y'])] })), int(1, 10));
    expect(wholeModel(rewritten(bytes))).toEqual(wholeModel(bytes));
  });

  test('numbers longer than they need be', () => {
    const bytes = join(
      tag(1, 0),
      Uint8Array.of(0x8a, 0x80, 0),
      tag(7, 2),
      join(Uint8Array.of(0x80, 0)),
      block(8, opset(17)),
    );
    expect(parseModel(bytes).irVersion).toBe(10);
    expect(varint(10)).toEqual(Uint8Array.of(10));
  });

  test('types that are no tensors', () => {
    const sequence = join(block(1, 's'), block(2, block(4, block(1, block(9, block(1, block(1, int(1, 1))))))));
    const bytes = relu({ inputs: [value('x', 1, ['n', '', 3]), sequence] });
    expect(wholeModel(rewritten(bytes))).toEqual(wholeModel(bytes));
  });
});
