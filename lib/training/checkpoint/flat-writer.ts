/**
 * Writes flatbuffers: a tree of parts, each put down in front of those that it points to. Every number lies at a multiple of its
 * size, as readers that check demand.
 */

/** What a field of a table holds. */
export type Field =
  | { readonly kind: 'scalar'; readonly size: number; readonly put: (view: DataView, at: number) => void }
  | { readonly kind: 'part'; readonly part: Part };

/** What fields point to. Fields that are undefined are left out. */
export type Part =
  | { readonly kind: 'table'; readonly fields: readonly (Field | undefined)[] }
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }
  /** A text is ended with a zero, which does not count. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly count: number; readonly isText: boolean };

export const table = (...fields: readonly (Field | undefined)[]): Part => ({ kind: 'table', fields });
export const parts = (all: readonly Part[]): Field => ({ kind: 'part', part: { kind: 'parts', parts: all } });
export const part = (one: Part): Field => ({ kind: 'part', part: one });

const bytesField = (bytes: Uint8Array, count: number, isText: boolean): Field =>
  part({ kind: 'bytes', bytes, count, isText });

export const text = (value: string): Field => {
  const bytes = new TextEncoder().encode(value);
  return bytesField(bytes, bytes.length, true);
};
export const bytes = (value: Uint8Array): Field => bytesField(value, value.length, false);
export const int64s = (values: readonly number[]): Field =>
  bytesField(new Uint8Array(BigInt64Array.from(values, BigInt).buffer), values.length, false);

const scalar = (size: number, put: (view: DataView, at: number) => void): Field => ({ kind: 'scalar', size, put });

export const int32 = (value: number): Field => scalar(4, (view, at) => view.setInt32(at, value, true));
export const int64 = (value: number): Field => scalar(8, (view, at) => view.setBigInt64(at, BigInt(value), true));
export const float32 = (value: number): Field => scalar(4, (view, at) => view.setFloat32(at, value, true));
export const flag = (value: boolean): Field => scalar(1, (view, at) => view.setUint8(at, value ? 1 : 0));

const OFFSET = 4;
const ENTRY = 2;
/** The largest alignment of all, and the one of all tables and of the elements of all vectors. */
const WIDEST = 8;

const roundUp = (at: number, size: number): number => Math.ceil(at / size) * size;

/** Something to put into the finished memory. */
type Write = (memory: Uint8Array, view: DataView) => void;

/** Takes places one after the other, and remembers what goes there. */
class Layout {
  end = 0;
  readonly writes: Write[] = [];

  /** `length` bytes, of which byte `anchor` lies at a multiple of `size`. */
  private take(length: number, size: number, anchor = 0): number {
    const at = roundUp(this.end + anchor, size) - anchor;
    this.end = at + length;
    return at;
  }

  head(identifier: string, root: Part): void {
    const at = this.take(2 * OFFSET, WIDEST);
    this.writes.push((memory) => memory.set(new TextEncoder().encode(identifier), at + OFFSET));
    this.point(at, root);
  }

  /** Places a part, and writes where it is. */
  private point(from: number, to: Part): void {
    const at = this.place(to);
    this.writes.push((_, view) => view.setUint32(from, at - from, true));
  }

  private place(each: Part): number {
    if (each.kind === 'table') return this.placeTable(each.fields);
    if (each.kind === 'bytes') return this.placeBytes(each.bytes, each.count, each.isText);
    const at = this.take(OFFSET * (1 + each.parts.length), OFFSET);
    this.writes.push((_, view) => view.setUint32(at, each.parts.length, true));
    each.parts.forEach((one, i) => {
      this.point(at + OFFSET * (1 + i), one);
    });
    return at;
  }

  private placeBytes(data: Uint8Array, count: number, isText: boolean): number {
    const at = this.take(OFFSET + data.length + (isText ? 1 : 0), isText ? OFFSET : WIDEST, OFFSET);
    this.writes.push((memory, view) => {
      view.setUint32(at, count, true);
      memory.set(data, at + OFFSET);
    });
    return at;
  }

  /** The vtable, and right behind it the table. */
  private placeTable(fields: readonly (Field | undefined)[]): number {
    const vtableSize = ENTRY * (2 + fields.length);
    let size = OFFSET;
    const offsets = fields.map((field) => {
      if (!field) return 0;
      const own = field.kind === 'scalar' ? field.size : OFFSET;
      const offset = roundUp(size, own);
      size = offset + own;
      return offset;
    });
    const vtable = this.take(vtableSize + size, WIDEST, vtableSize);
    const at = vtable + vtableSize;
    this.writes.push((_, view) => {
      view.setInt32(at, vtableSize, true);
      [vtableSize, size, ...offsets].forEach((entry, i) => {
        view.setUint16(vtable + ENTRY * i, entry, true);
      });
    });
    fields.forEach((field, i) => {
      const place = at + (offsets[i] as number);
      if (field?.kind === 'scalar') this.writes.push((_, view) => field.put(view, place));
      if (field?.kind === 'part') this.point(place, field.part);
    });
    return at;
  }
}

/** A flatbuffer with its identifier of four letters. */
export function writeFlat(identifier: string, root: Part): Uint8Array {
  const layout = new Layout();
  layout.head(identifier, root);
  const memory = new Uint8Array(layout.end);
  const view = new DataView(memory.buffer);
  for (const write of layout.writes) write(memory, view);
  return memory;
}
