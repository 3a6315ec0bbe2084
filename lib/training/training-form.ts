/** A model as it runs in training: BatchNormalization by the batch's own statistics, which go into the running ones. */

import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { int } from '../ir/attributes.js';
import type { Dim } from '../ir/dim.js';
import type { Model, Node, Tensor, Value } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { definedNames } from '../ir/walk.js';
import { MICROSOFT } from '../rules/families.js';

export interface TrainingForm {
  /** With com.microsoft::BatchNormInternal (orttraining 1.19.2) in place of BatchNormalization. */
  readonly model: Model;
  /** Running means and variances. */
  readonly running: readonly Tensor[];
  /** The next value of each. */
  readonly updates: ReadonlyMap<string, string>;
}

/** How the variance of a batch goes into the running one: over n - 1, as PyTorch keeps it, or over n, as ONNX defines it. */
export type Variance = 'unbiased' | 'population';

/** How a training treats BatchNormalization. */
export interface FormOptions {
  /** By the batch's statistics, which go into the running ones, or by those as they are; `train` unless told. */
  readonly normalisation?: 'train' | 'frozen' | undefined;
  /** The variance that goes into the running one; `unbiased`, as PyTorch keeps it, unless told. */
  readonly variance?: Variance | undefined;
}

/** The model as it runs in training. Throws SHAPE_CONFLICT. */
export const formOf = (model: Model, { normalisation, variance = 'unbiased' }: FormOptions): TrainingForm =>
  normalisation === 'frozen'
    ? { model, running: [], updates: new Map<string, string>() }
    : inTraining(model, inferShapes(model), variance);

/**
 * Running statistics that are no constants stay as they are, and with them their node. For an unbiased variance the nodes have an
 * attribute `unbiased` that only our lowering knows.
 */
export function inTraining(model: Model, facts: FactsMap, variance: Variance = 'population'): TrainingForm {
  const { graph } = model;
  const fresh = freshNames(definedNames(graph));
  const updates = new Map<string, string>();
  const running: Tensor[] = [];
  const noted: Value[] = [];
  const nodes = graph.nodes.map((node): Node => {
    const statistics = statisticsOf(node, model);
    if (statistics.length === 0 || statistics.some(({ name }) => updates.has(name))) return node;
    const [y = ''] = node.outputs;
    const vectors = ['mean.next', 'variance.next', 'mean', 'inverse'].map(
      (wish, i) => (i < 2 && node.outputs[i + 1]) || fresh(`${y}.${wish}`),
    );
    const channels: readonly Dim[] = statistics[0]?.dims ?? [];
    const { dtype, shape } = facts.get(y) ?? { dtype: undefined, shape: undefined };
    noted.push({ name: y, dtype, shape }, ...vectors.map((name): Value => ({ name, dtype, shape: channels })));
    statistics.forEach((tensor, i) => {
      running.push(tensor);
      updates.set(tensor.name, vectors[i] as string);
    });
    const unbiased = variance === 'unbiased' ? [int('unbiased', 1)] : [];
    const attributes = new Map([...node.attributes, int('training_mode', 1), ...unbiased]);
    return { ...node, opType: 'BatchNormInternal', domain: MICROSOFT, attributes, outputs: [y, ...vectors] };
  });
  if (running.length === 0) return { model, running, updates };
  // No shape rule knows BatchNormInternal, so that the shapes must stand in the graph.
  const known = new Map(noted.map((value) => [value.name, value]));
  const valueInfo = [...graph.valueInfo.filter(({ name }) => !known.has(name)), ...noted];
  const outputs = graph.outputs.map((value) => known.get(value.name) ?? value);
  const opsets = new Map([...model.opsets, [MICROSOFT, model.opsets.get(MICROSOFT) ?? 1] as const]);
  return { model: { ...model, opsets, graph: { ...graph, nodes, valueInfo, outputs } }, running, updates };
}

/** The running mean and variance of a BatchNormalization; none for other nodes. */
function statisticsOf({ opType, domain, inputs }: Node, { graph }: Model): readonly Tensor[] {
  if (opType !== 'BatchNormalization' || domain !== '') return [];
  const [mean, variance] = [inputs[3], inputs[4]].map((name) => graph.initializers.get(name ?? ''));
  return mean && variance && mean !== variance ? [mean, variance] : [];
}
