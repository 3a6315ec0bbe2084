/** `train`: fine-tunes a model on data, on the stock ONNX Runtime. */
import { cancelled, quoted, usage } from '../errors.js';
import { listInitializers, replaceConstants } from '../ir/edit.js';
import type { Model } from '../ir/model.js';
import { hashFiles } from '../onnx/hash.js';
import { isOwn, type LossChoice } from '../training/judged.js';
import { buildJudge } from '../training/judging-graph.js';
import type { Distillation } from '../training/losses.js';
import { checkSchedule, type Schedule } from '../training/schedule.js';
import { TrainingSession } from '../training/session.js';
import { buildStep, type StepGraph, type StepOptions } from '../training/step-graph.js';
import {
  type EpochReport,
  train as runTraining,
  type TrainerState,
  type TrainingProgress,
} from '../training/trainer.js';
import type { FormOptions } from '../training/training-form.js';
import { checkBatch } from './feeding.js';
import { checkHistory, writeHistory } from './history.js';
import { openJudge } from './judging.js';
import { loadMember } from './load.js';
import { DEFAULT_LOSS, lossFiles, lossOf } from './loss-option.js';
import { OPTIMIZER, type OptimizerOptions, optimizerOf } from './optimizer-options.js';
import type { OutputOptions } from './options.js';
import { makeRecipe } from './recipe.js';
import { checkOutput, type Saved, saveModel } from './save.js';
import { openTeachers } from './teachers.js';
import { trainingSource } from './training-data.js';
import { openHeldOut, openStream, type TrainingInputs, trainedInput } from './training-inputs.js';
import { loadState, type Settings, saveState } from './training-state.js';

/** How to train; what is left out stands in `TRAINING`. */
export interface TrainOptions extends OutputOptions, TrainingInputs, OptimizerOptions, NormOptions {
  /** Samples at once, 64 unless told; a user's own batches have their own sizes. */
  readonly batch?: number | undefined;
  /** Which input takes the samples, and which output the loss judges, where there are several. */
  readonly input?: string | undefined;
  readonly logits?: string | undefined;
  /** `cross-entropy` (unless told), `bce`, `mse`, `l1`, or the path of a model that computes one. */
  readonly loss?: string | undefined;
  /** Batches of one update, 1 unless told: as one batch so many times as large, in the memory of one. */
  readonly accumulate?: number | undefined;
  readonly epochs?: number | undefined;
  readonly lr?: number | undefined;
  /** Largest norm of all gradients together. */
  readonly clip?: number | undefined;
  readonly schedule?: Schedule['name'] | undefined;
  readonly warmup?: number | undefined;
  readonly lrFactor?: number | undefined;
  readonly lrEvery?: number | undefined;
  /** Stop after so many epochs without a better evaluation. */
  readonly patience?: number | undefined;
  /** End with the best evaluation's parameters; true unless told, where there is an evaluation. */
  readonly keepBest?: boolean | undefined;
  /** Parameters to train, or to leave alone; `*` stands for any text. */
  readonly train?: readonly string[] | undefined;
  readonly freeze?: readonly string[] | undefined;
  /** Pixels of border out of which images are cropped at random. */
  readonly crop?: number | undefined;
  /** Mirror images at random. */
  readonly flip?: boolean | undefined;
  /** Where the state goes after every epoch and on Ctrl-C; beside the output (`OUT.checkpoint`) and on Ctrl-C alone unless told. */
  readonly checkpoint?: string | undefined;
  /** A state to go on from, with the same numbers as if it had never stopped. */
  readonly resume?: string | undefined;
  /** Where the history goes, too: a `.json`, or an `.html` with plots. */
  readonly history?: string | undefined;
  /** Threads of ONNX Runtime. */
  readonly threads?: number | undefined;
  readonly onStep?: ((progress: TrainingProgress) => void) | undefined;
}

