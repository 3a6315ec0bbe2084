/** Data as the batches of a training: shuffled by a seed, changed at random if asked, taught by teachers. */
import { type Augmentation, augmented } from '../data/augment.js';
import { type Batch, type Dataset, sizeOf } from '../data/samples.js';
import { dataMismatch, quoted } from '../errors.js';
import type { Value } from '../ir/model.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import { type Random, seeded, shuffledIndices } from '../ir/random.js';
import type { StepGraph } from '../training/step-graph.js';
import type { TrainingBatch, TrainingSource } from '../training/training.js';
import { answeringOf } from './answering.js';
import { countSteps, type DataSource, sourceBatches } from './data-source.js';
import { feedOf, feedShape, fitted, fixedRows } from './feeding.js';

/** The teachers' mean logits for a batch of inputs. */
export type Teach = (input: NdArray) => Promise<NdArray>;

export interface SourceOptions {
  readonly seed: number;
  readonly augmentation: Augmentation;
  /** The loss in the graph that looks at labels. */
  readonly loss: string;
  readonly teach?: Teach | undefined;
}

/** Batches, epoch after epoch. */
export interface Stream {
  readonly steps: number;
  /** Those of an epoch, from 0; the order of samples comes from `random`. */
  epoch(number: number, random: Random): Iterable<Batch> | AsyncIterable<Batch>;
}

/** A data set in another order each epoch. Throws DATA_MISMATCH where it has fewer samples than the model takes at once. */
export function datasetStream(whole: Dataset, input: Value, wanted: number): Stream {
  const dataset = fitted(whole, input);
  feedShape(input, dataset.sampleShape);
  const rows = fixedRows(input);
  const batch = rows ?? wanted;
  if (rows !== undefined && dataset.size < rows)
    throw dataMismatch(`the model takes ${rows} samples at once, the data set has ${dataset.size}`);
  // A model of fixed batch cannot take what is left over.
  const steps = rows === undefined ? Math.ceil(dataset.size / batch) : Math.floor(dataset.size / batch);
  return {
    steps,
    epoch: (_, random) => {
      const order = shuffledIndices(dataset.size, random);
      return dataset.batches(batch, order.subarray(0, Math.min(dataset.size, steps * batch)));
    },
  };
}

/** A user's own batches. Throws DATA_MISMATCH where there are none, and while they come, where there are more or fewer than said. */
export async function ownStream(source: DataSource): Promise<Stream> {
  const steps = await countSteps(source);
  if (!(Number.isInteger(steps) && steps >= 1))
    throw dataMismatch(`the data source has ${steps} batches an epoch`, 'Give one that has at least one.');
  return { steps, epoch: (number) => exactly(steps, sourceBatches(source, number)) };
}

async function* exactly(steps: number, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
  let count = 0;
  const refuse = (what: string) =>
    dataMismatch(
      `the data source gave ${what} than the ${steps} batches that an epoch has`,
      'Every epoch must have as many.',
    );
  for await (const batch of batches) {
    count += 1;
    if (count > steps) throw refuse('more');
    yield batch;
  }
  if (count < steps) throw refuse('fewer');
}

/** Two numbers as one seed: each epoch its own order. */
const seedOf = (seed: number, epoch: number): number => seed * 65_537 + epoch;

/** The source of a step graph whose input is `input`. Its batches throw DATA_MISMATCH where they do not fit the graph. */
export function trainingSource(
  { steps, epoch }: Stream,
  input: Value,
  graph: StepGraph,
  options: SourceOptions,
): TrainingSource {
  const answering = answeringOf(graph, options.loss);
  async function* batches(number: number): AsyncGenerator<TrainingBatch> {
    const random = seeded(seedOf(options.seed, number));
    for await (const each of epoch(number, random)) {
      const feed = inputFeed({ ...each, input: augmented(each.input, options.augmentation, random) }, input);
      const feeds = new Map([[input.name, feed], ...answering.feeds(each)]);
      if (graph.teacher !== undefined && options.teach) feeds.set(graph.teacher, await options.teach(feed));
      yield { feeds, samples: sizeOf(each), correct: (out) => answering.correct(out, each) };
    }
  }
  return { steps, epoch: batches };
}

/** A batch as the input takes it. Throws DATA_MISMATCH. */
export function inputFeed(batch: Batch, input: Value): NdArray {
  const count = sizeOf(batch);
  const rows = fixedRows(input);
  if (rows !== undefined && rows !== count)
    throw dataMismatch(`input ${quoted(input.name)} takes ${rows} samples at once, a batch has ${count}`);
  return feedOf(batch, count, feedShape(input, batch.input.dims.slice(1)));
}

/** The loss as a number. */
export const numberIn = (array: NdArray | undefined): number =>
  array ? (toReals(array, 'loss')[0] as number) : Number.NaN;
