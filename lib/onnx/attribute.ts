/** AttributeProto and Attribute, both ways; what holds nodes again (subgraphs) is given from outside. */
import { defect, quoted } from '../errors.js';
import type { Attribute, Graph } from '../ir/model.js';
import { MAX_STRING_BYTES } from '../limits.js';
import type { AttributeProto, GraphProto, NodeProto } from './messages.js';
import { decoded, originOf } from './origin.js';
import { type Changes, floatFromBits, floatToBits, has, messageType, overlay, toNumber } from './protobuf.js';
import type { InnerTensors } from './tensor.js';
import { tensorMessage } from './tensor-message.js';

const ATTRIBUTE = messageType<AttributeProto>('AttributeProto');

/** AttributeProto.AttributeType by the field that holds the value; the rest passes untouched. */
const TYPES = { f: 1, i: 2, s: 3, t: 4, g: 5, floats: 6, ints: 7, strings: 8, graphs: 10 } as const;

type Field = keyof typeof TYPES;

const FIELDS = Object.keys(TYPES) as readonly Field[];

const NO_VALUE: Changes<AttributeProto> = {
  ...{ f: undefined, i: undefined, s: undefined, t: undefined, g: undefined, tp: undefined, sparse_tensor: undefined },
  ...{ floats: undefined, ints: undefined, strings: undefined, tensors: undefined, graphs: undefined },
  ...{ sparse_tensors: undefined, type_protos: undefined, ref_attr_name: undefined },
};

/** What attributes need to be read. */
export interface AttributeReader {
  /** The node, for messages about tensors without names. */
  readonly node: Pick<NodeProto, 'name' | 'op_type' | 'output'>;
  readonly tensors: InnerTensors;
  readonly toGraph: (message: GraphProto) => Graph;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes as text; undefined where they are none (a string attribute may carry anything, compiled engines too). */
function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.length > MAX_STRING_BYTES) return undefined;
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The field that holds the value: by the type, or in files older than that by what is there. */
function fieldOf(message: AttributeProto): Field | undefined {
  if (message.type !== 0) return FIELDS.find((field) => TYPES[field] === message.type);
  return FIELDS.find((field) => has(message, field));
}

function readValue(message: AttributeProto, { node, tensors, toGraph }: AttributeReader): Attribute {
  const owner = () => `${message.name} of ${node.op_type} ${node.name || `that makes ${node.output[0] ?? 'nothing'}`}`;
  if (message.ref_attr_name !== '') {
    return { type: 'ref', value: message.ref_attr_name, kind: message.type };
  }
  switch (fieldOf(message)) {
    case 'f':
      return { type: 'float', value: floatFromBits(message.f) };
    case 'i':
      return { type: 'int', value: toNumber(message.i) };
    case 's': {
      const value = textOf(message.s);
      return value === undefined ? OTHER : { type: 'string', value };
    }
    case 't':
      return message.t ? { type: 'tensor', value: tensors.toTensor(message.t, owner) } : OTHER;
    case 'g':
      return message.g ? { type: 'graph', value: toGraph(message.g) } : OTHER;
    case 'floats':
      return { type: 'floats', value: message.floats.map(floatFromBits) };
    case 'ints':
      return { type: 'ints', value: message.ints.map(toNumber) };
    case 'strings': {
      const value = message.strings.map(textOf);
      return value.every((item) => item !== undefined) ? { type: 'strings', value } : OTHER;
    }
    case 'graphs':
      return { type: 'graphs', value: message.graphs.map(toGraph) };
    default:
      return OTHER;
  }
}

const OTHER: Attribute = { type: 'other', value: undefined };

export function toAttribute(message: AttributeProto, reader: AttributeReader): Attribute {
  const value = readValue(message, reader);
  return decoded(ATTRIBUTE, message, (origin): Attribute => ({ ...value, origin }));
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function writeValue(name: string, attribute: Attribute, graphMessage: (graph: Graph) => GraphProto) {
  const as = (field: Field, value: AttributeProto[Field]): Changes<AttributeProto> => ({
    type: TYPES[field],
    [field]: value,
  });
  switch (attribute.type) {
    case 'float':
      return as('f', floatToBits(attribute.value));
    case 'int':
      return as('i', attribute.value);
    case 'string':
      return as('s', bytesOf(attribute.value));
    case 'tensor':
      return as('t', tensorMessage(attribute.value));
    case 'graph':
      return as('g', graphMessage(attribute.value));
    case 'floats':
      return as('floats', attribute.value.map(floatToBits));
    case 'ints':
      return as('ints', attribute.value);
    case 'strings':
      return as('strings', attribute.value.map(bytesOf));
    case 'graphs':
      return as('graphs', attribute.value.map(graphMessage));
    case 'ref':
      return { type: attribute.kind, ref_attr_name: attribute.value };
    default:
      throw defect(`the attribute ${quoted(name)} has no value that could be written`);
  }
}

/** The message of the attribute `name`. */
export function attributeMessage(
  name: string,
  attribute: Attribute,
  graphMessage: (graph: Graph) => GraphProto,
): AttributeProto {
  const origin = originOf<AttributeProto, Attribute>(ATTRIBUTE, attribute);
  const same = origin?.view.type === attribute.type && origin.view.value === attribute.value;
  if (same && origin.message.name === name) return origin.message;
  const value = same ? {} : { ...NO_VALUE, ...writeValue(name, attribute, graphMessage) };
  return overlay(ATTRIBUTE, origin?.message, { name, ...value });
}
