/** A page as a file, where `--html` names one. */
import { usage } from '../errors.js';
import { writeBlob } from '../onnx/blob.js';
import { requireNoInput, requireWritable } from '../onnx/target.js';
import type { PageData } from '../page/data.js';
import { graphPage } from '../page/page.js';
import type { RunOptions } from './options.js';

/** Before long work: throws USAGE for another ending, OUTPUT_PATH and OUTPUT_IS_INPUT where no file may be put. */
export function checkPage(path: string | undefined, inputs: readonly string[]): void {
  if (path === undefined) return;
  if (!/\.html?$/i.test(path)) throw usage(`--html ${JSON.stringify(path)} does not end in .html`, 'Name it so.');
  requireWritable(path);
  requireNoInput(path, inputs);
}

/** Lays the graph out and writes the page, whole or not at all. Throws what `graphPage` throws, OUTPUT_PATH, FILE_SYSTEM. */
export async function writePage(
  path: string,
  data: PageData,
  { signal, onProgress }: RunOptions,
): Promise<{ readonly path: string; readonly bytes: number }> {
  onProgress?.({ stage: 'laying the graph out', done: 0, total: 1 });
  const bytes = new TextEncoder().encode(await graphPage(data, signal));
  writeBlob(bytes, path);
  return { path, bytes: bytes.length };
}
