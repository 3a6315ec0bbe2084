/** Judges a model that is being trained on data that it is not trained on, in one session for the whole training. */
import { type Batch, type Dataset, sizeOf } from '../data/samples.js';
import { cancelled, dataMismatch, quoted } from '../errors.js';
import type { Value } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { encodeModel } from '../onnx/write.js';
import { openSession, type SessionOptions } from '../runtime/session.js';
import type { JudgingGraph } from '../training/judging-graph.js';
import type { Judgement } from '../training/training.js';
import { answeringOf } from './answering.js';
import { type DataSource, sourceBatches } from './data-source.js';
import { fitted, fixedRows } from './feeding.js';
import { inputFeed, numberIn } from './training-data.js';

export interface Judge {
  /** How good the model with these parameters is. */
  judge(parameters: ReadonlyMap<string, NdArray>, signal: AbortSignal | undefined): Promise<Judgement>;
  close(): Promise<void>;
}

/** All batches to judge on, as often as they are asked for. */
export type HeldOut = () => Iterable<Batch> | AsyncIterable<Batch>;

/** A data set in its own order; of a model with a fixed batch only what fills one. */
export function heldDataset(whole: Dataset, input: Value, wanted: number): HeldOut {
  const dataset = fitted(whole, input);
  const rows = fixedRows(input);
  const kept = rows === undefined ? dataset.size : dataset.size - (dataset.size % rows);
  const order = Uint32Array.from({ length: kept }, (_, i) => i);
  return () => dataset.batches(rows ?? wanted, order);
}

/** The first epoch of a user's own batches. */
export const heldSource =
  (source: DataSource): HeldOut =>
  () =>
    sourceBatches(source, 0);

/** Opens a judge. Throws RUNTIME_LOAD; judging throws DATA_MISMATCH, CANCELLED and what a run throws. */
export async function openJudge(
  graph: JudgingGraph,
  loss: string,
  input: Value,
  held: HeldOut,
  options: SessionOptions,
): Promise<Judge> {
  const answering = answeringOf(graph, loss);
  const session = await openSession(encodeModel(graph.model), { label: graph.model.label, ...options });
  return {
    close: () => session.close(),
    judge: async (parameters, signal) => {
      let [sum, correct, samples] = [0, 0, 0];
      for await (const each of held()) {
        if (signal?.aborted) throw cancelled();
        const feeds = new Map([...parameters, [input.name, inputFeed(each, input)], ...answering.feeds(each)]);
        const results = await session.run(feeds);
        const count = sizeOf(each);
        sum += numberIn(results.get(graph.loss)) * count;
        correct += answering.correct(results.get(graph.output) as NdArray, each);
        samples += count;
      }
      if (samples === 0)
        throw dataMismatch(`there are too few samples to judge on for one batch of input ${quoted(input.name)}`);
      return { loss: sum / samples, accuracy: Number.isNaN(correct) ? undefined : correct / samples };
    },
  };
}
