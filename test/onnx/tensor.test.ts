import { describe, expect, test } from '@jest/globals';
import type { Tensor } from '../../lib/ir/model.js';
import { parseModel } from '../../lib/onnx/read.js';
import { codeFrom } from '../support/codes.js';
import {
  attribute,
  block,
  doubles,
  filled,
  floats,
  int,
  join,
  node,
  packed,
  relu,
  type TensorWire,
  tag,
  tensor,
  value,
} from '../support/wire.js';

const read = (wire: TensorWire): Tensor => {
  const found = parseModel(relu({ initializers: [tensor(wire)] })).graph.initializers.get('w');
  if (!found) throw new Error('no initializer');
  return found;
};
const bytes = ({ data }: Tensor): readonly number[] => [...(data?.read(0, data.length) ?? [])];
const raw = (array: ArrayBufferView): readonly number[] => [...new Uint8Array(array.buffer)];

describe('elements in typed fields become raw data', () => {
  test.each<[string, TensorWire, readonly number[]]>([
    ['float32', { dims: [2], more: block(4, floats([1.5, -2])) }, raw(Float32Array.of(1.5, -2))],
    ['float32, loose', { dims: [1], more: join(tag(4, 5), floats([1.5])) }, raw(Float32Array.of(1.5))],
    ['float64', { dtype: 11, dims: [2], more: block(10, doubles([0.1, -2])) }, raw(Float64Array.of(0.1, -2))],
    ['uint8', { dtype: 2, dims: [2], more: packed(5, [1, 255]) }, [1, 255]],
    ['int8', { dtype: 3, dims: [2], more: packed(5, [-1, 5]) }, [255, 5]],
    ['uint16', { dtype: 4, dims: [1], more: packed(5, [65535]) }, [255, 255]],
    ['int16', { dtype: 5, dims: [1], more: packed(5, [-2]) }, [254, 255]],
    ['int32', { dtype: 6, dims: [2], more: packed(5, [-2, 7]) }, raw(Int32Array.of(-2, 7))],
    ['int64', { dtype: 7, dims: [2], more: packed(7, [-(2n ** 62n), 7]) }, raw(BigInt64Array.of(-(2n ** 62n), 7n))],
    ['bool', { dtype: 9, dims: [2], more: packed(5, [0, 1]) }, [0, 1]],
    ['float16', { dtype: 10, dims: [1], more: packed(5, [0x3c00]) }, [0, 0x3c]],
    ['uint32', { dtype: 12, dims: [1], more: packed(11, [0xfffffffe]) }, [254, 255, 255, 255]],
    ['uint64', { dtype: 13, dims: [1], more: packed(11, [2n ** 64n - 2n]) }, raw(BigUint64Array.of(2n ** 64n - 2n))],
    ['complex64', { dtype: 14, dims: [1], more: block(4, floats([1, 2])) }, raw(Float32Array.of(1, 2))],
    ['bfloat16', { dtype: 16, dims: [1], more: packed(5, [0x3f80]) }, [0x80, 0x3f]],
    ['float8', { dtype: 17, dims: [2], more: packed(5, [1, 200]) }, [1, 200]],
    ['uint4, two to a number', { dtype: 21, dims: [3], more: packed(5, [0x21, 0x03]) }, [0x21, 0x03]],
    ['uint2, four to a number', { dtype: 25, dims: [5], more: packed(5, [0xe4, 1]) }, [0xe4, 1]],
    // 1, 2, 3, 63 in six bits each, from the lowest on
    ['float6, one to a number', { dtype: 27, dims: [4], more: packed(5, [1, 2, 3, 63]) }, [0x81, 0x30, 0xfc]],
  ])('%s', (_, wire, expected) => expect(bytes(read(wire))).toEqual(expected));
});

