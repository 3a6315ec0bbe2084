/**
 * The step: one graph that computes the loss, its gradients and the next parameters, in standard operators. Parameters and what
 * the optimizer remembers go in and come out, so that a session may let two sets of buffers take turns.
 */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { usage } from '../errors.js';
import { int } from '../ir/attributes.js';
import { FLOAT } from '../ir/dtype.js';
import type { Graph, Model, Tensor, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { differentiate } from './autodiff.js';
import { GrowingGraph } from './growing.js';
import { joinImages } from './join-images.js';
import { addDistillation, addLoss, type Distillation, type Loss, type LossName } from './losses.js';
import { lower } from './lower.js';
import { maskPooled } from './mask-pooled.js';
import { addUpdate, clipNorm, type Optimizer, type Pace, statesOf } from './optimizers.js';
import { chooseParameters, type ParameterChoice } from './parameters.js';
import { rideMomentum } from './ride-momentum.js';
import { shareNodes } from './share-nodes.js';
import { inTraining, type TrainingForm, type Variance } from './training-form.js';

export interface StepOptions extends ParameterChoice {
  readonly loss: LossName | Distillation;
  /** The output that the loss judges; the first where left out. */
  readonly output?: string | undefined;
  readonly optimizer: Optimizer;
  /** Largest norm of all gradients together. */
  readonly clip?: number | undefined;
  /** BatchNormalization by the batch's statistics, which go into the running ones, or by those as they are; `train` unless told. */
  readonly normalisation?: 'train' | 'frozen' | undefined;
  /** The variance that goes into the running one; `unbiased`, as PyTorch keeps it, unless told. */
  readonly variance?: Variance | undefined;
}

/** A tensor that each step replaces: a parameter, what the optimizer remembers of one, or a running statistic. */
export interface Slot {
  /** The input that takes it. */
  readonly name: string;
  /** The output that makes the next one. */
  readonly next: string;
  readonly dtype: number;
  readonly dims: readonly number[];
}

export interface ParameterSlot extends Slot {
  readonly state: readonly Slot[];
}

export interface StepGraph {
  readonly model: Model;
  readonly parameters: readonly ParameterSlot[];
  /** Running means and variances of normalisations. */
  readonly statistics: readonly Slot[];
  /** What parameters and statistics are before the first step. */
  readonly initial: ReadonlyMap<string, Tensor>;
  /** Names of the model's own inputs, of the labels and, in distillation, of the teachers' logits. */
  readonly inputs: readonly string[];
  readonly labels: string | undefined;
  readonly teacher: string | undefined;
  readonly rate: string;
  readonly step: string;
  readonly loss: string;
  /** The output that the loss judges. */
  readonly output: string;
}

/** A graph that judges without training: the loss and the output, for parameters that are fed. */
export interface JudgingGraph {
  readonly model: Model;
  readonly labels: string;
  readonly loss: string;
  readonly output: string;
}

/** What judges on held-out data; a student is judged by the labels. Throws USAGE. */
export function buildJudge(model: Model, options: Omit<StepOptions, 'optimizer'>): JudgingGraph {
  const { running } = formOf(model, options);
  const open = withInputs(model, [...chooseParameters(model, options), ...running]);
  const graph = new GrowingGraph(open, inferShapes(open));
  const output = outputOf(model, options.output);
  const labels = graph.name('labels');
  const loss = addLoss(graph, typeof options.loss === 'string' ? options.loss : 'cross-entropy', output, labels);
  const outputs = [
    { name: loss.loss, dtype: graph.dtype(loss.loss), shape: [] },
    ...model.graph.outputs.filter(({ name }) => name === output),
  ];
  const made = { ...graph.grown(), inputs: [...open.graph.inputs, ...loss.inputs], outputs };
  return { model: { ...open, graph: made }, labels, loss: loss.loss, output };
}

/** A graph that computes the loss and its gradients, and changes nothing. */
export interface GradientGraph extends JudgingGraph {
  /** The output that holds the gradient by each parameter. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly teacher: string | undefined;
}

/** Builds the gradients of the loss by the chosen parameters, which stay in the file. Throws USAGE, GRADIENT_MISSING. */
export function buildGradients(model: Model, options: Omit<StepOptions, 'optimizer'>): GradientGraph {
  const trained = chooseParameters(model, options).map(({ name }) => name);
  const form = formOf(model, options);
  const graph = new GrowingGraph(form.model, inferShapes(form.model));
  const output = outputOf(model, options.output);
  const { loss, inputs } = judge(graph, output, options);
  const gradients = differentiate(graph, new Map([[output, loss.gradient]]), trained);
  const names = [loss.loss, output, ...gradients.values()];
  const made = {
    ...graph.grown(),
    inputs: [...model.graph.inputs, ...loss.inputs],
    outputs: names.map((name) => ({ name, dtype: graph.dtype(name), shape: graph.facts.get(name)?.shape })),
  };
  const { labels = '', teacher } = inputs;
  return { model: finished(form, made, graph.facts), labels, teacher, loss: loss.loss, output, gradients };
}

/** Builds the step. Throws USAGE, GRADIENT_MISSING, SHAPE_CONFLICT. */
export function buildStep(model: Model, options: StepOptions): StepGraph {
  const trained = chooseParameters(model, options);
  const form = formOf(model, options);
  const open = withInputs(form.model, [...trained, ...form.running]);
  const graph = new GrowingGraph(open, inferShapes(open));
  const output = outputOf(model, options.output);
  const { loss, inputs } = judge(graph, output, options);
  const gradients = differentiate(
    graph,
    new Map([[output, loss.gradient]]),
    trained.map(({ name }) => name),
  );
  const pace: Pace = { rate: inputOf(graph, 'learning_rate'), step: inputOf(graph, 'step') };
  const parameters = update(graph, trained, clipped(graph, gradients, options.clip), options.optimizer, pace);
  const statistics = form.running.map(
    ({ name, dtype, dims }): Slot => ({ name, next: form.updates.get(name) as string, dtype, dims }),
  );
  const slots = [...parameters.flatMap(({ state, ...own }) => [own, ...state]), ...statistics];
  const moved = new Set(parameters.map(({ name }) => name));
  const left = trained.filter(({ name }) => !moved.has(name));
  const grown = graph.grown();
  const made: Graph = {
    ...grown,
    initializers: new Map([...grown.initializers, ...left.map((tensor) => [tensor.name, tensor] as const)]),
    inputs: [
      ...open.graph.inputs.filter(({ name }) => !left.some((tensor) => tensor.name === name)),
      ...loss.inputs,
      ...[pace.rate, pace.step].map((name): Value => ({ name, dtype: FLOAT, shape: [] })),
      ...parameters.flatMap(({ state }) => state.map(({ name, dtype, dims }) => ({ name, dtype, shape: dims }))),
    ],
    outputs: [
      { name: loss.loss, dtype: graph.dtype(loss.loss), shape: [] },
      ...model.graph.outputs.filter(({ name }) => name === output),
      ...slots.map(({ next, dtype, dims }) => ({ name: next, dtype, shape: dims })),
    ],
  };
  const initial = [...trained.filter(({ name }) => moved.has(name)), ...form.running];
  return {
    model: finished(form, made, graph.facts),
    parameters,
    statistics,
    initial: new Map(initial.map((tensor) => [tensor.name, tensor])),
    inputs: fedInputs(model.graph).map(({ name }) => name),
    ...inputs,
    ...pace,
    loss: loss.loss,
    output,
  };
}

/** The model as it runs in training. */
const formOf = (
  model: Model,
  { normalisation, variance }: Pick<StepOptions, 'normalisation' | 'variance'>,
): TrainingForm =>
  normalisation === 'frozen'
    ? { model, running: [], updates: new Map<string, string>() }
    : inTraining(model, inferShapes(model), variance ?? 'unbiased');

/** The graph in operators that every onnxruntime runs, in forms that it computes fast, and without what is computed twice. */
function finished({ model, running }: TrainingForm, graph: Graph, facts: FactsMap): Model {
  const whole = { ...model, graph };
  const made = joinImages(running.length === 0 ? whole : lower(whole), facts);
  return { ...made, graph: maskPooled(shareNodes(rideMomentum(made.graph))) };
}

/** The model whose parameters are inputs. */
export function withInputs(model: Model, trained: readonly Tensor[]): Model {
  const { graph } = model;
  const names = new Set(trained.map(({ name }) => name));
  const listed = new Set(graph.inputs.map(({ name }) => name));
  const added = trained
    .filter(({ name }) => !listed.has(name))
    .map(({ name, dtype, dims }): Value => ({ name, dtype, shape: dims }));
  const initializers = new Map([...graph.initializers].filter(([name]) => !names.has(name)));
  return { ...model, graph: { ...graph, inputs: [...graph.inputs, ...added], initializers } };
}

export function outputOf({ graph, label }: Model, asked: string | undefined): string {
  const names = graph.outputs.map(({ name }) => name);
  const name = asked ?? names[0];
  if (name !== undefined && names.includes(name)) return name;
  throw usage(`${label} has no output ${asked ?? ''}`, `Outputs: ${names.join(', ') || 'none'}.`);
}

interface Judged {
  readonly loss: Loss;
  readonly inputs: Pick<StepGraph, 'labels' | 'teacher'>;
}

function judge(graph: GrowingGraph, output: string, { loss }: Pick<StepOptions, 'loss'>): Judged {
  const labels = graph.name('labels');
  if (typeof loss === 'string')
    return { loss: addLoss(graph, loss, output, labels), inputs: { labels, teacher: undefined } };
  const teacher = graph.name('teacher');
  const made = addDistillation(graph, loss, output, labels, teacher);
  return { loss: made, inputs: { labels: loss.alpha === 1 ? undefined : labels, teacher } };
}

export function inputOf(graph: GrowingGraph, wish: string): string {
  const name = graph.name(wish);
  graph.facts.set(name, { dtype: FLOAT, shape: [] });
  return name;
}

export const clipped = (graph: GrowingGraph, gradients: ReadonlyMap<string, string>, most: number | undefined) =>
  most === undefined ? gradients : clipNorm(graph, gradients, most);

/** Rate and step in the type of a parameter. */
const paceIn = (graph: GrowingGraph, { rate, step }: Pace, dtype: number): Pace =>
  dtype === FLOAT
    ? { rate, step }
    : { rate: graph.emit('Cast', [rate], int('to', dtype)), step: graph.emit('Cast', [step], int('to', dtype)) };

/** Adds the updates of all parameters that have a gradient. */
export function update(
  graph: GrowingGraph,
  trained: readonly Pick<Tensor, 'name' | 'dtype' | 'dims'>[],
  gradients: ReadonlyMap<string, string>,
  optimizer: Optimizer,
  pace: Pace,
): readonly ParameterSlot[] {
  return trained.flatMap(({ name, dtype, dims }): readonly ParameterSlot[] => {
    const gradient = gradients.get(name);
    // What the loss does not depend on stays as it is.
    if (gradient === undefined) return [];
    const names = statesOf(optimizer).map((state) => graph.name(`${name}.${state}`));
    for (const each of names) graph.facts.set(each, { dtype, shape: dims });
    const after = addUpdate(graph, optimizer, paceIn(graph, pace, dtype), { parameter: name, gradient, state: names });
    const state = names.map((each, i): Slot => ({ name: each, next: after.state[i] as string, dtype, dims }));
    return [{ name, next: after.parameter, dtype, dims, state }];
  });
}
