/** Models from files and from memory. */
import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { notOnnx, TransplantError, tooLarge } from '../errors.js';
import { memoryBytes } from '../ir/bytes.js';
import type { Model } from '../ir/model.js';
import { MAX_MODEL_BYTES } from '../limits.js';
import { Cursor, type Source } from './cursor.js';
import { externalReader, noExternalData } from './external.js';
import { attempt, closeFile, type Identity, type OpenFile, openFile, readFully, requireUnchanged } from './files.js';
import type { Scanned } from './layers.js';
import { toModel } from './model.js';
import { rememberFiles } from './provenance.js';
import { fileRange } from './range.js';
import { scan } from './scan.js';
import { HEAD_BYTES, looksLike } from './sniff.js';

/** Codes that a file gets which is something else than a model. */
const DOUBTFUL: ReadonlySet<string> = new Set(['WIRE_FORMAT', 'TRUNCATED', 'FIELD_REPEATED', 'TOO_LARGE', 'NOT_ONNX']);

/** Scans; bytes that are no model are named after what they look like. */
function scanAll(label: string, size: number, head: () => Uint8Array, cursor: () => Cursor): Scanned {
  try {
    if (size > MAX_MODEL_BYTES) throw tooLarge(label, size, MAX_MODEL_BYTES);
    return scan(cursor());
  } catch (error) {
    const doubtful = error instanceof TransplantError && DOUBTFUL.has(error.code);
    const seen = doubtful ? looksLike(head()) : undefined;
    throw seen ? notOnnx(label, seen) : error;
  }
}

function scanFile(label: string, file: OpenFile): Scanned {
  const { size } = file.identity;
  const readInto = (target: Uint8Array, start: number) => readFully(file, target, start);
  const head = () => {
    const bytes = new Uint8Array(Math.min(size, HEAD_BYTES));
    readInto(bytes, 0);
    return bytes;
  };
  const source: Source = { label, size, readInto };
  const scanned = scanAll(label, size, head, () => Cursor.overSource(source));
  requireUnchanged(file);
  return scanned;
}

/**
 * The model in the file at `path`, which may be a link. Weights stay in the file, and in external data files beside it,
 * until they are read. Nothing in the file is trusted: throws FILE_SYSTEM, FILE_CHANGED, NOT_ONNX, TRUNCATED, WIRE_FORMAT,
 * FIELD_REPEATED, TOO_LARGE, TOO_MANY, TOO_DEEP, EXTERNAL_PATH, EXTERNAL_FILE, EXTERNAL_RANGE, TENSOR_SIZE,
 * DTYPE_UNDEFINED, NAME_DUPLICATE.
 */
export function readModel(path: string): Model {
  const real = attempt('cannot read', path, () => realpathSync(path));
  const file = openFile(real);
  try {
    if (!file.plain) throw notOnnx(path, 'it is no plain file');
    const { identity } = file;
    const files = new Map<string, Identity>([[real, identity]]);
    const model = toModel(scanFile(path, file), {
      label: path,
      hold: ({ start, length }) => fileRange(real, identity, start, length),
      external: externalReader(dirname(real), files),
    });
    rememberFiles(model, files);
    return model;
  } finally {
    closeFile(file);
  }
}

/** The model in memory, as `readModel` reads it; weights are views of `bytes`. External data gives EXTERNAL_FILE. */
export function parseModel(bytes: Uint8Array, label = 'the model in memory'): Model {
  // No Buffer inside: its `slice` is a view where that of Uint8Array is a copy.
  const plain = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const head = () => plain.subarray(0, HEAD_BYTES);
  const scanned = scanAll(label, plain.length, head, () => Cursor.overMemory(plain, label));
  return toModel(scanned, {
    label,
    hold: ({ start, length }) => memoryBytes(plain.subarray(start, start + length)),
    external: noExternalData,
  });
}
