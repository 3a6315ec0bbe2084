/** Mutations that know nothing of the format: bits, bytes, spans, ends. */
import type { Random } from '../../lib/ir/random.js';
import { join, varint } from '../../test/support/wire.js';
import { below, pick, span } from './pick.js';

/** `other` is another file, for splicing. */
type ByteMutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const INTERESTING = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff, 0x0a, 0x12, 0x3a] as const;

const HUGE = [
  0n,
  1n,
  127n,
  128n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

function flipBits(bytes: Uint8Array, random: Random): Uint8Array {
  const made = bytes.slice();
  for (let left = 1 + below(random, 4); left > 0; left--) {
    const at = below(random, made.length);
    made[at] = (made[at] ?? 0) ^ (1 << below(random, 8));
  }
  return made;
}

function setByte(bytes: Uint8Array, random: Random): Uint8Array {
  const made = bytes.slice();
  if (made.length > 0) made[below(random, made.length)] = pick(random, [...INTERESTING, below(random, 256)]);
  return made;
}

const replace = (bytes: Uint8Array, start: number, end: number, by: Uint8Array): Uint8Array =>
  join(bytes.subarray(0, start), by, bytes.subarray(end));

const deleteSpan: ByteMutation = (bytes, random) => {
  const [start, end] = span(random, bytes.length);
  return replace(bytes, start, end, new Uint8Array(0));
};

const insertSpan: ByteMutation = (bytes, random) => {
  const at = below(random, bytes.length + 1);
  return replace(
    bytes,
    at,
    at,
    Uint8Array.from({ length: 1 + below(random, 12) }, () => below(random, 256)),
  );
};

const duplicateSpan: ByteMutation = (bytes, random) => {
  const [start, end] = span(random, bytes.length);
  return replace(bytes, end, end, bytes.slice(start, end));
};

const splice: ByteMutation = (bytes, random, other) =>
  join(bytes.subarray(0, below(random, bytes.length + 1)), other.subarray(below(random, other.length + 1)));

const copySpan: ByteMutation = (bytes, random, other) => {
  const [start, end] = span(random, bytes.length);
  return replace(bytes, start, end, other.slice(...span(random, other.length)));
};

const truncate: ByteMutation = (bytes, random) => bytes.slice(0, below(random, bytes.length + 1));

/** Puts a number of another size where one may stand. */
const setVarint: ByteMutation = (bytes, random) => {
  const start = below(random, bytes.length + 1);
  let end = start;
  while ((bytes[end] ?? 0) >= 0x80 && end < start + 9) end++;
  return replace(bytes, start, Math.min(end + 1, bytes.length), varint(pick(random, HUGE)));
};

export const BYTE_MUTATIONS: readonly ByteMutation[] = [
  flipBits,
  setByte,
  setVarint,
  deleteSpan,
  insertSpan,
  duplicateSpan,
  splice,
  copySpan,
  truncate,
];
