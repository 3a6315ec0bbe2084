/** `evaluate`: how good models are on a data set. */
import { type DatasetOptions, openDataset } from '../data/dataset.js';
import { quoted, usage } from '../errors.js';
import { evaluateModel, type EvaluateOptions as ModelOptions } from './evaluate-model.js';
import { checkBatch } from './feeding.js';
import { given, type RunOptions } from './options.js';

/** On what data to evaluate, and how. */
export interface EvaluateOptions
  extends RunOptions,
    DatasetOptions,
    Pick<ModelOptions, 'batch' | 'input' | 'output' | 'ep'> {
  /** Path of a data set with classes, of any kind (docs/training.md). `split` is `test` unless told. */
  readonly data: string;
}

/** How one model did. */
export interface EvaluatedModel {
  readonly path: string;
  /** Share of samples whose largest logit is the right class, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross entropy, in nats. */
  readonly loss: number;
  readonly samples: number;
}

/** How each model did. */
export interface EvaluateReport {
  readonly schema: 'onnx-transplant/evaluate@1';
  readonly models: readonly EvaluatedModel[];
  readonly notes: readonly string[];
}

/**
 * Evaluates model files, one after the other, on the same samples. Throws what opening the data set and running the models
 * throw, USAGE without a model, CANCELLED.
 */
export async function evaluate(paths: readonly string[], options: EvaluateOptions): Promise<EvaluateReport> {
  if (paths.length === 0) throw usage('there is no model to evaluate', 'Give one model or more.');
  const { data, batch, input, output, ep, split = 'test', samples, seed, normalize, signal } = options;
  checkBatch(batch);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const dataset = await openDataset(data, { split, ...given({ samples, seed, normalize }) });
  const models: EvaluatedModel[] = [];
  const notes: string[] = [];
  for (const path of paths) {
    const onProgress = (done: number, total: number) => options.onProgress?.({ stage: `running ${path}`, done, total });
    const made = await evaluateModel(path, dataset, { batch, input, output, ep, label: path, signal, onProgress });
    models.push({ path, accuracy: made.accuracy, loss: made.loss, samples: made.samples });
    if (made.mixed) notes.push(`${path}: execution provider ${quoted(ep ?? '')} left some operators to the CPU`);
  }
  return { schema: 'onnx-transplant/evaluate@1', models, notes };
}
