/** Models run on data, to score neurons by what their layers read. */
import { type Moments, momentKey, readAxes } from '../analysis/importance/index.js';
import type { Neurons } from '../analysis/neurons.js';
import { type DatasetOptions, openDataset } from '../data/dataset.js';
import type { Dataset } from '../data/samples.js';
import { cancelled, dataMismatch, nonfinite, quoted, usage } from '../errors.js';
import { FLOAT } from '../ir/dtype.js';
import { toReals } from '../ir/ndarray.js';
import { encodeModel } from '../onnx/write.js';
import { probed } from '../runtime/probe.js';
import { type Session, withSession } from '../runtime/session.js';
import { BATCH, checkBatch, chooseValue, feedOf, feedShape, fixedRows } from './feeding.js';
import { given, type RunOptions } from './options.js';
import { baseName } from './recipe.js';

/** On what data to run models whose neurons are scored by their activations. */
export interface ScoringDataOptions extends DatasetOptions {
  /** Path of a data set, as `evaluate` takes it. For importance `activation` (which does not use the labels) and `taylor` only, which need it. */
  readonly data?: string | undefined;
  /** Samples at once, 64 unless told. */
  readonly batch?: number | undefined;
  /** Which input takes the samples, where there are several. */
  readonly input?: string | undefined;
}

export interface MeasureOptions extends RunOptions, ScoringDataOptions {
  readonly ep?: string | undefined;
  readonly allowNonfinite?: boolean | undefined;
}

/** Whether an importance is measured by running the models. */
export const readsData = (importance: string): boolean => importance === 'activation' || importance === 'taylor';

/** Throws USAGE where data is missing for an importance that needs it, or given for one that does not. */
export function checkData(importance: string, options: ScoringDataOptions): void {
  checkBatch(options.batch);
  const needs = readsData(importance);
  if (needs && options.data === undefined) {
    throw usage(`--importance ${importance} needs data`, 'Add --data with a folder of a data set or an .npz.');
  }
  if (!needs && options.data !== undefined) {
    throw usage('--data is for --importance activation and taylor', `Add one, or leave --data out for ${importance}.`);
  }
}

/** What a recipe says of the data; nothing where none was used. */
export function dataRecipe({ data, split, samples, batch, normalize, input }: ScoringDataOptions) {
  return data === undefined
    ? {}
    : { data: { name: baseName(data), ...given({ split, samples, batch, normalize, input }) } };
}

/**
 * What the layers of each model read on the data, in the order of the models. Throws what opening the data set and running a
 * model throw, DATA_MISMATCH, NONFINITE, CANCELLED.
 */
export async function measureActivations(
  models: readonly Neurons[],
  options: MeasureOptions,
): Promise<readonly Moments[]> {
  const { data, split = 'train', samples, seed, normalize } = options;
  if (data === undefined) throw usage('--importance activation needs data', 'Add --data.');
  options.onProgress?.({ stage: 'reading data', done: 0, total: 1 });
  const dataset = await openDataset(data, { split, ...given({ samples, seed, normalize }) });
  const measured = new Map<Neurons, Moments>();
  for (const neurons of new Set(models)) measured.set(neurons, await measure(neurons, dataset, options));
  return models.map((neurons) => measured.get(neurons) as Moments);
}

async function measure(neurons: Neurons, dataset: Dataset, options: MeasureOptions): Promise<Moments> {
  const { model, facts } = neurons;
  const axes = readAxes(neurons);
  if (axes.length === 0) return new Map();
  const probes = axes.map(({ value, axis }) => {
    const { shape = [], dtype = FLOAT } = facts.get(value) ?? {};
    return { value, axis, rank: shape.length, dtype };
  });
  const { model: measuring, outputs } = probed(model, probes);
  const sums = await withSession(encodeModel(measuring), { ep: options.ep, label: model.label }, (session) =>
    sumUp(session, dataset, options),
  );
  return new Map(
    axes.map((at, i) => {
      const sum = sums.get(outputs[i] ?? '') ?? new Float64Array(0);
      const broken = sum.some((each) => !Number.isFinite(each));
      if (broken && !options.allowNonfinite) throw nonfinite(model.label, at.value);
      return [momentKey(at), sum.map((each) => (Number.isFinite(each) ? each : 0))];
    }),
  );
}

/** The mean of each output over all samples; of a model with a fixed batch over those that fill one. */
async function sumUp(
  session: Session,
  dataset: Dataset,
  options: MeasureOptions,
): Promise<ReadonlyMap<string, Float64Array>> {
  const input = chooseValue(session.inputs, options.input, 'input');
  const shape = feedShape(input, dataset.sampleShape);
  const rows = fixedRows(input);
  const total = rows ? dataset.size - (dataset.size % rows) : dataset.size;
  if (total === 0) {
    throw dataMismatch(`input ${quoted(input.name)} takes ${rows} samples at once, there are ${dataset.size}`);
  }
  const means = new Map<string, Float64Array>();
  let done = 0;
  for (const batch of dataset.batches(rows ?? options.batch ?? BATCH)) {
    const count = batch.labels.length;
    if (rows !== undefined && count < rows) break;
    if (options.signal?.aborted) throw cancelled();
    const results = await session.run(new Map([[input.name, feedOf(batch, count, shape)]]));
    for (const [name, array] of results) addTo(means, name, toReals(array, name), count / total);
    done += count;
    options.onProgress?.({ stage: `running ${session.label}`, done, total });
  }
  return means;
}

function addTo(means: Map<string, Float64Array>, name: string, values: ArrayLike<number>, weight: number): void {
  const mean = means.get(name) ?? new Float64Array(values.length);
  for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + (values[i] as number) * weight;
  means.set(name, mean);
}
