/** One message between bytes and objects, unknown fields kept; and the border where 64-bit integers become numbers. */
import protobuf from 'protobufjs';
import { defect } from '../errors.js';
import type { Integer } from './messages.js';
import { ROOT } from './schema.js';

/** A type of message; M is how its decoded form looks. */
export interface MessageType<M extends object> {
  readonly name: string;
  readonly type: protobuf.Type;
  /** Never set; ties M to the name. */
  readonly example?: M;
}

export const messageType = <M extends object>(name: string): MessageType<M> => ({ name, type: ROOT.lookupType(name) });

/** Fields to set; undefined takes a field away. */
export type Changes<M> = { readonly [K in keyof M]?: M[K] | undefined };

/** Where protobufjs keeps the bytes of fields that the schema does not know. It is no enumerable property. */
const UNKNOWN_FIELDS = '$unknowns';

/** The message in `bytes`, which the scanner has found sound. Lists of bytes are views of them. */
export function decodeMessage<M extends object>({ name, type }: MessageType<M>, bytes: Uint8Array): M {
  const reader = new protobuf.Reader(bytes);
  reader.discardUnknown = false;
  try {
    return type.decode(reader) as unknown as M;
  } catch (cause) {
    throw defect(`protobuf refuses the ${name} that was scanned`, cause);
  }
}

/** The bytes of a message, fields in the order of their numbers, unknown ones last. */
export function encodeMessage<M extends object>({ name, type }: MessageType<M>, message: M): Uint8Array {
  try {
    return type.encode(message).finish();
  } catch (cause) {
    throw defect(`protobuf cannot write the ${name}`, cause);
  }
}

/** Changes a message in place; only for one that was just decoded or copied. */
export function amend<M extends object>(message: M, changes: Changes<M>): void {
  for (const key of Object.keys(changes) as (keyof M)[]) {
    const value = changes[key];
    if (value === undefined) delete message[key];
    else message[key] = value as M[keyof M];
  }
}

/** A copy of a message with some fields changed, or a new one; unknown fields come along. */
export function overlay<M extends object>({ type }: MessageType<M>, message: M | undefined, changes: Changes<M>): M {
  const copy = Object.assign(type.create() as unknown as M, message);
  const unknown = message && Object.getOwnPropertyDescriptor(message, UNKNOWN_FIELDS);
  if (unknown) Object.defineProperty(copy, UNKNOWN_FIELDS, unknown);
  amend(copy, changes);
  return copy;
}

/** Whether a field is present, be it with its default value; a list is if it has items. */
export function has<M extends object>(message: M, field: keyof M): boolean {
  const value = message[field];
  return Array.isArray(value) ? value.length > 0 : Object.hasOwn(message, field);
}

/** A 64-bit integer as a number; beyond 2^53 the nearest one. */
export function toNumber(value: Integer): number {
  if (typeof value === 'number') return value;
  return (value.unsigned ? value.high >>> 0 : value.high) * 2 ** 32 + (value.low >>> 0);
}

const float = new DataView(new ArrayBuffer(4));

/** A float32 from its bits. */
export function floatFromBits(bits: number): number {
  float.setUint32(0, bits);
  return float.getFloat32(0);
}

/** The bits of a number as float32. */
export function floatToBits(value: number): number {
  float.setFloat32(0, value);
  return float.getUint32(0);
}
