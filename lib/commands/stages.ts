/** Trainings as stages of a longer work: their names in the progress, and their states when the work is stopped. */
import { TransplantError } from '../errors.js';
import type { Model } from '../ir/model.js';
import { isFile } from '../onnx/blob.js';
import { hashTensors } from '../onnx/hash.js';
import { lossOf, lossSettings } from './loss-option.js';
import type { RunOptions } from './options.js';
import { keptAt, type Ran, runTraining, statePath } from './run-training.js';
import type { TrainOptions } from './train-options.js';
import { modelTrainee, type Trainee } from './trainee.js';
import { type Settings, saveState } from './training-state.js';

/** The options with the stage's name in front of what it tells. */
export const during = <T extends RunOptions>(stage: string, options: T): T => ({
  ...options,
  onProgress: (progress) => options.onProgress?.({ ...progress, stage: `${stage}: ${progress.stage}` }),
});

/** Which training of a work, and what its numbers depend on. */
interface StageJob {
  readonly settings: Settings;
  /** From 1. */
  readonly number?: number;
}

/** A training that is over, with all that its state is written from. */
export interface TrainedStage {
  readonly trainee: Trainee;
  readonly settings: Settings;
  readonly ran: Ran;
}

/** The state of a later training lies beside that of the first. */
const numbered = (path: string, number: number): string => (number === 1 ? path : `${path}.${number}`);

/** Trains a model in memory; a state of it goes on only from the same numbers. Throws what `runTraining` throws. */
export async function trainStage(
  model: Model,
  name: string,
  options: TrainOptions,
  { settings: all, number = 1 }: StageJob,
): Promise<TrainedStage> {
  const told = during(name, options);
  told.onProgress?.({ stage: 'preparing', done: 0, total: 1 });
  const loss = lossOf(options.loss);
  const trainee = modelTrainee(model, told, loss);
  const start = hashTensors(model.graph.initializers.values());
  const settings = { ...all, ...(await lossSettings(loss)), training: number, start };
  const path = statePath(options);
  const job = { settings, ...(path !== undefined && { path: numbered(path, number) }) };
  return { trainee, settings, ran: await runTraining(trainee, told, job) };
}

/**
 * Does what follows a first training; `resume` is the state of a second one, where the first was over when it was resumed. Where it
 * is stopped, the first training's end is kept. Throws what `rest` throws.
 */
export async function keepingFirst<T>(
  { trainee, settings, ran }: TrainedStage,
  options: TrainOptions,
  rest: (resume: string | undefined) => Promise<T>,
): Promise<T> {
  const later = options.resume === undefined ? undefined : numbered(options.resume, 2);
  try {
    return await rest(later !== undefined && ran.wasOver && isFile(later) ? later : undefined);
  } catch (error) {
    const path = statePath(options);
    if (!(error instanceof TransplantError && error.code === 'CANCELLED') || path === undefined) throw error;
    saveState(trainee, ran.end(), settings, path);
    throw keptAt(path);
  }
}
