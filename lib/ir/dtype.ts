/** Element types of tensors, by their numbers in ONNX's TensorProto.DataType. */

export interface DtypeInfo {
  readonly name: string;
  /** Bits that one element takes in raw data; undefined where it has no fixed width (strings). */
  readonly bits: number | undefined;
}

/** TensorProto.DataType, ONNX 1.23. */
export const DTYPES: ReadonlyMap<number, DtypeInfo> = new Map([
  [1, { name: 'float32', bits: 32 }],
  [2, { name: 'uint8', bits: 8 }],
  [3, { name: 'int8', bits: 8 }],
  [4, { name: 'uint16', bits: 16 }],
  [5, { name: 'int16', bits: 16 }],
  [6, { name: 'int32', bits: 32 }],
  [7, { name: 'int64', bits: 64 }],
  [8, { name: 'string', bits: undefined }],
  [9, { name: 'bool', bits: 8 }],
  [10, { name: 'float16', bits: 16 }],
  [11, { name: 'float64', bits: 64 }],
  [12, { name: 'uint32', bits: 32 }],
  [13, { name: 'uint64', bits: 64 }],
  [14, { name: 'complex64', bits: 64 }],
  [15, { name: 'complex128', bits: 128 }],
  [16, { name: 'bfloat16', bits: 16 }],
  [17, { name: 'float8e4m3fn', bits: 8 }],
  [18, { name: 'float8e4m3fnuz', bits: 8 }],
  [19, { name: 'float8e5m2', bits: 8 }],
  [20, { name: 'float8e5m2fnuz', bits: 8 }],
  [21, { name: 'uint4', bits: 4 }],
  [22, { name: 'int4', bits: 4 }],
  [23, { name: 'float4e2m1', bits: 4 }],
  [24, { name: 'float8e8m0', bits: 8 }],
  [25, { name: 'uint2', bits: 2 }],
  [26, { name: 'int2', bits: 2 }],
  [27, { name: 'float6e2m3', bits: 6 }],
  [28, { name: 'float6e3m2', bits: 6 }],
]);

export const UNDEFINED = 0;
export const FLOAT = 1;
export const UINT8 = 2;
export const INT8 = 3;
export const INT32 = 6;
export const INT64 = 7;
export const STRING = 8;
export const BOOL = 9;
export const FLOAT16 = 10;
export const DOUBLE = 11;
export const BFLOAT16 = 16;

/** The types in which weights are trained and fused. */
export const REAL_TYPES: ReadonlySet<number> = new Set([FLOAT, FLOAT16, DOUBLE, BFLOAT16]);

/** `float32`, or `type 99` for a number that ONNX may give a meaning later. */
export const dtypeName = (dtype: number): string => DTYPES.get(dtype)?.name ?? `type ${dtype}`;

/** Bytes that `count` elements take in raw data, packed types rounded up; undefined for strings and unknown types. */
export function byteLength(dtype: number, count: number): number | undefined {
  const bits = DTYPES.get(dtype)?.bits;
  return bits === undefined ? undefined : Math.ceil((count * bits) / 8);
}