/** What a training made. */
export interface TrainReport {
  readonly schema: 'onnx-transplant/train@1';
  readonly model: string;
  readonly output: Saved | undefined;
  readonly parameters: number;
  readonly history: readonly EpochReport[];
  /** How good it was before the first step. */
  readonly before?: { readonly loss: number; readonly accuracy?: number | undefined } | undefined;
  /** The epoch whose parameters were kept, and why it ended early. */
  readonly epoch: number;
  readonly stopped?: 'patience' | undefined;
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** How BatchNormalization is trained. */
export interface NormOptions {
  /** By the batch's statistics, which go into the running ones, or by those as they are; `train` unless told. */
  readonly batchNorm?: FormOptions['normalisation'];
  /** The variance that goes into the running one: `unbiased` (PyTorch's, unless told) or `population` (that of ONNX). */
  readonly variance?: FormOptions['variance'];
}

/** What holds where nothing is said. */
export const TRAINING = {
  batch: 64,
  epochs: 1,
  loss: DEFAULT_LOSS,
  lr: { sgd: 0.01, adamw: 0.001 },
  schedule: 'constant',
  lrFactor: 0.1,
  lrEvery: 1,
} as const;

/** Fine-tunes a model file. Throws USAGE, GRADIENT_MISSING, and what reading, running and writing throw. */
export const train = (path: string, options: TrainOptions): Promise<TrainReport> => trainWith(path, options, []);

/** The same, taught by `teachers` where there are some. */
export async function trainWith(
  path: string,
  options: TrainOptions,
  teachers: readonly string[],
  distillation?: Distillation,
): Promise<TrainReport> {
  const started = performance.now();
  const { dryRun = false, signal, ep, seed = 0 } = options;
  const files = [path, ...teachers, ...lossFiles(options.loss)];
  if (!dryRun) checkOutput(options, files);
  checkOptions(options);
  checkHistory(options.history, files);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const model = loadMember(path);
  const input = trainedInput(model, options.input);
  const choice = distillation ?? lossOf(options.loss);
  const step = stepOptions(options, choice);
  const graph = buildStep(model, step);
  const batch = options.batch ?? TRAINING.batch;
  const stream = await openStream(options, input, batch);
  const held = await openHeldOut(options, input, batch);
  const running = { ep, threads: options.threads };
  // A student is judged by the labels.
  const loss = distillation ? 'cross-entropy' : (options.loss ?? TRAINING.loss);
  const open: Closable[] = [];
  const opened = <T extends Closable>(each: T): T => {
    open.push(each);
    return each;
  };
  try {
    const session = opened(await TrainingSession.open(graph, running));
    const judge = held && opened(await openJudge(buildJudge(model, step), loss, input, held, running));
    const taught = teachers.length > 0 ? opened(await openTeachers(teachers, running)) : undefined;
    const source = trainingSource(stream, input, graph, {
      seed,
      loss,
      augmentation: { crop: options.crop ?? 0, flip: options.flip ?? false },
      teach: taught?.teach,
    });
    const settings = {
      ...recipeOptions(options),
      teachers: teachers.length,
      ...distillation,
      // Its path says what it is called, its bytes what it is.
      ...(isOwn(choice) && { lossHash: await hashFiles([choice], signal) }),
    };
    const from = options.resume === undefined ? undefined : loadState(graph, settings, options.resume);
    const before = await judge?.judge(session.feeds, signal);
    const keep = keeper(graph, settings, options);
    const result = await runTraining(
      session,
      source,
      {
        epochs: options.epochs ?? TRAINING.epochs,
        schedule: scheduleOf(options),
        accumulate: options.accumulate,
        evaluate: judge && (() => judge.judge(session.feeds, signal)),
        patience: options.patience,
        keepBest: options.keepBest ?? judge !== undefined,
        signal,
        onProgress: (progress) => tell(options, progress),
        onState: keep,
      },
      from,
    );
    const trained = trainedModel(model, session);
    const recipe = dryRun
      ? undefined
      : makeRecipe(distillation ? 'distill' : 'train', settings, isOwn(choice) ? [model, choice] : [model]);
    const output = recipe && (await saveModel(trained, recipe, files, options));
    if (options.history !== undefined && !dryRun) writeHistory(options.history, { model: path, before, ...result });
    return {
      schema: 'onnx-transplant/train@1',
      model: path,
      output,
      parameters: graph.parameters.reduce((sum, { dims }) => sum + dims.reduce((a, b) => a * b, 1), 0),
      history: result.history,
      before,
      epoch: result.epoch,
      stopped: result.stopped,
      notes: output?.notes ?? [],
      seconds: (performance.now() - started) / 1000,
    };
  } finally {
    for (const each of open) await each.close();
  }
}

/** Writes states where they are wanted: after every epoch with --checkpoint, and always on Ctrl-C. */
function keeper(graph: StepGraph, settings: Settings, { checkpoint, output }: TrainOptions) {
  const path = checkpoint ?? (output === undefined ? undefined : `${output}.checkpoint`);
  return async (state: TrainerState, stopped: boolean): Promise<void> => {
    if (path === undefined || (checkpoint === undefined && !stopped)) return;
    saveState(graph, state, settings, path);
    if (stopped) throw cancelled(`Its state was kept: go on with --resume ${quoted(path)}.`);
  };
}

interface Closable {
  close(): Promise<void>;
}

/** The model as it was, with the parameters that were trained. */
function trainedModel(model: Model, session: TrainingSession): Model {
  const parameters = new Map(session.parameters().map((tensor) => [tensor.name, tensor]));
  return listInitializers({ ...model, graph: replaceConstants(model.graph, parameters) });
}

/** What the options say of the step. Throws USAGE. */
export const stepOptions = (options: Omit<TrainOptions, 'data'>, loss: LossChoice): StepOptions => ({
  loss,
  output: options.logits,
  optimizer: optimizerOf(options),
  clip: options.clip,
  train: options.train,
  freeze: options.freeze,
  accumulate: (options.accumulate ?? 1) > 1,
  normalisation: options.batchNorm,
  variance: options.variance,
});

function scheduleOf(options: TrainOptions): Schedule {
  const { optimizer = OPTIMIZER } = options;
  return {
    name: options.schedule ?? TRAINING.schedule,
    rate: options.lr ?? TRAINING.lr[optimizer],
    warmup: options.warmup ?? 0,
    factor: options.lrFactor ?? TRAINING.lrFactor,
    every: options.lrEvery ?? TRAINING.lrEvery,
  };
}

function checkOptions(options: TrainOptions): void {
  checkBatch(options.batch);
  checkSchedule(scheduleOf(options));
  const { epochs = TRAINING.epochs, patience, clip, crop } = options;
  if (!Number.isInteger(epochs) || epochs < 1) throw usage(`--epochs is a number from 1 up, not ${epochs}`);
  if (patience !== undefined && !(Number.isInteger(patience) && patience >= 1))
    throw usage(`--patience is a number of epochs from 1 up, not ${patience}`);
  const { accumulate = 1 } = options;
  if (!Number.isInteger(accumulate) || accumulate < 1)
    throw usage(`--accumulate is a number of batches from 1 up, not ${accumulate}`);
  if (clip !== undefined && !(clip > 0)) throw usage(`--clip is a number above 0, not ${clip}`);
  if (crop !== undefined && !(Number.isInteger(crop) && crop >= 0))
    throw usage(`--crop is a number of pixels from 0 up, not ${crop}`);
}

/** What matters for the result. */
function recipeOptions(options: TrainOptions): Readonly<Record<string, unknown>> {
  const { signal, onProgress, onStep, output, dryRun, validate, inPlace, externalData, threads, history, ...rest } =
    options;
  return { ...rest, data: undefined, evalData: undefined, checkpoint: undefined, resume: undefined };
}

function tell(options: TrainOptions, progress: TrainingProgress): void {
  options.onStep?.(progress);
  const { epoch, epochs, step, steps, loss, accuracy, samplesPerSecond, secondsLeft } = progress;
  const told = [
    `epoch ${epoch} of ${epochs}`,
    `loss ${loss.toFixed(4)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${(100 * accuracy).toFixed(2)} %`]),
    `${Math.round(samplesPerSecond)} samples/s`,
    `${timeText(secondsLeft)} left`,
  ];
  options.onProgress?.({ stage: told.join(', '), done: step, total: steps });
}

const timeText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
