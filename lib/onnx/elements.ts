/** The elements of a tensor that stand in its typed fields, as raw data: little-endian and row-major. */
import type { Int64, TensorProto } from './messages.js';

/** The fields that can hold a tensor's elements. */
export type ElementField =
  | 'raw_data'
  | 'float_data'
  | 'int32_data'
  | 'string_data'
  | 'int64_data'
  | 'double_data'
  | 'uint64_data';

export const ELEMENT_FIELDS: readonly ElementField[] = [
  'raw_data',
  'float_data',
  'int32_data',
  'string_data',
  'int64_data',
  'double_data',
  'uint64_data',
];

/** Numbers of the fields whose elements may stay in the file. */
export const HELD_FIELDS: ReadonlyMap<number, ElementField> = new Map([
  [4, 'float_data'],
  [9, 'raw_data'],
  [10, 'double_data'],
]);

/** Makes the raw data of all elements in a field. */
type Packer = (tensor: TensorProto) => Uint8Array;

const view = (array: ArrayBufferView): Uint8Array => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function fromInt64(values: readonly Int64[]): Uint8Array {
  const halves = new Int32Array(2 * values.length);
  values.forEach(({ low, high }, i) => {
    halves[2 * i] = low;
    halves[2 * i + 1] = high;
  });
  return view(halves);
}

/** Codes of 6 bits, one after the other from the lowest bit on: four take three bytes. */
function pack6(codes: readonly number[]): Uint8Array {
  const packed = new Uint8Array(Math.ceil((codes.length * 6) / 8));
  codes.forEach((code, i) => {
    const at = (i * 6) >> 3;
    const bits = (code & 63) << ((i * 6) & 7);
    packed[at] = (packed[at] ?? 0) | bits;
    if (bits > 255) packed[at + 1] = bits >> 8;
  });
  return packed;
}

const floats: Packer = (tensor) => view(Uint32Array.from(tensor.float_data));
const bytes: Packer = (tensor) => Uint8Array.from(tensor.int32_data);
const halves: Packer = (tensor) => view(Uint16Array.from(tensor.int32_data));
const sixBits: Packer = (tensor) => pack6(tensor.int32_data);
const doubles: Packer = (tensor) => fromInt64(tensor.double_data);

interface Typed {
  readonly field: ElementField;
  readonly pack: Packer;
}

const int32 = (pack: Packer): Typed => ({ field: 'int32_data', pack });

/** Which typed field holds the elements of a type, as onnx.proto fixes it; complex numbers are pairs. */
export const TYPED: ReadonlyMap<number, Typed> = new Map<number, Typed>([
  [1, { field: 'float_data', pack: floats }],
  [2, int32(bytes)],
  [3, int32(bytes)],
  [4, int32(halves)],
  [5, int32(halves)],
  [6, int32((tensor) => view(Int32Array.from(tensor.int32_data)))],
  [7, { field: 'int64_data', pack: (tensor) => fromInt64(tensor.int64_data) }],
  [9, int32(bytes)],
  [10, int32(halves)],
  [11, { field: 'double_data', pack: doubles }],
  [12, { field: 'uint64_data', pack: (tensor) => view(Int32Array.from(tensor.uint64_data, ({ low }) => low)) }],
  [13, { field: 'uint64_data', pack: (tensor) => fromInt64(tensor.uint64_data) }],
  [14, { field: 'float_data', pack: floats }],
  [15, { field: 'double_data', pack: doubles }],
  [16, int32(halves)],
  [17, int32(bytes)],
  [18, int32(bytes)],
  [19, int32(bytes)],
  [20, int32(bytes)],
  [21, int32(bytes)],
  [22, int32(bytes)],
  [23, int32(bytes)],
  [24, int32(bytes)],
  [25, int32(bytes)],
  [26, int32(bytes)],
  [27, int32(sixBits)],
  [28, int32(sixBits)],
]);
