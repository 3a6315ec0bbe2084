/** How far a training has come, as a line. */
import type { TrainingProgress } from '../training/training.js';
import type { TrainOptions } from './train-options.js';

/** Tells a step to whoever listens. */
export function tellStep(
  { onStep, onProgress }: Pick<TrainOptions, 'onStep' | 'onProgress'>,
  progress: TrainingProgress,
): void {
  onStep?.(progress);
  const { epoch, epochs, step, steps, loss, accuracy, samplesPerSecond, secondsLeft } = progress;
  const told = [
    `epoch ${epoch} of ${epochs}`,
    `loss ${loss.toFixed(4)}`,
    ...(accuracy === undefined ? [] : [`accuracy ${(100 * accuracy).toFixed(2)} %`]),
    `${Math.round(samplesPerSecond)} samples/s`,
    `${timeText(secondsLeft)} left`,
  ];
  onProgress?.({ stage: told.join(', '), done: step, total: steps });
}

const timeText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
