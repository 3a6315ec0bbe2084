/** A training's history as a file: JSON for programs, a page with plots for people. */
import { usage } from '../errors.js';
import { writeBlob } from '../onnx/blob.js';
import { requireNoInput, requireWritable } from '../onnx/target.js';
import { historyPage, type TrainingHistory } from '../report/history-page.js';

const FORMATS: readonly (readonly [end: string, text: (history: TrainingHistory) => string])[] = [
  [
    '.json',
    ({ model, before, history, epoch }) =>
      `${JSON.stringify({ schema: SCHEMA, model, before, epoch, history }, undefined, 2)}\n`,
  ],
  ['.html', historyPage],
];

const SCHEMA = 'onnx-transplant/history@1';

const formatOf = (path: string) => FORMATS.find(([end]) => path.toLowerCase().endsWith(end));

/** Before a training starts: throws USAGE for other endings, OUTPUT_PATH and OUTPUT_IS_INPUT where no file may be put. */
export function checkHistory(path: string | undefined, inputs: readonly string[]): void {
  if (path === undefined) return;
  if (!formatOf(path)) throw usage(`--history ${JSON.stringify(path)} ends in neither .json nor .html`, 'Name it so.');
  requireWritable(path);
  requireNoInput(path, inputs);
}

/** Writes the file, whole or not at all. Throws OUTPUT_PATH, FILE_SYSTEM. */
export function writeHistory(path: string, history: TrainingHistory): void {
  const text = formatOf(path)?.[1](history) ?? '';
  writeBlob(new TextEncoder().encode(text), path);
}
