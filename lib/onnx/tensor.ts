/** TensorProto to Tensor: where its elements are, and whether they fit its shape and type. */
import { dtypeUndefined, tensorSize, tooLarge } from '../errors.js';
import { type Bytes, memoryBytes } from '../ir/bytes.js';
import { byteLength, DTYPES, dtypeName, STRING, UNDEFINED } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { allBytes } from '../ir/numeric.js';
import { MAX_ELEMENTS, MAX_MODEL_BYTES, MAX_RANK } from '../limits.js';
import { ELEMENT_FIELDS, type ElementField, HELD_FIELDS, TYPED } from './elements.js';
import type { ExternalReader } from './external.js';
import type { TensorProto } from './messages.js';
import { decoded, type Held } from './origin.js';
import { amend, has, messageType, toNumber } from './protobuf.js';

export const TENSOR = messageType<TensorProto>('TensorProto');

/** `data_location` of a tensor whose elements lie in another file. */
export const EXTERNAL = 1;

export const isExternal = (message: TensorProto): boolean => message.data_location === EXTERNAL;

/** How many elements dimensions give; refuses what no tensor can have. */
function count(name: string, dims: readonly number[]): number {
  if (dims.length > MAX_RANK) throw tensorSize(name, `has ${dims.length} axes, more than ${MAX_RANK}`);
  const wrong = dims.find((dim) => dim < 0 || dim > MAX_ELEMENTS);
  if (wrong !== undefined) throw tensorSize(name, `has an axis of length ${wrong}`);
  const elements = dims.includes(0) ? 0 : dims.reduce((total, dim) => total * dim, 1);
  if (elements > MAX_ELEMENTS) throw tensorSize(name, `its shape [${dims.join(', ')}] has too many elements`);
  return elements;
}

/** What messages call a tensor that may have no name: inside nodes most have none. */
export type Owner = () => string;

const calledOf = (message: TensorProto, owner: Owner | undefined): string =>
  message.name === '' && owner ? owner() : message.name;

/** The one field that holds the elements; undefined if none does. Throws TENSOR_SIZE if several do. */
function elementField(name: string, message: TensorProto, held: Held | undefined): ElementField | undefined {
  const present = ELEMENT_FIELDS.filter(
    (field) => message[field].length > 0 || (field === 'raw_data' && has(message, field)),
  );
  const heldField = held && HELD_FIELDS.get(held.field);
  const all = [...present, ...(heldField ? [heldField] : []), ...(isExternal(message) ? ['external_data'] : [])];
  if (all.length > 1) throw tensorSize(name, `its elements stand twice, in ${all.slice(0, 2).join(' and ')}`);
  return heldField ?? present[0];
}

/** Elements of a type whose width is known. */
function sized(
  name: string,
  message: TensorProto,
  field: ElementField | undefined,
  held: Held | undefined,
  elements: number,
): Bytes {
  const { data_type } = message;
  if (field === undefined) return memoryBytes(new Uint8Array(0));
  if (field === 'raw_data') return held?.bytes ?? memoryBytes(message.raw_data);
  const typed = TYPED.get(data_type);
  if (typed?.field !== field) throw tensorSize(name, `${field} does not hold elements of type ${dtypeName(data_type)}`);
  const bits = DTYPES.get(data_type)?.bits;
  if (bits === 6 && message.int32_data.length !== elements)
    throw tensorSize(name, `${message.int32_data.length} elements in int32_data, but its shape has ${elements}`);
  return held?.bytes ?? memoryBytes(typed.pack(message));
}

/** The elements of a tensor as raw data; undefined for texts, and for types whose typed fields nobody knows. */
function elementsOf(
  name: string,
  message: TensorProto,
  held: Held | undefined,
  external: ExternalReader,
): Bytes | undefined {
  const { data_type } = message;
  if (data_type === UNDEFINED) throw dtypeUndefined(name);
  const dims = message.dims.map(toNumber);
  const elements = count(name, dims);
  const expected = byteLength(data_type, elements);
  const field = elementField(name, message, held);
  if (data_type === STRING) return texts(name, message, field, elements);
  if (isExternal(message)) return external(name, message.external_data, expected);
  if (expected === undefined) return field === 'raw_data' ? (held?.bytes ?? memoryBytes(message.raw_data)) : undefined;
  const data = sized(name, message, field, held, elements);
  if (data.length !== expected)
    throw tensorSize(
      name,
      `${data.length} bytes of data, but [${dims.join(', ')}] of ${dtypeName(data_type)} needs ${expected}`,
    );
  return data;
}

function texts(name: string, message: TensorProto, field: ElementField | undefined, elements: number): undefined {
  const { length } = message.string_data;
  if (isExternal(message) || (field !== undefined && field !== 'string_data'))
    throw tensorSize(name, 'texts stand in string_data only');
  if (length !== elements) throw tensorSize(name, `${length} texts, but its shape has ${elements}`);
}

/**
 * The tensor in a message; `held` are elements that were left in the file. Throws DTYPE_UNDEFINED, TENSOR_SIZE, and what
 * `external` throws.
 */
export function toTensor(message: TensorProto, external: ExternalReader, held?: Held, owner?: Owner): Tensor {
  const { name, data_type: dtype } = message;
  const data = elementsOf(calledOf(message, owner), message, held, external);
  const dims = message.dims.map(toNumber);
  return decoded(TENSOR, message, (origin): Tensor => ({ name, dtype, dims, data, origin }), held);
}

/** Loads external data of tensors within nodes into their messages, where nothing else could follow them. */
export class InnerTensors {
  private loaded = 0;

  constructor(private readonly external: ExternalReader) {}

  /** The tensor in a message, its external data in memory. Throws what `toTensor` throws, and TOO_LARGE. */
  toTensor(message: TensorProto, owner?: Owner): Tensor {
    if (isExternal(message)) this.load(message, calledOf(message, owner));
    return toTensor(message, this.external, undefined, owner);
  }

  private load(message: TensorProto, name: string): void {
    const data = elementsOf(name, message, undefined, this.external);
    if (!data) return;
    this.loaded += data.length;
    if (this.loaded > MAX_MODEL_BYTES) throw tooLarge('external data of nodes', this.loaded, MAX_MODEL_BYTES);
    amend(message, { raw_data: allBytes(data), external_data: undefined, data_location: undefined });
  }
}
