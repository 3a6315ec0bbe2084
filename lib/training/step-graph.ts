/**
 * The step: one graph that computes the loss, its gradients and the next parameters, in standard operators. Parameters and what
 * the optimizer remembers go in and come out, so that a session may let two sets of buffers take turns.
 */
import { inferShapes } from '../analysis/shapes.js';
import { int } from '../ir/attributes.js';
import { FLOAT } from '../ir/dtype.js';
import type { Graph, Model, Tensor, Value } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { accumulated, type Sums } from './accumulate.js';
import { differentiate } from './autodiff.js';
import { finished } from './finished.js';
import { GrowingGraph } from './growing.js';
import { type JudgeOptions, judge, readyFor } from './judged.js';
import { withInputs } from './open-inputs.js';
import { addUpdate, clipNorm, type Optimizer, type Pace, statesOf } from './optimizers.js';
import { chooseParameters, type ParameterChoice } from './parameters.js';
import { type FormOptions, formOf } from './training-form.js';

export interface StepOptions extends ParameterChoice, JudgeOptions, FormOptions {
  readonly optimizer: Optimizer;
  /** Largest norm of all gradients together. */
  readonly clip?: number | undefined;
  /** Whether an update may be made of several batches. */
  readonly accumulate?: boolean | undefined;
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
  /** Where an update may be made of several batches: what adds up their gradients. */
  readonly sums: Sums | undefined;
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

/** Builds the step. Throws USAGE, GRADIENT_MISSING, SHAPE_CONFLICT. */
export function buildStep(given: Model, options: StepOptions): StepGraph {
  const model = readyFor(given, options.loss);
  const trained = chooseParameters(model, options);
  const form = formOf(model, options);
  const open = withInputs(form.model, [...trained, ...form.running]);
  const graph = new GrowingGraph(open, inferShapes(open));
  const judged = judge(graph, model, options);
  const found = differentiate(
    graph,
    judged.seeds,
    trained.map(({ name }) => name),
  );
  const { gradients, sums } = options.accumulate ? accumulated(graph, trained, found) : { gradients: found };
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
      ...judged.inputs,
      ...[pace.rate, pace.step].map((name): Value => ({ name, dtype: FLOAT, shape: [] })),
      ...(sums ? [{ name: sums.share, dtype: FLOAT, shape: [] }] : []),
      ...[...parameters.flatMap(({ state }) => state), ...(sums?.slots ?? [])].map(inputFor),
    ],
    outputs: [
      { name: judged.loss, dtype: graph.dtype(judged.loss), shape: [] },
      ...model.graph.outputs.filter(({ name }) => name === judged.output),
      ...[...slots, ...(sums?.slots ?? [])].map((slot) => ({ ...inputFor(slot), name: slot.next })),
    ],
  };
  const initial = [...trained.filter(({ name }) => moved.has(name)), ...form.running];
  return {
    model: finished(form, made, graph.facts),
    parameters,
    statistics,
    sums,
    initial: new Map(initial.map((tensor) => [tensor.name, tensor])),
    inputs: fedInputs(model.graph).map(({ name }) => name),
    labels: judged.labels,
    teacher: judged.teacher,
    ...pace,
    loss: judged.loss,
    output: judged.output,
  };
}

const inputFor = ({ name, dtype, dims }: Slot): Value => ({ name, dtype, shape: dims });

function inputOf(graph: GrowingGraph, wish: string): string {
  const name = graph.name(wish);
  graph.facts.set(name, { dtype: FLOAT, shape: [] });
  return name;
}

const clipped = (graph: GrowingGraph, gradients: ReadonlyMap<string, string>, most: number | undefined) =>
  most === undefined ? gradients : clipNorm(graph, gradients, most);

/** Rate and step in the type of a parameter. */
const paceIn = (graph: GrowingGraph, { rate, step }: Pace, dtype: number): Pace =>
  dtype === FLOAT
    ? { rate, step }
    : { rate: graph.emit('Cast', [rate], int('to', dtype)), step: graph.emit('Cast', [step], int('to', dtype)) };

/** Adds the updates of all parameters that have a gradient. */
function update(
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
