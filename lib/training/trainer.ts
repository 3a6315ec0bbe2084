/** Epochs over a training session: rates, evaluation, the best model kept, an early stop, and states to go on from. */
import { cancelled } from '../errors.js';
import { groupsOf, runsOf, skipped } from './batches.js';
import { rateAt } from './schedule.js';
import type { StepFeeds, Stepped, StepSession } from './step-session.js';
import type {
  Best,
  EpochReport,
  Judgement,
  Sums,
  TrainerOptions,
  TrainerState,
  TrainingBatch,
  TrainingResult,
  TrainingSource,
} from './training.js';
import { type LastRun, worthOneRun } from './turns.js';

const NONE: Sums = { loss: 0, correct: 0, samples: 0 };

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
  private last: LastRun | undefined;
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
    if (this.options.accumulate === undefined && this.session.hasTurns) {
      for await (const run of runsOf(todo, (batch) => this.turns(batch))) {
        await this.stop();
        await this.several(run, number);
      }
    } else {
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

  /** One update from each batch, all in one run. */
  private async several(batches: readonly TrainingBatch[], epoch: number): Promise<void> {
    const started = performance.now();
    const steps = batches.map(({ feeds }, i) => ({ feeds, rate: this.rate(this.done + i) }));
    const stepped = await this.session.runAll(steps);
    this.last = { steps: batches.length, seconds: (performance.now() - started) / 1000 };
    for (const [i, batch] of batches.entries()) this.count(batch, stepped[i] as Stepped);
    this.clock.steps += batches.length;
    this.tell(epoch);
  }

  /** How many steps the next run is to have. */
  private turns({ feeds }: TrainingBatch): number {
    const { stepsPerRun = 1 } = this.options;
    return stepsPerRun === 'auto' ? worthOneRun(this.session.graph, feeds, this.last) : stepsPerRun;
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
