/**
 * Flatbuffers of strangers: every offset is checked before it is followed, and all that is read is counted, since one part may be
 * pointed to from many places.
 */
import { checkpointFormat } from '../../errors.js';
import { MAX_CHECKPOINT_READS } from '../../limits.js';

/** Bytes of an offset, of a vector's length and of a table's first field. */
const OFFSET = 4;
/** Bytes of an entry of a vtable. */
const ENTRY = 2;

/** A flatbuffer in memory. */
export class FlatFile {
  private readonly view: DataView;
  private left: number;

  constructor(
    private readonly bytes: Uint8Array,
    private readonly path: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.left = bytes.length * MAX_CHECKPOINT_READS;
  }

  /** The four letters that say what the file is. Throws CHECKPOINT_FORMAT. */
  identifier(): string {
    return String.fromCharCode(...this.stretch(OFFSET, OFFSET));
  }

  /** The root table. Throws CHECKPOINT_FORMAT. */
  root(): FlatTable {
    return this.table(this.follow(0));
  }

  refuse(why: string): never {
    throw checkpointFormat(this.path, why);
  }

  /** The table at `at`. */
  table(at: number): FlatTable {
    this.count(OFFSET, at);
    const vtable = at - this.view.getInt32(at, true);
    this.count(2 * ENTRY, vtable);
    const size = this.view.getUint16(vtable, true);
    this.count(size, vtable);
    return new FlatTable(this, at, (field) => {
      const entry = ENTRY * (2 + field);
      return entry + ENTRY <= size ? this.view.getUint16(vtable + entry, true) : 0;
    });
  }

  /** Where the offset at `at` leads. Always forward, so that no part holds itself. */
  follow(at: number): number {
    const offset = this.number(at, OFFSET, (view) => view.getUint32(at, true));
    if (offset < OFFSET) this.refuse(`an offset at byte ${at} leads nowhere`);
    return at + offset;
  }

  /** A number of `size` bytes. */
  number(at: number, size: number, get: (view: DataView) => number): number {
    this.count(size, at);
    return get(this.view);
  }

  /** Where the elements of a vector begin, and how many there are. */
  vector(at: number, size: number): readonly [number, number] {
    const count = this.number(at, OFFSET, (view) => view.getUint32(at, true));
    this.count(count * size, at + OFFSET);
    return [at + OFFSET, count];
  }

  /** A view of bytes. */
  stretch(at: number, length: number): Uint8Array {
    this.count(length, at);
    return this.bytes.subarray(at, at + length);
  }

  private count(length: number, at: number): void {
    if (at < 0 || at + length > this.bytes.length)
      this.refuse(`it points to byte ${at + length} of ${this.bytes.length}`);
    this.left -= length;
    if (this.left < 0) this.refuse('its parts are used again and again');
  }
}

/** A table, whose fields are known by number. A field that is left out has its default. Getters throw CHECKPOINT_FORMAT. */
export class FlatTable {
  constructor(
    private readonly file: FlatFile,
    private readonly at: number,
    private readonly offsetOf: (field: number) => number,
  ) {}

  refuse(why: string): never {
    return this.file.refuse(why);
  }

  int32(field: number, otherwise: number): number {
    return this.scalar(field, 4, otherwise, (view, at) => view.getInt32(at, true));
  }

  /** Refuses numbers that are not exact in JavaScript. */
  int64(field: number, otherwise: number): number {
    return this.exact(this.scalar(field, 8, otherwise, (view, at) => Number(view.getBigInt64(at, true))));
  }

  float32(field: number): number {
    return this.scalar(field, 4, 0, (view, at) => view.getFloat32(at, true));
  }

  flag(field: number): boolean {
    return this.scalar(field, 1, 0, (view, at) => view.getUint8(at)) !== 0;
  }

  table(field: number): FlatTable | undefined {
    const at = this.target(field);
    return at === undefined ? undefined : this.file.table(at);
  }

  tables(field: number): readonly FlatTable[] {
    const at = this.target(field);
    if (at === undefined) return [];
    const [start, count] = this.file.vector(at, OFFSET);
    return Array.from({ length: count }, (_, i) => this.file.table(this.file.follow(start + i * OFFSET)));
  }

  text(field: number): string {
    const bytes = this.bytes(field);
    if (!bytes) return '';
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    } catch {
      return this.refuse('a name is no UTF-8');
    }
  }

  bytes(field: number): Uint8Array | undefined {
    const at = this.target(field);
    return at === undefined ? undefined : this.file.stretch(...this.file.vector(at, 1));
  }

  int64s(field: number): readonly number[] {
    const at = this.target(field);
    if (at === undefined) return [];
    const [start, count] = this.file.vector(at, 8);
    return Array.from({ length: count }, (_, i) => {
      const place = start + i * 8;
      return this.exact(this.file.number(place, 8, (view) => Number(view.getBigInt64(place, true))));
    });
  }

  private exact(value: number): number {
    return Number.isSafeInteger(value) ? value : this.refuse('a number is beyond 2^53');
  }

  private place(field: number): number | undefined {
    const offset = this.offsetOf(field);
    return offset === 0 ? undefined : this.at + offset;
  }

  private target(field: number): number | undefined {
    const at = this.place(field);
    return at === undefined ? undefined : this.file.follow(at);
  }

  private scalar(field: number, size: number, otherwise: number, get: (view: DataView, at: number) => number): number {
    const at = this.place(field);
    return at === undefined ? otherwise : this.file.number(at, size, (view) => get(view, at));
  }
}
