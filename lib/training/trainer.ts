/** Epochs over a training session: rates, evaluation, the best model kept, an early stop, and states to go on from. */
import { cancelled } from '../errors.js';
import type { NdArray } from '../ir/ndarray.js';
import { rateAt, type Schedule } from './schedule.js';
import { areAlike } from './stacked.js';
import type { StepFeeds, Stepped, StepSession, TrainingState } from './step-session.js';
import { worthOneRun } from './turns.js';

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

/** So many batches at once; the last may be fewer. */
async function* groupsOf(
  batches: Iterable<TrainingBatch> | AsyncIterable<TrainingBatch>,
  size: number,
): AsyncGenerator<readonly TrainingBatch[]> {
  let group: TrainingBatch[] = [];
  for await (const batch of batches) {
    group.push(batch);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

/** All but the first `count`. */
async function* skipped<T>(all: AsyncIterable<T>, count: number): AsyncGenerator<T> {
  let at = 0;
  for await (const each of all) if (at++ >= count) yield each;
}

const NONE: Sums = { loss: 0, correct: 0, samples: 0 };

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

/**
 * Trains to the last epoch. From the same state, source and options it gives the same numbers. Throws CANCELLED once `signal` is
 * aborted, after `onState` has been given what is done, and what a step throws.
 */
export async function train(
  session: StepSession,
  source: TrainingSource,
  options: TrainerOptions,
  from?: TrainerState,
): Promise<TrainingResult> {
  const run = new Run(session, source, options, from);
  return run.all();
}

class Run {
  /** How long a step took in the last run. */
  private seconds: number | undefined;
  private readonly before: number;
  private history: readonly EpochReport[];
  private running: Sums;
  private best: Best | undefined;
  private readonly clock = { started: performance.now(), steps: 0, samples: 0 };

  constructor(
    private readonly session: StepSession,
    private readonly source: TrainingSource,
    private readonly options: TrainerOptions,
    from: TrainerState | undefined,
  ) {
    this.before = from?.before ?? session.step;
    if (from) session.restore(from);
    this.history = from?.history ?? [];
    this.running = from?.running ?? NONE;
    this.best = from?.best;
  }

  /** Updates an epoch has. */
  private get updates(): number {
    return Math.ceil(this.source.steps / (this.options.accumulate ?? 1));
  }

  async all(): Promise<TrainingResult> {
    const { epochs, keepBest } = this.options;
    // A state of a training that has ended so begins no other epoch.
    let stopped: 'patience' | undefined = this.isStale() ? 'patience' : undefined;
    while (this.history.length < epochs && !stopped) {
      await this.epoch(this.history.length);
      if (this.isStale()) stopped = 'patience';
    }
    const best = keepBest ? this.best : undefined;
    if (best) this.session.restore({ step: this.session.step, tensors: best.tensors });
    return {
      history: this.history,
      epoch: best?.epoch ?? this.history.length,
      ...(stopped && { stopped }),
      end: () => this.state(),
    };
  }

  /** Steps of this training. */
  private get done(): number {
    return this.session.step - this.before;
  }

  private async epoch(number: number): Promise<void> {
    const began = performance.now();
    // Those that were done before a resume come again and are left out.
    const done = this.done - number * this.updates;
    const todo = skipped(groupsOf(this.source.epoch(number), this.options.accumulate ?? 1), done);
    if (this.options.accumulate === undefined && this.session.hasTurns) await this.inRuns(todo, number);
    else {
      for await (const group of todo) {
        await this.stop();
        await this.update(group, number);
      }
    }
    const evaluation = await this.judge();
    const { loss, correct, samples } = this.running;
    const seconds = (performance.now() - began) / 1000;
    const report: EpochReport = {
      epoch: number + 1,
      step: this.done,
      rate: this.rate(this.done - 1),
      loss: loss / samples,
      accuracy: Number.isNaN(correct) ? undefined : correct / samples,
      evaluation,
      seconds,
      samplesPerSecond: samples / seconds,
    };
    this.history = [...this.history, report];
    this.running = NONE;
    if (evaluation) this.compare(report, evaluation);
    await this.options.onState?.(this.state(), false);
  }

  /** One update from a group of batches. */
  private async update(group: readonly TrainingBatch[], epoch: number): Promise<void> {
    const total = group.reduce((sum, { samples }) => sum + samples, 0);
    const rate = this.rate(this.done);
    for (const [i, batch] of group.entries()) {
      const place = { isFirst: i === 0, isLast: i === group.length - 1 };
      await this.step(batch, { rate, part: { share: batch.samples / total, ...place } });
    }
    this.clock.steps += 1;
    this.tell(epoch);
  }

  /** Updates of one batch each, several in a run where their shapes are the same. */
  private async inRuns(groups: AsyncIterable<readonly TrainingBatch[]>, epoch: number): Promise<void> {
    let waiting: readonly TrainingBatch[] = [];
    for await (const [batch] of groups) {
      if (!batch) continue;
      if (waiting[0] && !areAlike(waiting[0].feeds, batch.feeds)) {
        await this.several(waiting, epoch);
        waiting = [];
      }
      waiting = [...waiting, batch];
      if (waiting.length < this.turns(batch)) continue;
      await this.several(waiting, epoch);
      waiting = [];
    }
    if (waiting.length > 0) await this.several(waiting, epoch);
  }

  /** One update from each batch, all in one run. */
  private async several(batches: readonly TrainingBatch[], epoch: number): Promise<void> {
    await this.stop();
    const started = performance.now();
    const steps = batches.map(({ feeds }, i) => ({ feeds, rate: this.rate(this.done + i) }));
    const stepped = await this.session.runAll(steps);
    this.seconds = (performance.now() - started) / 1000 / batches.length;
    for (const [i, batch] of batches.entries()) this.count(batch, stepped[i] as Stepped);
    this.clock.steps += batches.length;
    this.tell(epoch);
  }

  /** How many steps the next run is to have. */
  private turns({ feeds }: TrainingBatch): number {
    const { stepsPerRun = 1 } = this.options;
    return stepsPerRun === 'auto' ? worthOneRun(this.session.graph, feeds, this.seconds) : stepsPerRun;
  }

  private async step(batch: TrainingBatch, how: Omit<StepFeeds, 'feeds'>): Promise<void> {
    this.count(batch, await this.session.run({ feeds: batch.feeds, ...how }));
  }

  private count(batch: TrainingBatch, { loss, output }: Stepped): void {
    const { samples } = batch;
    const correct = batch.correct ? batch.correct(output) : Number.NaN;
    const { running } = this;
    this.running = {
      loss: running.loss + loss * samples,
      correct: running.correct + correct,
      samples: running.samples + samples,
    };
    this.clock.samples += samples;
  }

  /** Stopped while judging, the epoch's steps are kept. */
  private async judge(): Promise<Judgement | undefined> {
    try {
      return await this.options.evaluate?.();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  private tell(epoch: number): void {
    const { epochs } = this.options;
    const steps = epochs * this.updates;
    const seconds = (performance.now() - this.clock.started) / 1000;
    const { loss, correct, samples } = this.running;
    this.options.onProgress?.({
      epoch: epoch + 1,
      epochs,
      step: this.done,
      steps,
      loss: loss / samples,
      accuracy: Number.isNaN(correct) ? undefined : correct / samples,
      samplesPerSecond: this.clock.samples / seconds,
      secondsLeft: ((steps - this.done) * seconds) / this.clock.steps,
    });
  }

  private rate(step: number): number {
    const { epochs, schedule } = this.options;
    return rateAt(schedule, step, epochs * this.updates, this.updates);
  }

  /** By accuracy where there is one, else by the loss. */
  private compare({ epoch }: EpochReport, { accuracy, loss }: Judgement): void {
    const score = accuracy ?? -loss;
    if (this.best && !(score > this.best.score)) return;
    this.best = { epoch, score, tensors: this.session.state().tensors };
  }

  private isStale(): boolean {
    const { patience } = this.options;
    return patience !== undefined && this.best !== undefined && this.history.length - this.best.epoch >= patience;
  }

  private state(): TrainerState {
    const { before, history, running, best } = this;
    return { ...this.session.state(), before, history, running, best };
  }

  private async stop(): Promise<void> {
    // ONNX Runtime's steps leave no turn to timers and signals.
    await new Promise((resolve) => setImmediate(resolve));
    if (!this.options.signal?.aborted) return;
    await this.options.onState?.(this.state(), true);
    throw cancelled();
  }
}
