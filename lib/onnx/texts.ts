/** The elements of string tensors, which stay in their message. */
import type { Tensor } from '../ir/model.js';
import { originOf } from './origin.js';
import { TENSOR } from './tensor.js';

/** The texts of a string tensor as it was read, in order; none for other types. */
export function textsOf(tensor: Tensor): readonly string[] {
  const decoder = new TextDecoder();
  return (originOf(TENSOR, tensor)?.message.string_data ?? []).map((bytes) => decoder.decode(bytes));
}
