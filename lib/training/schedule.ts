/** How the learning rate goes over a training. */
import { usage } from '../errors.js';

export const SCHEDULES = ['constant', 'step', 'cosine', 'linear'] as const;
/** Always the same; less by a factor every few epochs; down to 0 along half a cosine or a line. */
export type ScheduleName = (typeof SCHEDULES)[number];

export interface Schedule {
  readonly name: ScheduleName;
  /** The largest rate. */
  readonly rate: number;
  /** Steps in which the rate first rises from 0, along a line. */
  readonly warmup: number;
  /** For `step`: the factor, and after how many epochs it is applied each time. */
  readonly factor: number;
  readonly every: number;
}

/** The rate of step `step` (from 0) of `total`, with `perEpoch` steps an epoch. */
export function rateAt(
  { name, rate, warmup, factor, every }: Schedule,
  step: number,
  total: number,
  perEpoch: number,
): number {
  if (step < warmup) return (rate * (step + 1)) / warmup;
  const left = Math.max(0, (total - step) / Math.max(1, total - warmup));
  switch (name) {
    case 'constant':
      return rate;
    case 'step':
      return rate * factor ** Math.floor(step / Math.max(1, perEpoch * every));
    case 'cosine':
      return (rate * (1 - Math.cos(Math.PI * left))) / 2;
    case 'linear':
      return rate * left;
  }
}

/** Throws USAGE for numbers that make no schedule. */
export function checkSchedule({ rate, warmup, factor, every }: Schedule): void {
  if (!(rate > 0) || !Number.isFinite(rate)) throw usage(`--lr is a number above 0, not ${rate}`);
  if (!Number.isInteger(warmup) || warmup < 0) throw usage(`--warmup is a number of steps from 0 up, not ${warmup}`);
  if (!(factor > 0 && factor <= 1)) throw usage(`--lr-factor is above 0 and at most 1, not ${factor}`);
  if (!Number.isInteger(every) || every < 1) throw usage(`--lr-every is a number of epochs from 1 up, not ${every}`);
}
