/** `train`: fine-tunes a model, or what training artifacts hold, on data, on the stock ONNX Runtime. */
import type { Distillation } from '../training/losses.js';
import type { EpochReport, Judgement } from '../training/training.js';
import { checkHistory, writeHistory } from './history.js';
import { lossFiles } from './loss-option.js';
import { runTraining } from './run-training.js';
import { checkOutput, type Saved, saveModel } from './save.js';
import { openSubject, subjectFiles } from './subject.js';
import { checkTrainOptions, recipeOptions, type TrainOptions } from './train-options.js';
import { checkStatePath } from './training-state.js';

/** What a training made. */
export interface TrainReport {
  readonly schema: 'onnx-transplant/train@1';
  /** The model file, or the folder of the artifacts. */
  readonly model: string;
  readonly output: Saved | undefined;
  readonly parameters: number;
  readonly history: readonly EpochReport[];
  /** How good it was before the first step. */
  readonly before?: Judgement | undefined;
  /** The epoch whose parameters were kept, and why it ended early. */
  readonly epoch: number;
  readonly stopped?: 'patience' | undefined;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/**
 * Fine-tunes a model file, or the artifacts in a folder. Throws USAGE, GRADIENT_MISSING, ARTIFACTS_FORMAT, and what reading, running
 * and writing throw.
 */
export const train = (path: string, options: TrainOptions): Promise<TrainReport> => trainWith(path, options, []);

/** The same, taught by `teachers` where there are some. */
export async function trainWith(
  path: string,
  options: TrainOptions,
  teachers: readonly string[],
  distillation?: Distillation,
): Promise<TrainReport> {
  const started = performance.now();
  const { dryRun = false, history } = options;
  const files = [...subjectFiles(path), ...teachers, ...lossFiles(options.loss)];
  if (!dryRun) checkOutput(options, files);
  if (options.checkpoint !== undefined) checkStatePath(options.checkpoint, files);
  checkTrainOptions(options);
  checkHistory(history, files);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const { trainee, recipeOf, notes, settings: own } = openSubject(path, options, distillation);
  const settings = { ...recipeOptions(options), teachers: teachers.length, ...distillation, ...(await own()) };
  const ran = await runTraining(trainee, options, { teachers, settings });
  const recipe = dryRun ? undefined : recipeOf(distillation ? 'distill' : 'train', settings);
  const output = recipe && (await saveModel(ran.model, recipe, files, options, 'kept'));
  if (history !== undefined && !dryRun) writeHistory(history, { ...ran, model: path });
  return {
    schema: 'onnx-transplant/train@1',
    model: path,
    output,
    parameters: ran.parameters,
    history: ran.history,
    before: ran.before,
    epoch: ran.epoch,
    stopped: ran.stopped,
    notes: [...notes, ...(output?.notes ?? [])],
    seconds: (performance.now() - started) / 1000,
  };
}
