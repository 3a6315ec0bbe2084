/**
 * Where an object of the IR comes from: its message, and the object as it was read. Comparing the two tells what an edit
 * changed, so that everything else is written as it came.
 */
import { defect } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import type { Origin } from '../ir/model.js';
import { type Changes, type MessageType, overlay } from './protobuf.js';

/** The elements of an initializer that were left in the file; its message stands without them. */
export interface Held {
  /** Number of their field in TensorProto: raw_data, float_data or double_data. */
  readonly field: number;
  readonly bytes: Bytes;
}

/** Anything of the IR that can have an origin. */
interface Viewed {
  readonly origin?: Origin;
}

/** What `origin` holds. */
export class Decoded<M extends object, V extends Viewed> {
  /** The object as it was read. */
  view!: V;

  constructor(
    readonly type: MessageType<M>,
    readonly message: M,
    readonly held: Held | undefined,
  ) {}
}

/** An object of the IR made from a message; `make` must put the origin in. */
export function decoded<M extends object, V extends Viewed>(
  type: MessageType<M>,
  message: M,
  make: (origin: Origin) => V,
  held?: Held,
): V {
  const origin = new Decoded<M, V>(type, message, held);
  origin.view = make(origin);
  return origin.view;
}

/** What an object was made from; undefined if it is new. */
export function originOf<M extends object, V extends Viewed>(
  type: MessageType<M>,
  object: V,
): Decoded<M, V> | undefined {
  const { origin } = object;
  if (origin === undefined) return undefined;
  if (!(origin instanceof Decoded) || origin.type !== type) throw defect(`an origin that is not a ${type.name}`);
  return origin;
}

/** For each part of an object, the fields of the message that say it; `old` is the message that was read. */
export type Writers<M, V> = { readonly [K in keyof V]?: (value: V[K], old: M | undefined) => Changes<M> };

/** The message of an object: as it was read where nothing changed, else with the changed parts written over it. */
export function messageOf<M extends object, V extends Viewed>(
  type: MessageType<M>,
  object: V,
  writers: Writers<M, V>,
): M {
  const origin = originOf<M, V>(type, object);
  const changes: Changes<M> = {};
  const writePart = <K extends keyof V>(part: K) => {
    if (origin && object[part] === origin.view[part]) return;
    Object.assign(changes, writers[part]?.(object[part], origin?.message));
  };
  for (const part of Object.keys(writers) as (keyof V)[]) writePart(part);
  if (origin && Object.keys(changes).length === 0) return origin.message;
  return overlay(type, origin?.message, changes);
}

/** A text as a field: '' is left out. */
export const text = (value: string): string | undefined => (value === '' ? undefined : value);
