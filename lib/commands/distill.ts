/** `distill`: fine-tunes a student on its teachers' mean logits. */
import { usage } from '../errors.js';
import { type TrainReport, trainWith } from './train.js';
import type { TrainOptions } from './train-options.js';

/** How to distill; what is left out stands in `DISTILLATION`. */
export interface DistillOptions extends Omit<TrainOptions, 'loss'> {
  /** Paths of the teachers. */
  readonly teachers: readonly string[];
  /** Softens both distributions. */
  readonly temperature?: number | undefined;
  /** The share of the teachers' loss; the rest is cross entropy with the labels. */
  readonly alpha?: number | undefined;
}

/** What holds where nothing is said: the paper's settings. */
export const DISTILLATION = { temperature: 2, alpha: 0.25 } as const;

/** Distills into a model file. Throws what `train` throws, and USAGE. */
export function distill(student: string, options: DistillOptions): Promise<TrainReport> {
  const { teachers, temperature = DISTILLATION.temperature, alpha = DISTILLATION.alpha, ...rest } = options;
  if (teachers.length === 0) throw usage('distill needs teachers', 'Give them with --teachers A.onnx B.onnx.');
  if (!(temperature > 0)) throw usage(`--temperature is a number above 0, not ${temperature}`);
  if (!(alpha > 0 && alpha <= 1)) throw usage(`--alpha is above 0 and at most 1, not ${alpha}`);
  return trainWith(student, rest, teachers, { temperature, alpha, soft: 'kl' });
}
