/** What a file will consist of, before a byte is written: encoded messages, and elements that are still elsewhere. */
import type { Bytes } from '../ir/bytes.js';
import type { Model, Tensor } from '../ir/model.js';
import { GRAPH, initializersOf, mainGraphMessage } from './graph.js';
import { MODEL, modelMessage } from './model.js';
import { encodeMessage } from './protobuf.js';
import { TENSOR } from './tensor.js';
import { externalMessage, tensorParts } from './tensor-message.js';

/** The bytes of a file in order. */
export interface Plan {
  readonly parts: readonly (Uint8Array | Bytes)[];
  readonly length: number;
}

/** A model file, and the data file beside it if it has one. */
export interface ModelPlan {
  readonly model: Plan;
  readonly data: Plan | undefined;
}

/** Numbers of fields with a layer of their own. */
const MODEL_GRAPH = 7;
const GRAPH_INITIALIZER = 5;

/** Elements begin at a multiple of this in data files, so that they can be mapped into memory. */
const PAGE_BYTES = 4096;

/** Tensors below this stay in the model file: they are not worth a page. */
const MIN_EXTERNAL_BYTES = 1024;

const planOf = (parts: readonly (Uint8Array | Bytes)[]): Plan => ({
  parts,
  length: parts.reduce((total, part) => total + part.length, 0),
});

/** The tag and the length before a field of bytes. */
function fieldStart(number: number, length: number): Uint8Array {
  const bytes = [number * 8 + 2];
  let rest = length;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Uint8Array.from([...bytes, rest]);
}

const field = (number: number, { parts, length }: Plan): Plan => planOf([fieldStart(number, length), ...parts]);

function tensorPlan(tensor: Tensor): Plan {
  const { message, payload } = tensorParts(tensor);
  const bytes = encodeMessage(TENSOR, message);
  return planOf(payload ? [bytes, ...field(payload.field, planOf([payload.bytes])).parts] : [bytes]);
}

function modelPlan(model: Model, tensors: readonly Plan[]): Plan {
  const initializers = tensors.flatMap((tensor) => field(GRAPH_INITIALIZER, tensor).parts);
  const graph = planOf([encodeMessage(GRAPH, mainGraphMessage(model.graph)), ...initializers]);
  return planOf([encodeMessage(MODEL, modelMessage(model)), ...field(MODEL_GRAPH, graph).parts]);
}

/** The whole model in one file. */
export const planInline = (model: Model): Plan => modelPlan(model, initializersOf(model.graph).map(tensorPlan));

/** The model with its large tensors in the file `location` beside it. */
export function planExternal(model: Model, location: string): ModelPlan {
  const parts: (Uint8Array | Bytes)[] = [];
  let end = 0;
  const place = (data: Bytes): number => {
    const offset = Math.ceil(end / PAGE_BYTES) * PAGE_BYTES;
    if (offset > end) parts.push(new Uint8Array(offset - end));
    parts.push(data);
    end = offset + data.length;
    return offset;
  };
  const tensors = initializersOf(model.graph).map((tensor) => {
    if (!tensor.data || tensor.data.length < MIN_EXTERNAL_BYTES) return tensorPlan(tensor);
    return planOf([encodeMessage(TENSOR, externalMessage(tensor, { location, offset: place(tensor.data) }))]);
  });
  return { model: modelPlan(model, tensors), data: parts.length > 0 ? planOf(parts) : undefined };
}
