/**
 * A model file without its weights: the same message, but every large payload is external data that points to where it lies
 * inside the file. ONNX Runtime maps such data instead of copying it, so that a large file can be tried in little time.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import protobuf from 'protobufjs';
import { Cursor } from './cursor.js';
import { attempt, closeFile, openFile, readFully } from './files.js';
import type { Scanned, ScannedTensor } from './layers.js';
import { scan } from './scan.js';

export interface Skeleton {
  /** A model of a few kilobytes. */
  readonly bytes: Uint8Array;
  /** The folder in which its external data lies. */
  readonly folder: string;
}

/** Fields of ModelProto, GraphProto, ValueInfoProto and TensorProto, and StringStringEntryProto's key and value. */
const FIELDS = { graph: 7, initializer: 5, output: 12, name: 1, externalData: 13, dataLocation: 14, key: 1, value: 2 };
const EXTERNAL = 1;

/** Tags of a varint and of a length-delimited field. */
const varint = (field: number): number => field * 8;
const delimited = (field: number): number => field * 8 + 2;

function entry(writer: protobuf.Writer, key: string, value: string): void {
  writer.uint32(delimited(FIELDS.externalData)).fork();
  writer.uint32(delimited(FIELDS.key)).string(key).uint32(delimited(FIELDS.value)).string(value);
  writer.ldelim();
}

function tensorBytes({ bytes, payload }: ScannedTensor, location: string): Uint8Array {
  if (!payload) return bytes;
  const writer = protobuf.Writer.create();
  entry(writer, 'location', location);
  entry(writer, 'offset', String(payload.start));
  entry(writer, 'length', String(payload.length));
  writer.uint32(varint(FIELDS.dataLocation)).uint32(EXTERNAL);
  return Buffer.concat([bytes, writer.finish()]);
}

/** A field whose contents are known, with its tag and length. */
const field = (number: number, contents: Uint8Array): Uint8Array =>
  protobuf.Writer.create().uint32(delimited(number)).bytes(contents).finish();

/** An output without a type: ONNX Runtime infers it. */
const outputBytes = (name: string): Uint8Array => field(FIELDS.output, field(FIELDS.name, Buffer.from(name)));

function assembled({ model, graph, initializers }: Scanned, location: string, outputs: readonly string[]): Uint8Array {
  const tensors = initializers.map((tensor) => field(FIELDS.initializer, tensorBytes(tensor, location)));
  return Buffer.concat([model, field(FIELDS.graph, Buffer.concat([graph, ...tensors, ...outputs.map(outputBytes)]))]);
}

/**
 * The skeleton of the model file at `path`, with inner values as further `outputs` where some are named. Throws what `readModel`
 * throws of the bytes of a file.
 */
export function skeletonOf(path: string, outputs: readonly string[] = []): Skeleton {
  const real = attempt('cannot read', path, () => realpathSync(path));
  const file = openFile(real);
  try {
    const readInto = (target: Uint8Array, start: number) => readFully(file, target, start);
    const scanned = scan(Cursor.overSource({ label: path, size: file.identity.size, readInto }));
    return { bytes: assembled(scanned, basename(real), outputs), folder: dirname(real) };
  } finally {
    closeFile(file);
  }
}
