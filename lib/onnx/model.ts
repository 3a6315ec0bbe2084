/** ModelProto and Model, both ways, from and to the layers of a file. */
import { nameDuplicate, truncated } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import type { Model, Tensor } from '../ir/model.js';
import type { ExternalReader } from './external.js';
import { functionMessage, GRAPH, toFunction, toGraph } from './graph.js';
import type { Payload, Scanned, ScannedTensor } from './layers.js';
import type { EntryProto, ModelProto } from './messages.js';
import { opsetMessages, toDomain } from './opsets.js';
import { decoded, messageOf, text, type Writers } from './origin.js';
import { decodeMessage, encodeMessage, messageType, overlay, toNumber } from './protobuf.js';
import { InnerTensors, TENSOR, toTensor } from './tensor.js';

export const MODEL = messageType<ModelProto>('ModelProto');
const ENTRY = messageType<EntryProto>('StringStringEntryProto');

/** From this ir_version on a model must import operator sets; before, there was one. */
const FIRST_WITH_OPSETS = 3;

/** What surrounds the layers: their name for messages, and where elements are. */
export interface Surroundings {
  readonly label: string;
  readonly hold: (payload: Payload) => Bytes;
  readonly external: ExternalReader;
}

function toOpsets(message: ModelProto, label: string): ReadonlyMap<string, number> {
  const opsets = new Map<string, number>();
  for (const { domain, version } of message.opset_import) {
    const name = toDomain(domain);
    const known = opsets.get(name);
    if (known !== undefined && known !== toNumber(version)) throw nameDuplicate('the operator set of domain', name);
    opsets.set(name, toNumber(version));
  }
  if (opsets.size > 0) return opsets;
  if (toNumber(message.ir_version) >= FIRST_WITH_OPSETS) throw truncated(label, 'it imports no operator set');
  return new Map([['', 1]]);
}

const toProducer = ({ producer_name, producer_version }: ModelProto): string =>
  [producer_name, producer_version].filter((part) => part !== '').join(' ');

function toInitializer({ bytes, payload }: ScannedTensor, { hold, external }: Surroundings): Tensor {
  const message = decodeMessage(TENSOR, bytes);
  return toTensor(message, external, payload && { field: payload.field, bytes: hold(payload) });
}

/** The model in its layers. Throws what tensors and names that are wrong give. */
export function toModel(scanned: Scanned, surroundings: Surroundings): Model {
  const { label, external } = surroundings;
  const message = decodeMessage(MODEL, scanned.model);
  const tensors = new InnerTensors(external);
  const initializers = scanned.initializers.map((tensor) => toInitializer(tensor, surroundings));
  const view = {
    label,
    irVersion: toNumber(message.ir_version),
    opsets: toOpsets(message, label),
    producer: toProducer(message),
    graph: toGraph(decodeMessage(GRAPH, scanned.graph), initializers, tensors),
    functions: message.functions.map((local) => toFunction(local, tensors)),
    metadata: new Map(message.metadata_props.map(({ key, value }) => [key, value])),
  };
  return decoded(MODEL, message, (origin): Model => ({ ...view, origin }));
}

function metadataMessages(metadata: ReadonlyMap<string, string>, old: readonly EntryProto[]) {
  return [...metadata].map(([key, value]) => {
    const kept = old.find((message) => message.key === key);
    return kept?.value === value ? kept : overlay(ENTRY, kept, { key, value });
  });
}

const WRITERS: Writers<ModelProto, Model> = {
  irVersion: (ir_version) => ({ ir_version }),
  opsets: (opsets, old) => ({ opset_import: opsetMessages(opsets, old?.opset_import ?? []) }),
  producer: (producer) => ({ producer_name: text(producer), producer_version: undefined }),
  functions: (functions) => ({ functions: functions.map(functionMessage) }),
  metadata: (metadata, old) => ({ metadata_props: metadataMessages(metadata, old?.metadata_props ?? []) }),
};

/** A model without its graph. */
export const modelMessage = (model: Model): ModelProto => messageOf(MODEL, model, WRITERS);

/** Entries of metadata_props as bytes that can stand behind a whole model: protobuf joins repeated fields. */
export const metadataBytes = (metadata: ReadonlyMap<string, string>): Uint8Array =>
  encodeMessage(MODEL, overlay(MODEL, undefined, { metadata_props: metadataMessages(metadata, []) }));
