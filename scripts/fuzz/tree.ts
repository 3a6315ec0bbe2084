/** A model file as a tree of fields, so that a mutation can change one thing and leave the lengths around it right. */
import { MESSAGES } from '../../lib/onnx/schema.js';
import { join, tag, varint } from '../../test/support/wire.js';

/** One field. It holds bytes as they stand after tag and length, or the fields of a message. */
export interface Item {
  readonly number: number;
  /** 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes. */
  readonly wire: number;
  /** The message and field of the schema, `NodeProto.op_type`; a number where the schema does not know the field. */
  readonly name: string;
  /** `message`, `text`, `varint`, ... as the schema has it, or `unknown`. */
  readonly kind: string;
  bytes: Uint8Array;
  readonly children: Item[] | undefined;
}

/** The varint at `at`, and where it ends; undefined where there is none. */
function varintAt(bytes: Uint8Array, at: number): readonly [bigint, number] | undefined {
  let value = 0n;
  for (let i = 0; i < 10 && at + i < bytes.length; i++) {
    const byte = bytes[at + i] as number;
    value |= BigInt(byte & 0x7f) << BigInt(7 * i);
    if (byte < 0x80) return [BigInt.asUintN(64, value), at + i + 1];
  }
  return undefined;
}

/** Where the value of a field starts and ends. */
function valueSpan(bytes: Uint8Array, wire: number, at: number): readonly [number, number] | undefined {
  const span = (start: number, length: number) =>
    start + length <= bytes.length ? ([start, start + length] as const) : undefined;
  if (wire === 1) return span(at, 8);
  if (wire === 5) return span(at, 4);
  const number = varintAt(bytes, at);
  if (!number) return undefined;
  if (wire === 0) return [at, number[1]];
  return wire === 2 ? span(number[1], Number(number[0])) : undefined;
}

/** The fields of a message; undefined where the bytes are none. */
export function parseTree(bytes: Uint8Array, message = 'ModelProto', depth = 0): Item[] | undefined {
  const items: Item[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = varintAt(bytes, at);
    if (!start || start[0] > 0xffffffffn) return undefined;
    const [number, wire] = [Number(start[0] >> 3n), Number(start[0] & 7n)];
    const span = valueSpan(bytes, wire, start[1]);
    if (!span) return undefined;
    const value = bytes.slice(...span);
    const field = MESSAGES.get(message)?.fields[number];
    const inner = field?.kind === 'message' && wire === 2 && depth < 200 ? field.type : undefined;
    const children = inner ? parseTree(value, inner, depth + 1) : undefined;
    const name = `${message}.${field?.name ?? number}`;
    items.push({ number, wire, name, kind: field?.kind ?? 'unknown', bytes: value, children });
    at = span[1];
  }
  return items;
}

/** The tree as bytes again, with lengths that fit. */
export function treeBytes(items: readonly Item[]): Uint8Array {
  return join(
    ...items.flatMap((item) => {
      const value = item.children ? treeBytes(item.children) : item.bytes;
      const start = tag(item.number, item.wire);
      return item.wire === 2 ? [start, varint(value.length), value] : [start, value];
    }),
  );
}

/** A field with the list that it stands in. */
export interface Spot {
  readonly list: Item[];
  readonly item: Item;
}

/** All fields, inner ones too. */
export function spotsOf(items: Item[]): readonly Spot[] {
  return items.flatMap((item) => [{ list: items, item }, ...(item.children ? spotsOf(item.children) : [])]);
}
