/** How good one model is on a data set. */
import { type Batch, type Dataset, sizeOf } from '../data/samples.js';
import { cancelled, dataMismatch, quoted } from '../errors.js';
import type { NdArray } from '../ir/ndarray.js';
import { addScores, NO_SCORES, type Scores, scoresOf } from '../runtime/scores.js';
import { type Session, type SessionOptions, withSession } from '../runtime/session.js';
import { BATCH, chooseValue, feedOf, feedShape, fitted, fixedRows } from './feeding.js';

export interface EvaluateOptions extends Pick<SessionOptions, 'ep' | 'label'> {
  /** Samples at once, 64 unless told; a model of fixed batch has its own way. */
  readonly batch?: number | undefined;
  /** Which input takes the samples, where there are several. */
  readonly input?: string | undefined;
  /** Which output holds the logits, where there are several. */
  readonly output?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called after each batch with the number of samples done so far, of how many. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface Evaluation {
  /** Share of samples whose largest logit is the right class, 0 to 1. */
  readonly accuracy: number;
  /** Mean cross entropy, in nats. */
  readonly loss: number;
  readonly samples: number;
  /** True where the execution provider left operators to the CPU. */
  readonly mixed: boolean;
}

async function scoreAll(session: Session, given: Dataset, options: EvaluateOptions): Promise<Scores> {
  const input = chooseValue(session.inputs, options.input, 'input');
  const output = chooseValue(session.outputs, options.output, 'output');
  const dataset = fitted(given, input);
  const shape = feedShape(input, dataset.sampleShape);
  const rows = fixedRows(input);
  let scores = NO_SCORES;
  for (const batch of dataset.batches(rows ?? options.batch ?? BATCH)) {
    if (options.signal?.aborted) throw cancelled();
    const feed = feedOf(batch, rows ?? sizeOf(batch), shape);
    const results = await session.run(new Map([[input.name, feed]]));
    const logits = results.get(output.name) as NdArray;
    scores = addScores(scores, scoresOf(logits, classesIn(batch, dataset), quoted(output.name)));
    options.onProgress?.(scores.samples, dataset.size);
  }
  return scores;
}

function classesIn({ labels }: Batch, { path }: Dataset): Int32Array {
  if (labels) return labels;
  throw dataMismatch(
    `${quoted(path)} has labels that are not one class for each sample; accuracy needs classes`,
    'Give a data set with one integer for each sample as its label.',
  );
}

/**
 * Runs a model over a data set. Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN; DATA_MISMATCH where samples or labels do
 * not fit the model; USAGE where an input or output must be named; CANCELLED once `signal` is aborted.
 */
export function evaluateModel(
  source: string | Uint8Array,
  dataset: Dataset,
  options: EvaluateOptions = {},
): Promise<Evaluation> {
  return withSession(source, options, async (session) => {
    const { samples, correct, loss } = await scoreAll(session, dataset, options);
    return { accuracy: correct / samples, loss: loss / samples, samples, mixed: session.mixed };
  });
}
