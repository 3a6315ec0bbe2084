/**
 * A reading position in a model's bytes. A file is seen through a window that moves along and grows while the reading is
 * sequential; after a skip it starts small again, so that skipped weights cost nothing. Memory is one window.
 */
import { truncated, wireFormat } from '../errors.js';

/** Bytes that can be copied out of a file. */
export interface Source {
  /** The path, or what else messages call it. */
  readonly label: string;
  /** Number of bytes. */
  readonly size: number;
  /** Fills `target` with the bytes from `start` on. */
  readInto(target: Uint8Array, start: number): void;
}

/** First and largest size of the window. */
const FIRST_WINDOW = 8 * 2 ** 10;
const LAST_WINDOW = 2 ** 20;

/** A varint of 64 bits takes at most this many bytes, a tag or a length at most five. */
const MAX_VARINT = 10;
const MAX_VARINT32 = 5;

export class Cursor {
  private window: Uint8Array;
  /** Position of the window's first byte. */
  private base = 0;
  /** Next byte, as an index into the window. */
  private index = 0;
  private step = FIRST_WINDOW;
  private buffer: Uint8Array | undefined;

  private constructor(
    readonly label: string,
    readonly size: number,
    private readonly source: Source | undefined,
    memory: Uint8Array,
  ) {
    this.window = memory;
  }

  static overMemory(bytes: Uint8Array, label: string): Cursor {
    return new Cursor(label, bytes.length, undefined, bytes);
  }

  static overSource(source: Source): Cursor {
    return new Cursor(source.label, source.size, source, new Uint8Array(0));
  }

  get position(): number {
    return this.base + this.index;
  }

  /** Moves ahead without reading. */
  skip(count: number): void {
    this.index += count;
  }

  /** Makes at least `count` of the next bytes readable (at most the largest window), or all up to the end of the file. */
  private fill(count: number): void {
    if (!this.source || this.index + count <= this.window.length) return;
    const start = this.position;
    if (start >= this.size || (this.index <= this.window.length && this.base + this.window.length === this.size))
      return;
    this.step = this.index > this.window.length ? FIRST_WINDOW : Math.min(this.step * 2, LAST_WINDOW);
    this.buffer ??= new Uint8Array(Math.min(this.size, LAST_WINDOW));
    this.window = this.buffer.subarray(0, Math.min(Math.max(count, this.step), this.size - start));
    this.source.readInto(this.window, start);
    this.base = start;
    this.index = 0;
  }

  /** Fills `target` with the bytes from `start` on, which may lie behind the window: then they are read again. */
  copy(target: Uint8Array, start: number): void {
    const from = start - this.base;
    if (this.source && (from < 0 || from + target.length > this.window.length)) this.source.readInto(target, start);
    else target.set(this.window.subarray(from, from + target.length));
  }

  /** The next `length` bytes, which the caller knows to be there. Valid until the cursor moves. */
  peek(length: number): Uint8Array {
    if (length <= LAST_WINDOW) this.fill(length);
    if (this.index + length <= this.window.length) return this.window.subarray(this.index, this.index + length);
    const bytes = new Uint8Array(length);
    this.copy(bytes, this.position);
    return bytes;
  }

  /** A tag or length, below 2^32, that must end before `end`. */
  varint32(end: number): number {
    this.fill(MAX_VARINT32);
    let value = 0;
    for (let i = 0; i < MAX_VARINT32; i++) {
      if (this.position >= end) throw this.cut(end, 'a number');
      const byte = this.window[this.index++] ?? 0;
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) {
        if (value >= 2 ** 32) break;
        return value;
      }
    }
    throw wireFormat(this.label, `a number before byte ${this.position} is too long`);
  }

  /** Passes over a varint of up to 64 bits that must end before `end`. */
  skipVarint(end: number): void {
    this.fill(MAX_VARINT);
    for (let i = 0; i < MAX_VARINT; i++) {
      if (this.position >= end) throw this.cut(end, 'a number');
      const byte = this.window[this.index++] ?? 0;
      if (byte < 0x80) {
        if (i === MAX_VARINT - 1 && byte > 1) break;
        return;
      }
    }
    throw wireFormat(this.label, `a number before byte ${this.position} is too long`);
  }

  /** Passes over a list of varints that fills the bytes up to `end`, and counts them. */
  skipVarints(end: number): number {
    let count = 0;
    let continued = 0;
    while (this.position < end) {
      this.fill(1);
      const stop = Math.min(this.window.length, end - this.base);
      for (; this.index < stop; this.index++) {
        if ((this.window[this.index] ?? 0) < 0x80) {
          count++;
          continued = 0;
        } else if (++continued === MAX_VARINT) break;
      }
      if (continued === MAX_VARINT) break;
    }
    if (continued > 0) throw wireFormat(this.label, `a list of numbers before byte ${this.position} ends within one`);
    return count;
  }

  /** Something does not fit before `end`: the file is cut off, or a message holds more than it has room for. */
  cut(end: number, what: string): Error {
    return end === this.size
      ? truncated(this.label, `in ${what} at byte ${this.position}`)
      : wireFormat(this.label, `${what} at byte ${this.position} crosses the end of its message`);
  }
}
