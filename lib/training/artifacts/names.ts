/** Names in training artifacts, as onnxruntime-training 1.19.2 gives them; docs/training-artifacts.md tells them. */

/** The input that takes what gradients have added up to so far. */
export const bufferOf = (parameter: string): string => `${parameter}_grad.accumulation.buffer`;

/** Microsoft: whether the buffer was written. Portable: what gradients have added up to now. */
export const accumulatedOf = (parameter: string): string => `${parameter}_grad.accumulation.out`;

/** The input (bool [1]) that says whether to start over instead of adding up. */
export const RESET = 'lazy_reset_grad';

export const LEARNING_RATE = 'learning_rate';
export const STEP = 'step';

/** Portable optimizer models: what comes after the step of a parameter or one of its moments. */
export const nextOf = (name: string): string => `${name}.next`;

/** Portable optimizer models: a moment (`momentum0`) of a parameter. */
export const momentOf = (parameter: string, moment: string): string => `${parameter}.${moment}`;

/** The files of one set of artifacts. */
export const FILES = {
  training: 'training_model.onnx',
  eval: 'eval_model.onnx',
  optimizer: 'optimizer_model.onnx',
  checkpoint: 'checkpoint',
} as const;
