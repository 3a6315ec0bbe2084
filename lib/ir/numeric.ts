/** Elements of tensors as numbers, and back: the four real types, and integers for shapes. */
import { dtypeUnsupported } from '../errors.js';
import type { Bytes } from './bytes.js';
import { BFLOAT16, BOOL, byteLength, DOUBLE, dtypeName, FLOAT, FLOAT16, INT8, INT32, INT64, UINT8 } from './dtype.js';
import type { Tensor } from './model.js';

/** Real numbers in memory; float16 and bfloat16 are widened. */
export type Reals = Float32Array | Float64Array;

/** The same bytes at an offset that typed arrays of `size` bytes accept: a view where it can be one. (A Buffer's slice is no copy.) */
export function aligned(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
}

const scratch = new DataView(new ArrayBuffer(4));

function bits32(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

function float32Bits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** IEEE 754 half precision to a number. */
export function fromHalf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** A value at a step of `unit`, ties to even, as IEEE 754 rounds. */
function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  return rest > 0.5 || (rest === 0.5 && down % 2 === 1) ? down + 1 : down;
}

/** A number to IEEE 754 half precision, rounded to the nearest, ties to even. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size < 2 ** -14) return sign | roundToEven(size * 2 ** 24);
  const exponent = Math.min(Math.floor(Math.log2(size)), 16);
  const exact = size >= 2 ** (exponent + 1) ? exponent + 1 : size < 2 ** exponent ? exponent - 1 : exponent;
  const bits = (exact + 15) * 1024 + roundToEven((size / 2 ** exact - 1) * 1024);
  return sign | Math.min(bits, 0x7c00);
}

/** A number to bfloat16 (the upper half of float32), rounded to the nearest, ties to even. */
export function toBfloat(value: number): number {
  if (Number.isNaN(value)) return 0x7fc0;
  const bits = float32Bits(value);
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff;
}

/** Raw bytes of a real type as numbers: a view for float32 and float64, a widened copy for the 16-bit types. */
export function realsOf(bytes: Uint8Array, dtype: number, name: string): Reals {
  switch (dtype) {
    case FLOAT: {
      const data = aligned(bytes, 4);
      return new Float32Array(data.buffer, data.byteOffset, data.byteLength / 4);
    }
    case DOUBLE: {
      const data = aligned(bytes, 8);
      return new Float64Array(data.buffer, data.byteOffset, data.byteLength / 8);
    }
    case FLOAT16:
    case BFLOAT16: {
      const data = aligned(bytes, 2);
      const halves = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
      return Float32Array.from(halves, dtype === FLOAT16 ? fromHalf : (half) => bits32(half * 65536));
    }
    default:
      throw dtypeUnsupported(name, dtypeName(dtype), 'compute with it');
  }
}

/** Numbers as raw bytes of a real type, the inverse of `realsOf`. */
export function bytesOf(values: Reals, dtype: number, name: string): Uint8Array {
  const view = (data: ArrayBufferView) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  switch (dtype) {
    case FLOAT:
      return view(values instanceof Float32Array ? values : Float32Array.from(values));
    case DOUBLE:
      return view(values instanceof Float64Array ? values : Float64Array.from(values));
    case FLOAT16:
      return view(Uint16Array.from(values, toHalf));
    case BFLOAT16:
      return view(Uint16Array.from(values, toBfloat));
    default:
      throw dtypeUnsupported(name, dtypeName(dtype), 'compute with it');
  }
}

/** All bytes of a source in one array. */
export const allBytes = (data: Bytes): Uint8Array => data.read(0, data.length);

/** All elements of a tensor of a real type. */
export function tensorReals(tensor: Tensor): Reals {
  if (!tensor.data) throw dtypeUnsupported(tensor.name, dtypeName(tensor.dtype), 'compute with it');
  return realsOf(allBytes(tensor.data), tensor.dtype, tensor.name);
}

/** The elements of a small integer tensor (shapes, axes, indices); undefined for another type. */
export function tensorIntegers(tensor: Tensor): readonly number[] | undefined {
  if (!tensor.data) return undefined;
  const bytes = allBytes(tensor.data);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const every = (size: number, get: (at: number) => number) =>
    Array.from({ length: bytes.length / size }, (_, i) => get(i * size));
  switch (tensor.dtype) {
    case INT64:
      return every(8, (at) => Number(view.getBigInt64(at, true)));
    case INT32:
      return every(4, (at) => view.getInt32(at, true));
    case INT8:
      return every(1, (at) => view.getInt8(at));
    case UINT8:
    case BOOL:
      return every(1, (at) => view.getUint8(at));
    default:
      return undefined;
  }
}

/** Integers as the raw bytes of an int64 tensor. */
export const int64Bytes = (values: readonly number[]): Uint8Array =>
  new Uint8Array(BigInt64Array.from(values, BigInt).buffer);

/** How many elements a tensor of these dimensions has: 1 for a scalar. */
export const elementCount = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

/** Bytes of one tensor by its dimensions and type, 0 for strings. */
export const tensorByteLength = (tensor: Tensor): number =>
  tensor.data?.length ?? byteLength(tensor.dtype, elementCount(tensor.dims)) ?? 0;

/** A position in row-major order as an index on each axis. */
export function indexAt(position: number, dims: readonly number[]): readonly number[] {
  const index: number[] = [];
  for (let axis = dims.length - 1, rest = position; axis >= 0; axis--) {
    const length = dims[axis] as number;
    index.unshift(rest % length);
    rest = Math.floor(rest / length);
  }
  return index;
}