describe('shapes and types', () => {
  test('a scalar has no axes, and no axis may be without length', () => {
    expect(read({ raw: filled(4) })).toMatchObject({ dims: [], dtype: 1 });
    expect(read({ dims: [0] }).data?.length).toBe(0);
    expect(read({ dims: [2 ** 40, 0, 2 ** 40] }).data?.length).toBe(0);
    expect(read({ dims: [0, 3], raw: filled(0) }).data?.length).toBe(0);
  });

  test('texts have no raw data', () => {
    expect(read({ dtype: 8, dims: [1], more: block(6, 'a') }).data).toBeUndefined();
  });

  test('a type that came later passes', () => {
    expect(read({ dtype: 77, dims: [3], raw: filled(5) })).toMatchObject({ dtype: 77, dims: [3] });
    expect(read({ dtype: 77, dims: [3], more: packed(5, [1]) }).data).toBeUndefined();
  });

  test.each<[string, TensorWire]>([
    ['too few bytes', { dims: [2], raw: filled(7) }],
    ['too many bytes', { dims: [2], raw: filled(9) }],
    ['too many bytes, left in the file', { dims: [2], raw: filled(9000) }],
    ['no bytes', { dims: [2] }],
    ['an odd number of 4-bit elements', { dtype: 22, dims: [3], raw: filled(1) }],
    ['6-bit elements', { dtype: 28, dims: [4], raw: filled(4) }],
    ['too many 6-bit elements', { dtype: 28, dims: [3], more: packed(5, [1, 2, 3, 4]) }],
    ['a negative axis', { dims: [-1], raw: filled(0) }],
    ['an axis of 2^63', { dims: [2n ** 63n - 1n], raw: filled(8) }],
    ['a product beyond 2^53', { dims: [2 ** 30, 2 ** 30], raw: filled(8) }],
    ['65 axes', { dims: Array.from({ length: 65 }, () => 1), raw: filled(4) }],
    ['raw and typed data', { dims: [1], raw: filled(4), more: block(4, filled(4)) }],
    ['raw and typed data, left in the file', { dims: [2000], raw: filled(8000), more: block(4, filled(8000)) }],
    ['empty raw data and typed data', { dims: [1], raw: filled(0), more: block(4, filled(4)) }],
    ['two typed fields', { dims: [1], more: join(block(4, filled(4)), packed(5, [1])) }],
    ['the typed field of another type', { dims: [1], more: packed(5, [1]) }],
    ['the typed field of another type, left in the file', { dtype: 11, dims: [1000], more: block(4, filled(8000)) }],
    ['raw and external data', { dims: [1], raw: filled(4), external: { location: 'w.bin' } }],
    ['texts as raw data', { dtype: 8, dims: [1], raw: filled(1) }],
    ['too few texts', { dtype: 8, dims: [2], more: block(6, 'a') }],
    ['a typed field of wrong length', { dtype: 7, dims: [2], more: packed(7, [1, 2, 3]) }],
  ])('TENSOR_SIZE: %s', (_, wire) => expect(codeFrom(() => read(wire))).toBe('TENSOR_SIZE'));

  test('DTYPE_UNDEFINED, in a constant too', () => {
    expect(codeFrom(() => read({ dtype: 0 }))).toBe('DTYPE_UNDEFINED');
    const constant = block(5, attribute('value', 4, block(5, tensor({ dtype: 0 }))));
    expect(codeFrom(() => parseModel(relu({ nodes: [node('Constant', [], ['k'], constant)] })))).toBe(
      'DTYPE_UNDEFINED',
    );
  });

  test('the message names the tensor', () => {
    expect(() => read({ name: 'w', dims: [3, 2], raw: filled(7) })).toThrow(
      'tensor "w": 7 bytes of data, but [3, 2] of float32 needs 24',
    );
  });
});

test('a tensor without a name is called after its node', () => {
  const constant = (wire: TensorWire) => block(5, attribute('value', 4, block(5, tensor({ name: '', ...wire }))));
  const of = (wire: TensorWire) => parseModel(relu({ nodes: [node('Constant', [], ['k'], constant(wire))] }));
  expect(() => of({ dims: [2], raw: filled(7) })).toThrow('tensor "value of Constant that makes k": 7 bytes');
  expect(() => of({ dims: [1], external: { location: '../x' } })).toThrow('tensor "value of Constant that makes k"');
});

describe('names that stand twice', () => {
  const twice = (more: Uint8Array) => relu({ nodes: [node('Relu', ['x'], ['y'], join(more, more))] });
  test.each([
    ['initializers', relu({ initializers: [tensor({ dims: [0] }), tensor({ dims: [0] })] })],
    ['attributes', twice(block(5, attribute('axis', 2, int(3, 1))))],
  ])('%s', (_, model) => expect(codeFrom(() => parseModel(model))).toBe('NAME_DUPLICATE'));
});

describe('values', () => {
  test('axes are numbers, symbols, or symbols of their own', () => {
    const [x, y] = parseModel(relu({ inputs: [value('x', 1, [-1, 'n', '', 0, 4]), value('y', 0)] })).graph.inputs;
    const symbol = (name: string) => ({ coefficient: 1, symbols: [name] });
    expect(x?.shape).toEqual([symbol('?x.0'), symbol('n'), symbol('?x.2'), 0, 4]);
    expect(y).toMatchObject({ name: 'y', dtype: undefined, shape: undefined });
  });
});

describe('attributes', () => {
  test.each<[string, Uint8Array, unknown]>([
    ['float', attribute('a', 1, join(tag(2, 5), floats([1.5]))), { type: 'float', value: 1.5 }],
    ['a float left out', attribute('a', 1, filled(0)), { type: 'float', value: 0 }],
    ['int', attribute('a', 2, int(3, -4)), { type: 'int', value: -4 }],
    ['string', attribute('a', 3, block(4, 'é')), { type: 'string', value: 'é' }],
    ['floats', attribute('a', 6, block(7, floats([1, 2]))), { type: 'floats', value: [1, 2] }],
    ['ints', attribute('a', 7, join(int(8, 1), int(8, -1))), { type: 'ints', value: [1, -1] }],
    ['strings', attribute('a', 8, join(block(9, 'p'), block(9, ''))), { type: 'strings', value: ['p', ''] }],
    ['bytes', attribute('a', 3, block(4, Uint8Array.of(255))), { type: 'other', value: undefined }],
    ['a graph left out', attribute('a', 5, filled(0)), { type: 'other', value: undefined }],
    ['a reference', attribute('a', 2, block(21, 'outer')), { type: 'ref', value: 'outer', kind: 2 }],
    ['a type of types', attribute('a', 13, block(14)), { type: 'other', value: undefined }],
    ['no type, as in old files', join(block(1, 'a'), int(8, 3)), { type: 'ints', value: [3] }],
    ['no type and no value', block(1, 'a'), { type: 'other', value: undefined }],
  ])('%s', (_, wire, expected) => {
    const { graph } = parseModel(relu({ nodes: [node('Relu', ['x'], ['y'], block(5, wire))] }));
    expect(graph.nodes[0]?.attributes.get('a')).toMatchObject(expected as object);
  });
});
