/** Two decoders that share nothing with the reader but the schema, or not even that, to compare files by. */
import onnxProto from 'onnx-proto';
import protobuf from 'protobufjs';
import { ROOT } from '../../lib/onnx/schema.js';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/** A message as plain data, unknown fields included. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return hex(value);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key, plain(item)]);
  const unknown: unknown = Reflect.get(value, '$unknowns');
  return Object.fromEntries(unknown ? [...entries, ['unknown fields', plain(unknown)]] : entries);
}

/** All that a file says, decoded in one piece by protobufjs. */
export function wholeModel(bytes: Uint8Array): unknown {
  const reader = new protobuf.Reader(bytes);
  reader.discardUnknown = false;
  return plain(ROOT.lookupType('ModelProto').decode(reader));
}

/** What onnx-proto, which has its own schema of ONNX 1.10, sees in a file. */
export const oldModel = (bytes: Uint8Array): unknown => plain(onnxProto.onnx.ModelProto.decode(bytes));
