/** Hashes of the files that models were read from; those of large files are computed on a thread of their own. */
import { createHash } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { cancelled, fileChanged, fileSystem } from '../errors.js';
import type { Model, Tensor } from '../ir/model.js';
import { allBytes } from '../ir/numeric.js';
import { CHUNK_BYTES } from '../limits.js';
import { closeFile, type Identity, readFully, reopenFile } from './files.js';
import { stopIfAborted } from './pour.js';
import { filesOf } from './provenance.js';

/** A file as it was when its model was read. */
export interface SeenFile {
  readonly path: string;
  readonly identity: Identity;
}

/** What the thread answers for one file. */
export type Answer = { readonly sha256: string } | { readonly code: string; readonly message: string };

/** Files below this in all are hashed at once: a thread takes longer to start. */
const THREAD_BYTES = 2 * CHUNK_BYTES;

/** SHA-256 of a file, in hexadecimal digits. Throws FILE_CHANGED if it is not what was seen, FILE_SYSTEM, TRUNCATED. */
export function hashFile({ path, identity }: SeenFile): string {
  const file = reopenFile(path, identity);
  try {
    const hash = createHash('sha256');
    const buffer = new Uint8Array(Math.min(identity.size, CHUNK_BYTES / 8));
    for (let start = 0; start < identity.size; start += buffer.length) {
      const piece = buffer.subarray(0, Math.min(buffer.length, identity.size - start));
      readFully(file, piece, start);
      hash.update(piece);
    }
    return hash.digest('hex');
  } finally {
    closeFile(file);
  }
}

/** SHA-256 of bytes, in hexadecimal digits. */
export const hashBytes = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The same of what tensors are called and hold. Throws what reading them throws. */
export function hashTensors(tensors: Iterable<Tensor>): string {
  const hash = createHash('sha256');
  for (const { name, dtype, dims, data } of tensors) {
    hash.update(JSON.stringify([name, dtype, dims]));
    if (data) hash.update(allBytes(data));
  }
  return hash.digest('hex');
}

function sha256Of(answer: Answer | undefined, { path }: SeenFile): string {
  if (answer && 'sha256' in answer) return answer.sha256;
  if (answer?.code === 'FILE_CHANGED') throw fileChanged(path);
  throw fileSystem('cannot hash', path, answer?.message ?? 'no answer');
}

/** Hashes files on a thread of their own. */
function hashAside(files: readonly SeenFile[], signal: AbortSignal | undefined): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    stopIfAborted(signal);
    const worker = new Worker(new URL('./hash-thread.js', import.meta.url), { workerData: files });
    const stop = () => {
      void worker.terminate();
      reject(cancelled());
    };
    signal?.addEventListener('abort', stop, { once: true });
    worker.once('exit', () => signal?.removeEventListener('abort', stop));
    worker.once('error', reject);
    worker.once('message', (answers: readonly Answer[]) => {
      try {
        resolve(files.map((file, i) => sha256Of(answers[i], file)));
      } catch (error) {
        reject(error);
      }
    });
  });
}

/**
 * For each model the SHA-256 of its files: the model file, then its external data files. A model from memory has none.
 * Throws FILE_CHANGED if one was written to since the model was read, CANCELLED.
 */
export async function hashFiles(
  models: readonly Model[],
  signal?: AbortSignal,
): Promise<readonly (readonly string[])[]> {
  const groups = models.map((model) => [...filesOf(model)].map(([path, identity]) => ({ path, identity })));
  const files = groups.flat();
  const bytes = files.reduce((total, { identity }) => total + identity.size, 0);
  const hashes = bytes < THREAD_BYTES ? files.map(hashFile) : await hashAside(files, signal);
  let next = 0;
  return groups.map((group) => group.map(() => hashes[next++] ?? ''));
}
