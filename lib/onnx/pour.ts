/** Writes planned bytes into a file in large pieces, letting the event loop run now and then so that work can be stopped. */
import { setImmediate } from 'node:timers/promises';
import { cancelled, defect } from '../errors.js';
import type { Bytes } from '../ir/bytes.js';
import { CHUNK_BYTES } from '../limits.js';
import type { OutputFiles } from './output-files.js';
import type { Plan } from './plan.js';

/** Pieces below this are gathered before they are written. */
const SMALL_BYTES = 2 ** 16;
const GATHERED_BYTES = 2 ** 20;

/** A file that is open for writing. */
export interface Target {
  readonly files: OutputFiles;
  readonly path: string;
  readonly fd: number;
  readonly signal: AbortSignal | undefined;
  /** Called with the number of bytes that came in. */
  readonly onBytes: (count: number) => void;
}

/** Throws CANCELLED if the signal says so. */
export function stopIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

class Sink {
  private readonly gathered = new Uint8Array(GATHERED_BYTES);
  private filled = 0;

  constructor(private readonly target: Target) {}

  async add(bytes: Uint8Array): Promise<void> {
    if (bytes.length < SMALL_BYTES) return this.gather(bytes);
    await this.flush();
    for (let start = 0; start < bytes.length; start += CHUNK_BYTES)
      await this.write(bytes.subarray(start, start + CHUNK_BYTES));
  }

  async flush(): Promise<void> {
    if (this.filled > 0) await this.write(this.gathered.subarray(0, this.filled));
    this.filled = 0;
  }

  private async gather(bytes: Uint8Array): Promise<void> {
    if (this.filled + bytes.length > this.gathered.length) await this.flush();
    this.gathered.set(bytes, this.filled);
    this.filled += bytes.length;
  }

  private async write(bytes: Uint8Array): Promise<void> {
    const { files, path, fd, signal, onBytes } = this.target;
    for (let done = 0; done < bytes.length; ) done += files.write(path, fd, bytes.subarray(done));
    onBytes(bytes.length);
    await setImmediate();
    stopIfAborted(signal);
  }
}

const isBytes = (part: Uint8Array | Bytes): part is Bytes => 'pieces' in part;

async function pourBytes(bytes: Bytes, sink: Sink): Promise<void> {
  let length = 0;
  for (const piece of bytes.pieces(1)) {
    length += piece.length;
    await sink.add(piece);
  }
  if (length !== bytes.length) throw defect(`a tensor gave ${length} bytes instead of ${bytes.length}`);
}

/** Writes all bytes of a plan. Throws FILE_SYSTEM, CANCELLED, and what reading the bytes throws. */
export async function pour({ parts }: Plan, target: Target): Promise<void> {
  const sink = new Sink(target);
  for (const part of parts) {
    if (isBytes(part)) await pourBytes(part, sink);
    else await sink.add(part);
  }
  await sink.flush();
}

/** All bytes of a plan in memory. */
export function collect({ parts, length }: Plan): Uint8Array {
  const whole = new Uint8Array(length);
  let end = 0;
  for (const part of parts) {
    for (const piece of isBytes(part) ? part.pieces(1) : [part]) {
      whole.set(piece, end);
      end += piece.length;
    }
  }
  if (end !== length) throw defect(`tensors gave ${end} bytes instead of ${length}`);
  return whole;
}
