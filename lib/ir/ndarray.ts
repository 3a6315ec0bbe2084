/** Whole tensors in memory, as they go in and out of a runtime and come from data sets. */
import { defect, dtypeUnsupported } from '../errors.js';
import { dtypeName, REAL_TYPES } from './dtype.js';
import { bytesOf, elementCount, type Reals, realsOf } from './numeric.js';

/** The elements of a tensor; float16 and bfloat16 as their bits in a Uint16Array, bool as 0 and 1 in a Uint8Array. */
export type Elements =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** A tensor in memory: row-major, one element of `data` for each position. */
export interface NdArray {
  /** A number of ir/dtype. */
  readonly dtype: number;
  readonly dims: readonly number[];
  readonly data: Elements;
}

/** Makes elements: `count` zeros, or a view of a buffer. */
export interface ElementsConstructor {
  readonly BYTES_PER_ELEMENT: number;
  new (count: number): Elements;
  new (buffer: ArrayBufferLike, byteOffset: number, count: number): Elements;
}

/** By the dtype's name in ONNX. */
const CONSTRUCTORS: ReadonlyMap<string, ElementsConstructor> = new Map<string, ElementsConstructor>([
  ['float32', Float32Array],
  ['float64', Float64Array],
  ['float16', Uint16Array],
  ['bfloat16', Uint16Array],
  ['int8', Int8Array],
  ['uint8', Uint8Array],
  ['bool', Uint8Array],
  ['int16', Int16Array],
  ['uint16', Uint16Array],
  ['int32', Int32Array],
  ['uint32', Uint32Array],
  ['int64', BigInt64Array],
  ['uint64', BigUint64Array],
]);

/** The typed array that holds elements of `dtype`; undefined where there is none (strings, complex and packed types). */
export const constructorOf = (dtype: number): ElementsConstructor | undefined => CONSTRUCTORS.get(dtypeName(dtype));

/** A tensor of `data`, whose length must be the product of `dims`. Throws DEFECT where it is not. */
export function ndarray(dtype: number, dims: readonly number[], data: Elements): NdArray {
  if (data.length !== elementCount(dims)) throw defect(`${data.length} elements for the shape [${dims.join(', ')}]`);
  return { dtype, dims, data };
}

/** The elements as numbers: a view for float32 and float64, else a copy. 64-bit integers beyond 2^53 are rounded. */
export function toReals(array: NdArray, name: string): Reals {
  const { data, dtype } = array;
  if (REAL_TYPES.has(dtype)) return realsOf(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), dtype, name);
  return Float64Array.from(data as ArrayLike<number | bigint>, Number);
}

/** A tensor of a real type made of numbers, rounded to it. Throws DTYPE_UNSUPPORTED for other types. */
export function fromReals(values: Reals, dtype: number, dims: readonly number[], name: string): NdArray {
  const make = constructorOf(dtype);
  if (!REAL_TYPES.has(dtype) || !make) throw dtypeUnsupported(name, dtypeName(dtype), 'make it of real numbers');
  const bytes = bytesOf(values, dtype, name);
  return ndarray(dtype, dims, new make(bytes.buffer, bytes.byteOffset, bytes.byteLength / make.BYTES_PER_ELEMENT));
}
