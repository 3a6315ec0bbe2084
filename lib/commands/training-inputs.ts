/** What a training reads: batches to learn from, and others to be judged on. */
import { type DatasetOptions, datasetParts, openDataset } from '../data/dataset.js';
import { dataMismatch, quoted, usage } from '../errors.js';
import type { Value } from '../ir/model.js';
import type { DataSource } from './data-source.js';
import { chooseValue } from './feeding.js';
import { type HeldOut, heldDataset, heldSource } from './judging.js';
import { datasetStream, ownStream, type Stream } from './training-data.js';

/** On what to train and to judge. */
export interface TrainingInputs extends DatasetOptions {
  /** Path of a data set, whose part `train` is trained on, or batches of your own. */
  readonly data: string | DataSource;
  /** Other data to judge on after each epoch; the part `test` of `data` where that has one. */
  readonly evalData?: string | DataSource | undefined;
}

/** The one input that data fills. Throws USAGE where it must be named, DATA_MISMATCH where there are others beside it. */
export function trainedInput(inputs: readonly Value[], name: string | undefined): Value {
  const input = chooseValue(inputs, name, 'input');
  const other = inputs.find((each) => each !== input);
  if (!other) return input;
  throw dataMismatch(
    `input ${quoted(other.name)} would get nothing: a data set fills one input, here ${quoted(input.name)}`,
    'Make the other inputs constants of the model first.',
  );
}

/** What to train on. Throws what opening throws, and DATA_MISMATCH. */
export async function openStream(options: TrainingInputs, input: Value, batch: number): Promise<Stream> {
  const { data } = options;
  if (typeof data === 'string') return datasetStream(await openDataset(data, options), input, batch);
  const { split, samples, normalize } = options;
  if (split !== undefined || samples !== undefined || normalize)
    throw usage('split, samples and normalize are for data sets in files', 'Let the data source do that.');
  return ownStream(data);
}

/** What to judge on: what is named, or the part `test` beside the part that is trained on; undefined where there is none. */
export async function openHeldOut(options: TrainingInputs, input: Value, batch: number): Promise<HeldOut | undefined> {
  const { evalData, data, split, normalize, signal } = options;
  if (evalData !== undefined && typeof evalData !== 'string') return heldSource(evalData);
  const path = evalData ?? (typeof data === 'string' && (await hasTest(data, split)) ? data : undefined);
  if (path === undefined) return undefined;
  return heldDataset(await openDataset(path, { split: 'test', normalize, signal }), input, batch);
}

const hasTest = async (path: string, trained: DatasetOptions['split']): Promise<boolean> =>
  trained !== 'test' && (await datasetParts(path)).includes('test');
