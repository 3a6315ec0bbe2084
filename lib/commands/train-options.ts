/** Options of a training, what holds where nothing is said, and what they mean. */
import { usage } from '../errors.js';
import type { LossChoice } from '../training/judged.js';
import { checkSchedule, type Schedule } from '../training/schedule.js';
import type { StepOptions } from '../training/step-graph.js';
import type { TrainingProgress } from '../training/training.js';
import type { FormOptions } from '../training/training-form.js';
import { checkBatch } from './feeding.js';
import { DEFAULT_LOSS } from './loss-option.js';
import { type OptimizerOptions, optimizerOf } from './optimizer-options.js';
import type { OutputOptions } from './options.js';
import type { TrainingInputs } from './training-inputs.js';

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
  /** Steps that ONNX Runtime does in one run; as many as take a fifth of a second (16 at most) unless told. The numbers are the same. */
  readonly stepsPerRun?: number | undefined;
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

/** How the rate goes; `rate` where the options tell none. */
export function scheduleOf(options: Omit<TrainOptions, 'data'>, rate: number): Schedule {
  return {
    name: options.schedule ?? TRAINING.schedule,
    rate: options.lr ?? rate,
    warmup: options.warmup ?? 0,
    factor: options.lrFactor ?? TRAINING.lrFactor,
    every: options.lrEvery ?? TRAINING.lrEvery,
  };
}

/** Throws USAGE for numbers that make no sense. */
export function checkTrainOptions(options: Omit<TrainOptions, 'data'>): void {
  checkBatch(options.batch);
  checkSchedule(scheduleOf(options, TRAINING.lr.sgd));
  const { epochs = TRAINING.epochs, patience, clip, crop } = options;
  if (!Number.isInteger(epochs) || epochs < 1) throw usage(`--epochs is a number from 1 up, not ${epochs}`);
  if (patience !== undefined && !(Number.isInteger(patience) && patience >= 1))
    throw usage(`--patience is a number of epochs from 1 up, not ${patience}`);
  const { accumulate = 1 } = options;
  if (!Number.isInteger(accumulate) || accumulate < 1)
    throw usage(`--accumulate is a number of batches from 1 up, not ${accumulate}`);
  const { stepsPerRun = 1 } = options;
  if (!Number.isInteger(stepsPerRun) || stepsPerRun < 1)
    throw usage(`--steps-per-run is a number from 1 up, not ${stepsPerRun}`);
  if (clip !== undefined && !(clip > 0)) throw usage(`--clip is a number above 0, not ${clip}`);
  if (crop !== undefined && !(Number.isInteger(crop) && crop >= 0))
    throw usage(`--crop is a number of pixels from 0 up, not ${crop}`);
}

/** What matters for the result. */
export function recipeOptions(options: TrainOptions): Readonly<Record<string, unknown>> {
  const {
    signal,
    onProgress,
    onStep,
    output,
    dryRun,
    validate,
    inPlace,
    externalData,
    threads,
    history,
    stepsPerRun,
    ...rest
  } = options;
  return { ...rest, data: undefined, evalData: undefined, checkpoint: undefined, resume: undefined };
}
