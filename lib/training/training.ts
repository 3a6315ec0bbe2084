/** What a training is told, what it tells, and what it is between two steps. */
import type { NdArray } from '../ir/ndarray.js';
import type { Schedule } from './schedule.js';
import type { TrainingState } from './step-session.js';

/** One step's batch. */
export interface TrainingBatch {
  /** By the names of the step graph. */
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly samples: number;
  /** How many samples the output gets right; undefined where there are no classes. */
  correct?(output: NdArray): number;
}

/** Where batches come from: the same ones for the same number of the epoch (from 0). */
export interface TrainingSource {
  /** Batches an epoch has. */
  readonly steps: number;
  epoch(number: number): Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>;
}

/** How good the model is on what it was not trained on. */
export interface Judgement {
  readonly loss: number;
  readonly accuracy?: number | undefined;
}

/** One epoch. */
export interface EpochReport {
  /** From 1. */
  readonly epoch: number;
  /** Steps done since the beginning. */
  readonly step: number;
  readonly rate: number;
  /** Means over the epoch, each batch before its update. */
  readonly loss: number;
  readonly accuracy?: number | undefined;
  readonly evaluation?: Judgement | undefined;
  readonly seconds: number;
  readonly samplesPerSecond: number;
}

/** How far it has come, told after each step, or each run of several. */
export interface TrainingProgress {
  /** From 1. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  readonly loss: number;
  readonly accuracy?: number | undefined;
  readonly samplesPerSecond: number;
  readonly secondsLeft: number;
}

/** All that a training is between two steps. */
export interface TrainerState extends TrainingState {
  /** Steps that the optimizer had done before this training. */
  readonly before: number;
  readonly history: readonly EpochReport[];
  /** Sums over the steps of the epoch that is not finished. */
  readonly running: Sums;
  readonly best?: Best | undefined;
}

export interface Best {
  readonly epoch: number;
  readonly score: number;
  readonly tensors: ReadonlyMap<string, NdArray>;
}

export interface Sums {
  readonly loss: number;
  readonly correct: number;
  readonly samples: number;
}

export interface TrainerOptions {
  readonly epochs: number;
  readonly schedule: Schedule;
  /** Batches of one update, 1 unless told; the last update of an epoch is made of those that are left. */
  readonly accumulate?: number | undefined;
  /** Steps of one run, where the session can do several; 1 unless told, `auto` as many as take a fifth of a second. */
  readonly stepsPerRun?: number | 'auto' | undefined;
  /** Judges the session's model as it is, after every epoch. */
  readonly evaluate?: (() => Promise<Judgement>) | undefined;
  /** Stop after so many epochs without a better evaluation. */
  readonly patience?: number | undefined;
  /** End with the parameters of the best evaluation instead of the last. */
  readonly keepBest: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TrainingProgress) => void) | undefined;
  /** After every epoch, and with `stopped` where `signal` was aborted. */
  readonly onState?: ((state: TrainerState, stopped: boolean) => Promise<void>) | undefined;
}

/** What a training came to. */
export interface TrainingResult {
  readonly history: readonly EpochReport[];
  /** The epoch whose parameters are in the session now. */
  readonly epoch: number;
  /** Why it ended before the last epoch. */
  readonly stopped?: 'patience' | undefined;
  /** What it ended with. From there nothing is left to do. */
  readonly end: () => TrainerState;
}
