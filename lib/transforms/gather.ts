/** Tensors that are gathered from members when they are written: chunk by chunk along the first axis, never as a whole. */
import { dtypeUnsupported } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import { byteLength, dtypeName, REAL_TYPES } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { aligned, bytesOf, elementCount, type Reals, realsOf } from '../ir/numeric.js';
import { CHUNK_BYTES } from '../limits.js';
import type { AxisMoves, Part, Plan } from './plan.js';

/** Elements as they are copied: raw words, or real numbers where something is scaled. */
type Words = Reals | Uint8Array | Uint16Array | Uint32Array;

/** How the elements of a tensor are held while they are gathered. */
interface Coding {
  /** Words an element has: 1, or 2 and more for types wider than 32 bits that are only copied. */
  readonly words: number;
  /** Bytes of one element. */
  readonly bytes: number;
  decode(bytes: Uint8Array): Words;
  make(length: number): Words;
  encode(words: Words): Uint8Array;
}

const asBytes = (words: Words): Uint8Array => new Uint8Array(words.buffer, words.byteOffset, words.byteLength);

/** Bits as they are, so that types we cannot compute with are copied too. */
function rawCoding(bytes: number): Coding {
  const size = Math.min(bytes, 4);
  return {
    words: bytes / size,
    bytes,
    decode: (data) => rawWords(aligned(data, size), size),
    make: (length) => rawWords(new Uint8Array(length * size), size),
    encode: asBytes,
  };
}

function rawWords({ buffer, byteOffset, byteLength: length }: Uint8Array, size: number): Words {
  if (size === 1) return new Uint8Array(buffer, byteOffset, length);
  if (size === 2) return new Uint16Array(buffer, byteOffset, length / 2);
  return new Uint32Array(buffer, byteOffset, length / 4);
}

const realCoding = (dtype: number, name: string): Coding => ({
  words: 1,
  bytes: byteLength(dtype, 1) as number,
  decode: (data) => realsOf(data, dtype, name),
  make: (length) => (byteLength(dtype, 1) === 8 ? new Float64Array(length) : new Float32Array(length)),
  encode: (words) => bytesOf(words as Reals, dtype, name),
});

/** Throws DTYPE_UNSUPPORTED for elements that are no whole bytes, or not real where they are averaged. */
function codingOf(plan: Plan): Coding {
  const { dtype, name } = plan;
  if (plan.parts.some((part) => part.scale !== 1)) {
    if (!REAL_TYPES.has(dtype)) throw dtypeUnsupported(name, dtypeName(dtype), 'average it');
    return realCoding(dtype, name);
  }
  const bytes = byteLength(dtype, 1);
  if (!bytes || byteLength(dtype, 8) !== bytes * 8)
    throw dtypeUnsupported(name, dtypeName(dtype), 'select neurons of it');
  return rawCoding(bytes);
}

/** Words in a row: how far two positions of each axis are apart. */
function stridesOf(dims: readonly number[], words: number): readonly number[] {
  return dims.map((_, axis) => elementCount(dims.slice(axis + 1)) * words);
}

/** Stretches that are contiguous on both sides, in words from the start of a row of the first axis. */
interface Runs {
  readonly to: Int32Array;
  readonly from: Int32Array;
  readonly length: Int32Array;
}

/** Merges the moves of all axes behind the first into runs. */
function runsOf(part: Part, dims: readonly number[], words: number): Runs {
  const [toStrides, fromStrides] = [stridesOf(dims, words), stridesOf(part.source.dims, words)];
  let runs: Runs = { to: Int32Array.of(0), from: Int32Array.of(0), length: Int32Array.of(words) };
  for (let axis = dims.length - 1; axis >= 1; axis--) {
    runs = repeat(runs, part.axes[axis] as AxisMoves, toStrides[axis] as number, fromStrides[axis] as number);
  }
  return runs;
}

/** The runs once for each move of one more axis outside, merged where they touch. */
function repeat(runs: Runs, moves: AxisMoves, toStride: number, fromStride: number): Runs {
  const [to, from, length]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < moves.to.length; i++) {
    for (let r = 0; r < runs.to.length; r++) {
      const start = (moves.to[i] as number) * toStride + (runs.to[r] as number);
      const source = (moves.from[i] as number) * fromStride + (runs.from[r] as number);
      const last = to.length - 1;
      const size = length[last] as number;
      if (last >= 0 && (to[last] as number) + size === start && (from[last] as number) + size === source) {
        length[last] = size + (runs.length[r] as number);
      } else {
        to.push(start);
        from.push(source);
        length.push(runs.length[r] as number);
      }
    }
  }
  return { to: Int32Array.from(to), from: Int32Array.from(from), length: Int32Array.from(length) };
}

/** Shorter runs are copied word by word: a call costs more than they do. */
const SHORT_RUN = 24;

