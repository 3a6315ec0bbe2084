/** Our tensors and values as those of ONNX Runtime, and back. ONNX Runtime's names of element types are ONNX's. */
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { dtypeUnsupported } from '../errors.js';
import { type Dim, symbol } from '../ir/dim.js';
import { DTYPES, dtypeName } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { constructorOf, type NdArray } from '../ir/ndarray.js';

const NUMBERS: ReadonlyMap<string, number> = new Map([...DTYPES].map(([number, { name }]) => [name, number]));

/** A feed. Throws DTYPE_UNSUPPORTED for a type that no typed array holds. */
export function toOrt(name: string, array: NdArray): Tensor {
  if (!constructorOf(array.dtype)) throw dtypeUnsupported(name, dtypeName(array.dtype), 'feed it');
  return new Tensor(dtypeName(array.dtype) as Tensor.Type, array.data as Tensor['data'], array.dims);
}

/** A result, sharing its memory. Throws DTYPE_UNSUPPORTED for strings and packed types. */
export function fromOrt(name: string, tensor: Tensor): NdArray {
  const dtype = NUMBERS.get(tensor.type) ?? 0;
  const make = constructorOf(dtype);
  const { data } = tensor;
  if (!make || !ArrayBuffer.isView(data)) throw dtypeUnsupported(name, tensor.type, 'read it');
  // Newer versions of Node hand out float16 as a Float16Array: the bits are what we hold.
  const elements = new make(data.buffer, data.byteOffset, data.byteLength / make.BYTES_PER_ELEMENT);
  return { dtype, dims: tensor.dims, data: elements };
}

/** A declared input or output. An unnamed dimension gets a name of its own. */
export function declared(metadata: InferenceSession.ValueMetadata): Value {
  const { name } = metadata;
  if (!metadata.isTensor) return { name, dtype: undefined, shape: undefined };
  const dim = (size: number | string, axis: number): Dim =>
    typeof size === 'number' ? size : symbol(size === '' ? `${name}[${axis}]` : size);
  return { name, dtype: NUMBERS.get(metadata.type), shape: metadata.shape.map(dim) };
}
