/** What a transform's result takes, known before anything is written. */
import type { Model } from '../ir/model.js';
import { CHUNK_BYTES } from '../limits.js';
import { weightsOf } from '../report/contents.js';
import type { OutputOptions } from './options.js';

/** The size of the result, and the memory that making it takes. */
export interface Expected {
  readonly parameters: number;
  /** Bytes of all its constant tensors. */
  readonly bytes: number;
  /** Rough peak memory of the process in bytes. */
  readonly memory: number;
}

/** Node.js, ONNX Runtime and this library with small models. Measured on Linux x64, as all of this. */
const BASE_BYTES = 120 * 2 ** 20;

/** Pieces of weights on their way from file to file: as many as pile up before their memory is used again. */
const PIECES = 9;

/** What a model takes to make; ONNX Runtime holds all of its weights while it is validated. */
export function expectedOf(model: Model, { validate = true }: Pick<OutputOptions, 'validate'>): Expected {
  const { parameters, bytes } = weightsOf(model);
  const moving = Math.min(bytes, PIECES * CHUNK_BYTES);
  return { parameters, bytes, memory: BASE_BYTES + moving + (validate ? bytes : 0) };
}
