/** Models to files, whole or not at all, and to memory. */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { tooLarge } from '../errors.js';
import type { Model } from '../ir/model.js';
import { MAX_MODEL_BYTES } from '../limits.js';
import { metadataBytes } from './model.js';
import { type OutputFiles, systemFiles } from './output-files.js';
import { type ModelPlan, type Plan, planExternal, planInline } from './plan.js';
import { collect, pour, stopIfAborted } from './pour.js';
import { requireNoInput, requireWritable } from './target.js';

/** How to write a model. */
export interface WriteOptions {
  /** Whether large tensors go into a data file beside the model; 'auto' (the default): if one file would be too large. */
  readonly externalData?: boolean | 'auto';
  /** Entries to add to the model's metadata. They stand last, and are waited for only when all else is written. */
  readonly metadata?: Promise<ReadonlyMap<string, string>>;
  /** Stops the work; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Called with the bytes written so far and in all. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Called with the complete file under its temporary name; if it throws, nothing is left behind. */
  readonly check?: (temporaryPath: string) => Promise<void> | void;
  /** Files that must not be overwritten: the models that went in, and with them their external data. */
  readonly inputs?: readonly string[];
  /** Allows to overwrite an input. The weights of models read from it can no longer be read afterwards. */
  readonly inPlace?: boolean;
  /** For tests: the calls of the operating system. */
  readonly files?: OutputFiles;
}

/** What was written. */
export interface Written {
  readonly bytes: number;
  /** The model, and the data file if there is one. */
  readonly files: readonly string[];
}

const random = (bytes: number): string => randomBytes(bytes).toString('hex');

/** A name for the data file that no other run uses, and that is a plain location whatever the model's name is. */
const dataName = (path: string): string =>
  `${basename(path)
    .replace(/[^\w.-]/g, '_')
    .slice(-100)}.${random(4)}.data`;

function requireSize(label: string, { length }: Pick<Plan, 'length'>): void {
  if (length > MAX_MODEL_BYTES) throw tooLarge(label, length, MAX_MODEL_BYTES);
}

function planFor(model: Model, path: string, externalData: boolean | 'auto', location: string): ModelPlan {
  if (externalData !== true) {
    const whole = planInline(model);
    if (whole.length <= MAX_MODEL_BYTES || !externalData) {
      requireSize(path, whole);
      return { model: whole, data: undefined };
    }
  }
  const plan = planExternal(model, location);
  requireSize(path, plan.model);
  return plan;
}

/** Files in the making; they vanish unless they are kept. */
class Drafts {
  private readonly made: string[] = [];
  private done = 0;

  constructor(
    private readonly files: OutputFiles,
    private readonly options: WriteOptions,
    private readonly total: number,
  ) {}

  /** Writes a plan and what comes `last`; answers how many bytes it was. */
  async write(path: string, plan: Plan, last?: Promise<Uint8Array>): Promise<number> {
    const { files } = this;
    const { signal } = this.options;
    const fd = files.create(path);
    this.made.push(path);
    const onBytes = (count: number) => {
      this.done += count;
      this.options.onProgress?.(this.done, this.total);
    };
    try {
      const target = { files, path, fd, signal, onBytes };
      await pour(plan, target);
      const tail = await last;
      if (tail) await pour({ parts: [tail], length: tail.length }, target);
      files.sync(path, fd);
      return plan.length + (tail?.length ?? 0);
    } finally {
      files.close(path, fd);
    }
  }

  /** Removes what was made; what cannot be removed stays, as the first error matters more. */
  discard(): void {
    for (const path of this.made) {
      try {
        this.files.remove(path);
      } catch {}
    }
  }

  keep(): void {
    this.made.length = 0;
  }
}

/**
 * Writes a model to `path`: under another name first, synced, checked, then renamed, so that there is the old file or the
 * new one at any time. External data goes first, under a name of its own. What was read and not edited is written as it
 * was. Memory: one chunk, whatever the size. Throws OUTPUT_PATH, OUTPUT_IS_INPUT, TOO_LARGE, CANCELLED, FILE_SYSTEM, and
 * what reading the weights throws.
 */
export async function writeModel(model: Model, path: string, options: WriteOptions = {}): Promise<Written> {
  const { files = systemFiles, externalData = 'auto', inPlace = false, inputs = [], signal } = options;
  requireWritable(path);
  if (!inPlace) requireNoInput(path, inputs);
  stopIfAborted(signal);
  const folder = dirname(path);
  const location = dataName(path);
  const plan = planFor(model, path, externalData, location);
  const drafts = new Drafts(files, options, plan.model.length + (plan.data?.length ?? 0));
  const metadata = options.metadata?.then(metadataBytes);
  // Awaited after the rest; a failure of the rest comes first.
  metadata?.catch(() => undefined);
  let bytes = 0;
  try {
    const temporary = join(folder, `.onnx-transplant-${random(8)}.tmp`);
    if (plan.data) bytes += await drafts.write(join(folder, location), plan.data);
    const length = await drafts.write(temporary, plan.model, metadata);
    requireSize(path, { length });
    bytes += length;
    await options.check?.(temporary);
    stopIfAborted(signal);
    if (plan.data) files.syncFolder(folder);
    files.rename(temporary, path);
    drafts.keep();
  } catch (error) {
    drafts.discard();
    throw error;
  }
  files.syncFolder(folder);
  return { bytes, files: plan.data ? [path, join(folder, location)] : [path] };
}

/** The bytes of a model, weights and all. Throws TOO_LARGE, and what reading the weights throws. */
export function encodeModel(model: Model): Uint8Array {
  const plan = planInline(model);
  requireSize(model.label, plan);
  return collect(plan);
}
