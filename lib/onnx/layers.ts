/** Which bytes of a model a scan keeps: one layer each, as stretches of the file until it is taken into memory. */
import type { Cursor } from './cursor.js';

/** Elements of a tensor that stay where they are. */
export interface Payload {
  /** Number of their field in TensorProto: raw_data, float_data or double_data. */
  readonly field: number;
  /** Position of the first byte. */
  readonly start: number;
  readonly length: number;
}

/** An initializer: its message without the payload, and where that lies. */
export interface ScannedTensor {
  readonly bytes: Uint8Array;
  readonly payload: Payload | undefined;
}

/** A sound model in three layers; each is a message of its own. */
export interface Scanned {
  /** ModelProto without its graph. */
  readonly model: Uint8Array;
  /** GraphProto without its initializers. */
  readonly graph: Uint8Array;
  readonly initializers: readonly ScannedTensor[];
}

/** Collects the fields of one layer. */
export class Layer {
  /** Start and end of each stretch, one after the other. */
  private readonly bounds: number[] = [];
  private length = 0;

  /** Adds the bytes [start, end) of the file. */
  add(start: number, end: number): void {
    const { bounds } = this;
    if (bounds.at(-1) === start) bounds[bounds.length - 1] = end;
    else bounds.push(start, end);
    this.length += end - start;
  }

  /** A copy of what was added; the layer is empty afterwards. */
  take(cursor: Cursor): Uint8Array {
    const taken = new Uint8Array(this.length);
    let filled = 0;
    for (let i = 0; i < this.bounds.length; i += 2) {
      const [start = 0, end = 0] = this.bounds.slice(i, i + 2);
      cursor.copy(taken.subarray(filled, filled + end - start), start);
      filled += end - start;
    }
    this.bounds.length = 0;
    this.length = 0;
    return taken;
  }
}

/** Collects one initializer after the other. */
export class TensorLayer extends Layer {
  private payload: Payload | undefined;
  /** Where the field of the payload begins, its tag included. */
  private fieldStart = 0;
  /** Elements that stand in several parts cannot be one stretch of the file. */
  private split = false;

  /** Adds one field, or leaves it in the file if it is a payload and the first. */
  addField(field: number, start: number, end: number, payload: Payload | undefined): void {
    if (this.payload?.field === field) this.release();
    if (payload && !this.payload && !this.split) {
      this.payload = payload;
      this.fieldStart = start;
    } else this.add(start, end);
  }

  private release(): void {
    if (this.payload) this.add(this.fieldStart, this.payload.start + this.payload.length);
    this.payload = undefined;
    this.split = true;
  }

  takeTensor(cursor: Cursor): ScannedTensor {
    const { payload } = this;
    this.payload = undefined;
    this.split = false;
    return { bytes: this.take(cursor), payload };
  }
}
