/** Judges a model that is being trained on data that it is not trained on, in one session for the whole training. */
import type { Dataset } from '../data/samples.js';
import { cancelled } from '../errors.js';
import type { Value } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { encodeModel } from '../onnx/write.js';
import { scoresOf } from '../runtime/scores.js';
import { openSession, type SessionOptions } from '../runtime/session.js';
import type { JudgingGraph } from '../training/step-graph.js';
import type { Judgement } from '../training/trainer.js';
import { feedOf, feedShape, fixedRows } from './feeding.js';
import { labelFeed, numberIn } from './training-data.js';

export interface Judge {
  /** How good the model with these parameters is. */
  judge(parameters: ReadonlyMap<string, NdArray>, signal: AbortSignal | undefined): Promise<Judgement>;
  close(): Promise<void>;
}

/** Opens a judge on a data set. Throws DATA_MISMATCH, RUNTIME_LOAD. */
export async function openJudge(
  graph: JudgingGraph,
  input: Value,
  dataset: Dataset,
  batch: number,
  options: SessionOptions,
): Promise<Judge> {
  const shape = feedShape(input, dataset.sampleShape);
  const rows = fixedRows(input);
  const session = await openSession(encodeModel(graph.model), { label: graph.model.label, ...options });
  return {
    close: () => session.close(),
    judge: async (parameters, signal) => {
      let [loss, correct, samples] = [0, 0, 0];
      for (const each of dataset.batches(rows ?? batch)) {
        if (signal?.aborted) throw cancelled();
        const count = each.labels.length;
        if (rows !== undefined && count < rows) continue;
        const feeds = new Map([
          ...parameters,
          [input.name, feedOf(each, count, shape)],
          [graph.labels, labelFeed(each.labels)],
        ]);
        const results = await session.run(feeds);
        const output = results.get(graph.output) as NdArray;
        loss += numberIn(results.get(graph.loss)) * count;
        correct += output.dims.length === 2 ? scoresOf(output, each.labels, graph.output).correct : Number.NaN;
        samples += count;
      }
      return { loss: loss / samples, accuracy: Number.isNaN(correct) ? undefined : correct / samples };
    },
  };
}