function copyRow(out: Words, outAt: number, source: Words, sourceAt: number, runs: Runs, scale: number): void {
  const { to, from, length } = runs;
  for (let r = 0; r < to.length; r++) {
    let write = outAt + (to[r] as number);
    let read = sourceAt + (from[r] as number);
    const end = read + (length[r] as number);
    if (scale !== 1) while (read < end) out[write] = (out[write++] as number) + scale * (source[read++] as number);
    else if (end - read < SHORT_RUN) while (read < end) out[write++] = source[read++] as number;
    else out.set(source.subarray(read, end), write);
  }
}

/** The bytes of the planned tensor, made on demand. */
export function gatherBytes(plan: Plan): Bytes {
  const coding = codingOf(plan);
  // A scalar has one row of one element.
  const dims = plan.dims.length === 0 ? [1] : plan.dims;
  const parts = plan.parts.map((part) => asRows(part));
  const rowWords = elementCount(dims.slice(1)) * coding.words;
  const rowBytes = elementCount(dims.slice(1)) * coding.bytes;
  const rows = dims[0] as number;
  const runs = parts.map((part) => runsOf(part, dims, coding.words));
  const fill = (words: Words, start: number, end: number, scratch: Scratch): Uint8Array => {
    const range = { start, end, rowWords };
    for (const [i, part] of parts.entries()) copyPart(part, runs[i] as Runs, coding, words, range, scratch);
    return coding.encode(words);
  };
  return {
    length: rows * rowBytes,
    read: (start, end) => {
      if (rowBytes === 0 || end <= start) return new Uint8Array(0);
      const [first, last] = [Math.floor(start / rowBytes), Math.ceil(end / rowBytes)];
      const made = fill(coding.make((last - first) * rowWords), first, last, new Scratch());
      return made.subarray(start - first * rowBytes, end - first * rowBytes);
    },
    *pieces() {
      if (rowBytes === 0) return;
      const step = Math.max(1, Math.floor(CHUNK_BYTES / rowBytes));
      const words = coding.make(Math.min(rows, step) * rowWords);
      const scratch = new Scratch();
      for (let row = 0; row < rows; row += step) {
        const end = Math.min(rows, row + step);
        yield fill(words.fill(0).subarray(0, (end - row) * rowWords), row, end, scratch);
      }
    },
  };
}

/** A part of a scalar as a part of a one-row tensor. */
const asRows = (part: Part): Part =>
  part.axes.length > 0
    ? part
    : { ...part, source: { ...part.source, dims: [1] }, axes: [{ to: Int32Array.of(0), from: Int32Array.of(0) }] };

interface RowRange {
  readonly start: number;
  readonly end: number;
  readonly rowWords: number;
}

/** Memory into which sources are read, again and again: fresh memory would have to be cleared by the system each time. */
class Scratch {
  private memory = new Uint8Array(0);

  atLeast(length: number): Uint8Array {
    if (this.memory.length < length) this.memory = new Uint8Array(Math.ceil(length * 1.25));
    return this.memory;
  }
}

/** Copies what a part gives to the rows of a range, reading the source in batches of rows that lie close together. */
function copyPart(part: Part, runs: Runs, coding: Coding, out: Words, range: RowRange, scratch: Scratch): void {
  const { to, from } = part.axes[0] as AxisMoves;
  const due: number[] = [];
  for (let i = 0; i < to.length; i++)
    if ((to[i] as number) >= range.start && (to[i] as number) < range.end) due.push(i);
  const sourceRow = elementCount(part.source.dims.slice(1));
  for (const batch of batches(due, from)) {
    const rows = batch.map((i) => from[i] as number);
    const [low, high] = [Math.min(...rows), Math.max(...rows) + 1];
    const rowBytes = sourceRow * coding.bytes;
    const source = coding.decode(sourceBytes(part.source, low * rowBytes, high * rowBytes, scratch));
    for (const i of batch) {
      const outAt = ((to[i] as number) - range.start) * range.rowWords;
      const sourceAt = ((from[i] as number) - low) * sourceRow * coding.words;
      copyRow(out, outAt, source, sourceAt, runs, part.scale);
    }
  }
}

function sourceBytes(tensor: Tensor, start: number, end: number, scratch: Scratch): Uint8Array {
  if (!tensor.data) throw dtypeUnsupported(tensor.name, dtypeName(tensor.dtype), 'select neurons of it');
  return tensor.data.read(start, end, scratch.atLeast(end - start));
}

/** At most this many rows are read at once, so that Math.min can take them as arguments. */
const BATCH_ROWS = 4096;

/** Splits moves into batches whose source rows span at most some four times what is needed of them. */
function* batches(due: readonly number[], from: Int32Array): Generator<readonly number[]> {
  let batch: number[] = [];
  let [low, high] = [0, 0];
  for (const i of due) {
    const row = from[i] as number;
    const [nextLow, nextHigh] = batch.length === 0 ? [row, row] : [Math.min(low, row), Math.max(high, row)];
    if (batch.length > 0 && (nextHigh - nextLow > 4 * batch.length + 16 || batch.length === BATCH_ROWS)) {
      yield batch;
      batch = [];
      [low, high] = [row, row];
    } else [low, high] = [nextLow, nextHigh];
    batch.push(i);
  }
  if (batch.length > 0) yield batch;
}
