/** Artifacts that onnxruntime-training's generate_artifacts made, as graphs that every onnxruntime runs. */
import { artifactsFormat, quoted } from '../../errors.js';
import { REAL_TYPES } from '../../ir/dtype.js';
import type { Graph, Model, Node, Tensor, Value } from '../../ir/model.js';
import { verifyModel } from '../../ir/verify.js';
import { definedNames } from '../../ir/walk.js';
import { MICROSOFT } from '../../rules/families.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { lower } from '../lower.js';
import { bufferOf, RESET } from './names.js';
import { type OptimizerPlan, readOptimizer } from './optimizer.js';
import type { TrainingGraph } from './training-graph.js';

/** The four files of a training, in memory. */
export interface Artifacts {
  readonly training: Model;
  readonly eval: Model;
  readonly optimizer: Model;
  readonly checkpoint: Checkpoint;
}

/** What they say. */
export interface LoadedArtifacts extends OptimizerPlan {
  readonly graph: TrainingGraph;
  readonly checkpoint: Checkpoint;
  /** The loss and outputs outside of training. */
  readonly eval: Model;
}

const ACCUMULATOR = 'InPlaceAccumulatorV2';
/** What losses of onnxruntime-training and ours call the input that takes the labels. */
export const LABELS: readonly string[] = ['labels', 'target'];

const isAccumulator = (node: Node): boolean => node.opType === ACCUMULATOR && node.domain === MICROSOFT;

/** Whether a training model is of Microsoft's flavour. */
export const isMicrosoft = ({ graph }: Model): boolean => graph.nodes.some(isAccumulator);

/** Reads artifacts of Microsoft's flavour. Throws ARTIFACTS_FORMAT where they do not fit each other, and what `lower` throws. */
export function loadArtifacts({ training, eval: evaluation, optimizer, checkpoint }: Artifacts): LoadedArtifacts {
  for (const model of [training, evaluation, optimizer]) verifyModel(model);
  return {
    graph: toTrainingGraph(training, checkpoint),
    ...readOptimizer(optimizer),
    checkpoint,
    eval: withoutStatistics(evaluation),
  };
}

/** The gradient of each parameter, as the accumulators take them. */
function gradientsOf(model: Model): ReadonlyMap<string, string> {
  const buffers = model.graph.nodes.filter(isAccumulator).map(({ inputs: [buffer = '', gradient = ''] }) => {
    const parameter = buffer.replace(/_grad\.accumulation\.buffer$/, '');
    if (bufferOf(parameter) !== buffer || gradient === '')
      throw artifactsFormat(model.label, `its buffer ${quoted(buffer)} belongs to no parameter`);
    return [parameter, gradient] as const;
  });
  if (buffers.length === 0) throw artifactsFormat(model.label, `it has no ${ACCUMULATOR}, so nothing is trained`);
  return new Map(buffers);
}

/** Running statistics and their next values: BatchNormalization in training mode, and what orttraining makes of it. */
function statisticsOf(graph: Graph): ReadonlyMap<string, string> {
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const pairs = graph.nodes
    .filter(({ opType }) => opType === 'BatchNormInternal' || opType === 'BatchNormalization')
    .flatMap(({ inputs: i, outputs: o }) => [[i[3] ?? '', o[1] ?? ''] as const, [i[4] ?? '', o[2] ?? ''] as const]);
  return new Map(pairs.filter(([running, next]) => next !== '' && inputs.has(running)));
}

function toTrainingGraph(model: Model, { trained, frozen }: Checkpoint): TrainingGraph {
  const { graph } = model;
  const gradients = gradientsOf(model);
  const updates = statisticsOf(graph);
  for (const name of gradients.keys())
    if (!trained.has(name)) throw artifactsFormat(model.label, `the checkpoint lacks its parameter ${quoted(name)}`);
  const given = new Set([RESET, ...[...gradients.keys()].map(bufferOf)]);
  const own = graph.inputs.filter(({ name }) => !given.has(name));
  const constants = new Map([...frozen].filter(([, { dtype }]) => !REAL_TYPES.has(dtype)));
  const parameters = new Map([...trained, ...frozen]);
  const inputs = own.filter(({ name }) => !parameters.has(name) && !graph.initializers.has(name));
  const values = own.flatMap(({ name }): readonly Value[] => {
    const tensor = parameters.get(name);
    return tensor && !constants.has(name) ? [inputFor({ ...tensor, name })] : [];
  });
  const accumulated = new Set(graph.nodes.filter(isAccumulator).flatMap(({ outputs }) => outputs));
  const outputs = graph.outputs.filter(({ name }) => !accumulated.has(name));
  const [loss, ...others] = outputs;
  if (!loss) throw artifactsFormat(model.label, 'it has no loss');
  const wanted = [...new Set([...gradients.values(), ...updates.values()])].filter(
    (name) => !outputs.some((output) => output.name === name),
  );
  const plain: Graph = {
    ...graph,
    nodes: graph.nodes.filter((node) => !isAccumulator(node)),
    // Shapes, axes and lengths among the frozen parameters are known before the graph runs.
    initializers: new Map([...graph.initializers, ...constants]),
    inputs: [...inputs, ...values],
    outputs: [...outputs, ...wanted.map((name): Value => ({ name, dtype: undefined, shape: undefined }))],
  };
  const lost = [...gradients.values()].find((name) => !definedNames(plain).has(name));
  if (lost !== undefined) throw artifactsFormat(model.label, `nothing makes the gradient ${quoted(lost)}`);
  return {
    model: lower({ ...model, graph: plain }),
    inputs,
    labels: inputs.find(({ name }) => LABELS.includes(name))?.name,
    loss: loss.name,
    outputs: others,
    trained: values.filter(({ name }) => gradients.has(name)),
    frozen: values.filter(({ name }) => !gradients.has(name)),
    gradients,
    updates,
  };
}

/** A parameter as an input. */
export const inputFor = ({ name, dtype, dims }: Tensor): Value => ({ name, dtype, shape: dims });

/**
 * The evaluation model that runtimes load: generate_artifacts leaves BatchNormalization the outputs that it has in training only,
 * and what it says about them among the graph's outputs.
 */
export function withoutStatistics(model: Model): Model {
  const { graph } = model;
  const lost = new Set<string>();
  const nodes = graph.nodes.map((node) => {
    const isPlain = node.opType === 'BatchNormalization' && node.attributes.get('training_mode')?.value !== 1;
    if (!isPlain || node.outputs.length === 1) return node;
    for (const name of node.outputs.slice(1)) lost.add(name);
    return { ...node, outputs: node.outputs.slice(0, 1) };
  });
  return { ...model, graph: { ...graph, nodes, outputs: graph.outputs.filter(({ name }) => !lost.has(name)) } };
}
