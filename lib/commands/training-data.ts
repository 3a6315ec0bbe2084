/** A data set as the batches of a training: shuffled by a seed, changed at random if asked, taught by teachers. */
import { type Augmentation, augmented } from '../data/augment.js';
import type { Batch, Dataset } from '../data/samples.js';
import { dataMismatch } from '../errors.js';
import { INT64 } from '../ir/dtype.js';
import type { Value } from '../ir/model.js';
import { type NdArray, ndarray, toReals } from '../ir/ndarray.js';
import { seeded, shuffledIndices } from '../ir/random.js';
import { scoresOf } from '../runtime/scores.js';
import type { StepGraph } from '../training/step-graph.js';
import type { TrainingBatch, TrainingSource } from '../training/trainer.js';
import { feedOf, feedShape, fixedRows } from './feeding.js';

/** The teachers' mean logits for a batch of inputs. */
export type Teach = (input: NdArray) => Promise<NdArray>;

export interface SourceOptions {
  readonly batch: number;
  readonly seed: number;
  readonly augmentation: Augmentation;
  readonly teach?: Teach | undefined;
}

/** Labels as the loss takes them. */
export const labelFeed = (labels: Int32Array): NdArray =>
  ndarray(INT64, [labels.length], BigInt64Array.from(labels, BigInt));

/** Two numbers as one seed: each epoch its own order. */
const seedOf = (seed: number, epoch: number): number => seed * 65_537 + epoch;

/** The source of a step graph whose input is `input`. Throws DATA_MISMATCH. */
export function trainingSource(
  dataset: Dataset,
  input: Value,
  graph: StepGraph,
  options: SourceOptions,
): TrainingSource {
  const rows = fixedRows(input);
  const batch = rows ?? options.batch;
  if (rows !== undefined && dataset.size < rows)
    throw dataMismatch(`the model takes ${rows} samples at once, the data set has ${dataset.size}`);
  const shape = feedShape(input, dataset.sampleShape);
  // A model of fixed batch cannot take what is left over.
  const steps = rows === undefined ? Math.ceil(dataset.size / batch) : Math.floor(dataset.size / batch);
  async function* epoch(number: number): AsyncGenerator<TrainingBatch> {
    const random = seeded(seedOf(options.seed, number));
    const order = shuffledIndices(dataset.size, random);
    for (const each of dataset.batches(batch, order.subarray(0, Math.min(dataset.size, steps * batch)))) {
      const changed = { ...each, input: augmented(each.input, options.augmentation, random) };
      const feed = feedOf(changed, each.labels.length, shape);
      const feeds = new Map([[input.name, feed]]);
      if (graph.labels !== undefined) feeds.set(graph.labels, labelFeed(each.labels));
      if (graph.teacher !== undefined && options.teach) feeds.set(graph.teacher, await options.teach(feed));
      yield { feeds, samples: each.labels.length, correct: (output) => correctIn(output, each) };
    }
  }
  return { steps, samples: dataset.size, epoch };
}

const correctIn = (output: NdArray, { labels }: Batch): number =>
  output.dims.length === 2 ? scoresOf(output, labels, 'the output').correct : Number.NaN;

/** The loss as a number. */
export const numberIn = (array: NdArray | undefined): number =>
  array ? (toReals(array, 'loss')[0] as number) : Number.NaN;
