/** Tensor to TensorProto: the message without elements, and the elements, which may be too many for memory. */
import { defect, quoted } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import { byteLength } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { allBytes, elementCount } from '../ir/numeric.js';
import type { TensorProto } from './messages.js';
import { type Held, messageOf, originOf, text, type Writers } from './origin.js';
import { type Changes, overlay } from './protobuf.js';
import { EXTERNAL, isExternal, TENSOR } from './tensor.js';

/** A tensor to be written: a message, and elements to follow as one of its fields. */
export interface TensorParts {
  readonly message: TensorProto;
  readonly payload: Held | undefined;
}

/** Where a tensor's elements lie in another file. */
export interface Place {
  readonly location: string;
  readonly offset: number;
}

/** Number of raw_data in TensorProto. */
const RAW_DATA = 9;

const WRITERS: Writers<TensorProto, Tensor> = {
  name: (name) => ({ name: text(name) }),
  dtype: (data_type) => ({ data_type }),
  dims: (dims) => ({ dims }),
};

const NO_ELEMENTS: Changes<TensorProto> = {
  raw_data: undefined,
  float_data: undefined,
  int32_data: undefined,
  string_data: undefined,
  int64_data: undefined,
  double_data: undefined,
  uint64_data: undefined,
  external_data: undefined,
  data_location: undefined,
};

/** The elements of a tensor that is not written as it was read. Throws DEFECT if there are none, or too few. */
function elementsOf({ name, dtype, dims, data }: Tensor): Bytes {
  if (!data) throw defect(`the tensor ${quoted(name)} has no data that could be written`);
  const expected = byteLength(dtype, elementCount(dims));
  if (expected !== undefined && expected !== data.length)
    throw defect(`the tensor ${quoted(name)} holds ${data.length} bytes instead of ${expected}`);
  return data;
}

const withoutElements = (tensor: Tensor): TensorProto =>
  overlay(TENSOR, messageOf(TENSOR, tensor, WRITERS), NO_ELEMENTS);

/** A tensor as it was read if its elements are those that were read, else with raw_data. */
export function tensorParts(tensor: Tensor): TensorParts {
  const origin = originOf(TENSOR, tensor);
  const same = origin && tensor.data === origin.view.data && tensor.dtype === origin.view.dtype;
  if (same && !isExternal(origin.message)) return { message: messageOf(TENSOR, tensor, WRITERS), payload: origin.held };
  return { message: withoutElements(tensor), payload: { field: RAW_DATA, bytes: elementsOf(tensor) } };
}

/** The message of a tensor with all its elements. */
export function tensorMessage(tensor: Tensor): TensorProto {
  const { message, payload } = tensorParts(tensor);
  if (!payload) return message;
  return overlay(TENSOR, message, { raw_data: allBytes(tensor.data ?? payload.bytes) });
}

/** The message of a tensor whose elements lie in another file. */
export function externalMessage(tensor: Tensor, { location, offset }: Place): TensorProto {
  const entries = { location, offset: String(offset), length: String(elementsOf(tensor).length) };
  const external_data = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return overlay(TENSOR, withoutElements(tensor), { external_data, data_location: EXTERNAL });
}
