/** The loss's gradients on data, to score neurons by what the loss loses without them. */
import type { Neurons } from '../analysis/neurons.js';
import { openDataset } from '../data/dataset.js';
import { type Dataset, sizeOf } from '../data/samples.js';
import { cancelled, dataMismatch, quoted, usage } from '../errors.js';
import { lazyBytes, memoryBytes } from '../ir/bytes.js';
import { byteLength, DOUBLE } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { toReals } from '../ir/ndarray.js';
import { fedInputs } from '../ir/nodes.js';
import { bytesOf, elementCount } from '../ir/numeric.js';
import { encodeModel } from '../onnx/write.js';
import { withSession } from '../runtime/session.js';
import { deviceForm } from '../training/device-form.js';
import { buildGradients, type GradientGraph } from '../training/judging-graph.js';
import type { MeasureOptions } from './activations.js';
import { answeringOf } from './answering.js';
import { BATCH, chooseValue, feedOf, feedShape, fitted, fixedRows } from './feeding.js';
import { given } from './options.js';

/** The mean gradient of the cross entropy by each weight, by its name; 0 for one on which the loss does not depend. */
export type Gradients = ReadonlyMap<string, Tensor>;

/**
 * The gradients of each model on the data, in the order of the models. Throws what opening the data set and running a model throw,
 * GRADIENT_MISSING, DATA_MISMATCH, CANCELLED.
 */
export async function measureGradients(
  models: readonly Neurons[],
  options: MeasureOptions,
): Promise<readonly Gradients[]> {
  const { data, split = 'train', samples, seed, normalize } = options;
  if (data === undefined) throw usage('--importance taylor needs data', 'Add --data.');
  options.onProgress?.({ stage: 'reading data', done: 0, total: 1 });
  const dataset = await openDataset(data, { split, ...given({ samples, seed, normalize }) });
  const measured = new Map<Neurons, Gradients>();
  for (const neurons of new Set(models)) measured.set(neurons, await measure(neurons, dataset, options));
  return models.map((neurons) => measured.get(neurons) as Gradients);
}

async function measure(neurons: Neurons, dataset: Dataset, options: MeasureOptions): Promise<Gradients> {
  const { model } = neurons;
  const graph = buildGradients(model, { loss: 'cross-entropy', normalisation: 'frozen' });
  const sums = await sumUp(neurons, graph, dataset, options);
  const weights = [...neurons.layers.map(({ weight }) => weight), ...neurons.scales.map(({ at }) => at.value)];
  return new Map(
    [...new Set(weights)].map((name): [string, Tensor] => {
      const dims = neurons.facts.get(name)?.shape as readonly number[];
      const sum = sums.get(name);
      if (!sum) return [name, zeros(name, dims)];
      return [name, { name, dtype: DOUBLE, dims, data: memoryBytes(bytesOf(sum, DOUBLE, name)) }];
    }),
  );
}

const zeros = (name: string, dims: readonly number[]): Tensor => ({
  name,
  dtype: DOUBLE,
  dims,
  data: lazyBytes(byteLength(DOUBLE, elementCount(dims)) ?? 0, (start, end) => new Uint8Array(end - start)),
});

/** The mean of each gradient over all samples; of a model with a fixed batch over those that fill one. */
async function sumUp(
  { model }: Neurons,
  graph: GradientGraph,
  whole: Dataset,
  options: MeasureOptions,
): Promise<ReadonlyMap<string, Float64Array>> {
  const input = chooseValue(fedInputs(model.graph), options.input, 'input');
  const dataset = fitted(whole, input);
  const answering = answeringOf(graph, 'cross-entropy');
  const shape = feedShape(input, dataset.sampleShape);
  const rows = fixedRows(input);
  const total = rows ? dataset.size - (dataset.size % rows) : dataset.size;
  if (total === 0)
    throw dataMismatch(`input ${quoted(input.name)} takes ${rows} samples at once, there are ${dataset.size}`);
  const sums = new Map<string, Float64Array>();
  await withSession(
    encodeModel(deviceForm(graph.model, options.ep)),
    { ep: options.ep, label: `the gradients of ${model.label}` },
    async (session) => {
      let done = 0;
      for (const batch of dataset.batches(rows ?? options.batch ?? BATCH)) {
        const count = sizeOf(batch);
        if (rows !== undefined && count < rows) break;
        if (options.signal?.aborted) throw cancelled();
        const feeds = new Map([[input.name, feedOf(batch, count, shape)], ...answering.feeds(batch)]);
        const results = await session.run(feeds);
        for (const [name, output] of graph.gradients) {
          const array = results.get(output);
          if (array) addTo(sums, name, toReals(array, name), count / total);
        }
        done += count;
        options.onProgress?.({ stage: `running ${session.label}`, done, total });
      }
    },
  );
  return sums;
}

function addTo(sums: Map<string, Float64Array>, name: string, values: ArrayLike<number>, weight: number): void {
  const sum = sums.get(name) ?? new Float64Array(values.length);
  sums.set(name, sum);
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) + (values[i] as number) * weight;
}
