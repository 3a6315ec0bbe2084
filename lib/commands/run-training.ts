/** One training from its data to its last epoch: everything between a step and a report. */
import { cancelled, quoted } from '../errors.js';
import type { Model } from '../ir/model.js';
import { allowRounding } from '../runtime/ort.js';
import { arrayOf, StepSession } from '../training/step-session.js';
import { train } from '../training/trainer.js';
import type { Judgement, TrainerState, TrainingResult } from '../training/training.js';
import { openJudge } from './judging.js';
import { openTeachers } from './teachers.js';
import { scheduleOf, TRAINING, type TrainOptions } from './train-options.js';
import type { Trainee } from './trainee.js';
import { trainingSource } from './training-data.js';
import { openHeldOut, openStream } from './training-inputs.js';
import { tellStep } from './training-progress.js';
import { loadState, type Settings, saveState } from './training-state.js';

/** What a training is told beside its options. */
export interface Job {
  /** Paths of teachers; none unless it is taught. */
  readonly teachers?: readonly string[] | undefined;
  /** What its numbers depend on: a state goes on only with the same ones. */
  readonly settings: Settings;
  /** Where its state goes, where that is not where the options say. */
  readonly path?: string | undefined;
}

/** A training that is over. */
export interface Ran extends TrainingResult {
  readonly model: Model;
  /** How good it was before the first step. */
  readonly before: Judgement | undefined;
  /** How many numbers were trained. */
  readonly parameters: number;
  /** Whether it went on from a state in which nothing was left to do. */
  readonly wasOver: boolean;
}

interface Closable {
  close(): Promise<void>;
}

/** Trains. Throws USAGE, DATA_MISMATCH, CANCELLED, and what opening the data, running and writing a state throw. */
export async function runTraining(trainee: Trainee, options: TrainOptions, job: Job): Promise<Ran> {
  const { graph, input, loss } = trainee;
  const { signal, ep, threads, seed = 0, teachers = [] } = { ...options, ...job };
  // As PyTorch lets convolutions: in full, a ResNet's step takes four times as long on a GPU that can round (measured on an H200).
  allowRounding();
  const batch = options.batch ?? TRAINING.batch;
  const stream = await openStream(options, input, batch);
  const held = await openHeldOut(options, input, batch);
  const running = { ep, threads };
  const open: Closable[] = [];
  const opened = <T extends Closable>(each: T): T => {
    open.push(each);
    return each;
  };
  try {
    const session = opened(
      await StepSession.open(graph, {
        ...running,
        turns: options.stepsPerRun !== 1 && trainee.graph.sums === undefined,
      }),
    );
    if (trainee.start) session.restore(trainee.start);
    const judge = held && opened(await openJudge(trainee.judging(), loss, input, held, running));
    const taught = teachers.length > 0 ? opened(await openTeachers(teachers, running)) : undefined;
    const augmentation = { crop: options.crop ?? 0, flip: options.flip ?? false };
    const source = trainingSource(stream, input, graph, { seed, loss, augmentation, teach: taught?.teach });
    const from = options.resume === undefined ? undefined : loadState(graph, job.settings, options.resume);
    const before = await judge?.judge(session.feeds, signal);
    const result = await train(
      session,
      source,
      {
        epochs: options.epochs ?? TRAINING.epochs,
        schedule: scheduleOf(options, trainee.rate),
        accumulate: options.accumulate,
        stepsPerRun: options.stepsPerRun ?? 'auto',
        evaluate: judge && (() => judge.judge(session.feeds, signal)),
        patience: options.patience,
        keepBest: options.keepBest ?? judge !== undefined,
        signal,
        onProgress: (progress) => tellStep(options, progress),
        onState: keeper(trainee, job, options),
      },
      from,
    );
    const parameters = graph.parameters.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0);
    const wasOver = from?.history.length === result.history.length;
    return { ...result, model: trainee.finish(session.parameters()), before, parameters, wasOver };
  } finally {
    for (const each of open) await each.close();
  }
}

/**
 * How good a model is on the held-out data before any training; undefined where there is none. Throws what opening the data and
 * running throw, CANCELLED.
 */
export async function judgeUntrained(trainee: Trainee, options: TrainOptions): Promise<Judgement | undefined> {
  const { graph, input, loss } = trainee;
  const { ep, threads, signal } = options;
  const held = await openHeldOut(options, input, options.batch ?? TRAINING.batch);
  if (!held) return undefined;
  const judge = await openJudge(trainee.judging(), loss, input, held, { ep, threads });
  try {
    return await judge.judge(new Map([...graph.initial].map(([name, tensor]) => [name, arrayOf(tensor)])), signal);
  } finally {
    await judge.close();
  }
}

type Places = Pick<TrainOptions, 'checkpoint' | 'output' | 'dryRun'>;

/** Where a state goes; undefined where neither a file nor an output is named, and in a dry run. */
export function statePath({ checkpoint, output, dryRun }: Places): string | undefined {
  if (dryRun || (checkpoint ?? output) === undefined) return undefined;
  return checkpoint ?? `${output}.checkpoint`;
}

/** CANCELLED, with the way to go on. */
export const keptAt = (path: string) => cancelled(`Its state was kept: go on with --resume ${quoted(path)}.`);

/** Writes states where they are wanted: after every epoch with --checkpoint, and always on Ctrl-C. */
function keeper(trainee: Trainee, { settings, path: own }: Job, options: TrainOptions) {
  const path = own ?? statePath(options);
  return async (state: TrainerState, stopped: boolean): Promise<void> => {
    if (path === undefined || (options.checkpoint === undefined && !stopped)) return;
    saveState(trainee, state, settings, path);
    if (stopped) throw keptAt(path);
  };
}
