/** Graphs that judge and change nothing: the loss alone, or with its gradients. */
import { inferShapes } from '../analysis/shapes.js';
import type { Graph, Model, Value } from '../ir/model.js';
import { differentiate } from './autodiff.js';
import { finished } from './finished.js';
import { GrowingGraph } from './growing.js';
import { isOwn, type Judged, type JudgeOptions, judge, readyFor } from './judged.js';
import { withInputs } from './open-inputs.js';
import { chooseParameters, type ParameterChoice } from './parameters.js';
import { type FormOptions, formOf } from './training-form.js';

/** What is judged, and in which form. */
type JudgingOptions = JudgeOptions & FormOptions & ParameterChoice;

/** The loss and the output, for parameters that are fed. */
export interface JudgingGraph {
  readonly model: Model;
  /** The input that takes the labels, where the loss looks at some. */
  readonly labels: string | undefined;
  readonly loss: string;
  readonly output: string;
}

/** A graph that computes the loss and its gradients, and changes nothing. */
export interface GradientGraph extends JudgingGraph {
  /** The output that holds the gradient by each parameter. */
  readonly gradients: ReadonlyMap<string, string>;
  readonly teacher: string | undefined;
}

/** What judges on held-out data; a student is judged by the labels. Throws USAGE. */
export function buildJudge(given: Model, options: JudgingOptions): JudgingGraph {
  const model = readyFor(given, options.loss);
  const { running } = formOf(model, options);
  const open = withInputs(model, [...chooseParameters(model, options), ...running]);
  const graph = new GrowingGraph(open, inferShapes(open));
  const judged = judge(graph, model, { ...options, loss: withoutTeachers(options.loss) });
  const made = { ...judgedGraph(graph, model, judged), inputs: [...open.graph.inputs, ...judged.inputs] };
  return { ...judged, model: { ...open, graph: made } };
}

const withoutTeachers = (loss: JudgeOptions['loss']): JudgeOptions['loss'] =>
  typeof loss === 'string' || isOwn(loss) ? loss : 'cross-entropy';

/** Builds the gradients of the loss by the chosen parameters, which stay in the file. Throws USAGE, GRADIENT_MISSING. */
export function buildGradients(given: Model, options: JudgingOptions): GradientGraph {
  const model = readyFor(given, options.loss);
  const form = formOf(model, options);
  const graph = new GrowingGraph(form.model, inferShapes(form.model));
  const judged = judge(graph, model, options);
  const trained = chooseParameters(model, options).map(({ name }) => name);
  const gradients = differentiate(graph, judged.seeds, trained);
  const made = judgedGraph(graph, model, judged);
  const outputs = [...gradients.values()].map(
    (name): Value => ({ name, dtype: graph.dtype(name), shape: graph.facts.get(name)?.shape }),
  );
  return {
    ...judged,
    model: finished(form, { ...made, outputs: [...made.outputs, ...outputs] }, graph.facts),
    gradients,
  };
}

/** The model's graph with the loss behind it: its outputs are the loss and what the loss judges. */
function judgedGraph(graph: GrowingGraph, model: Model, { loss, output, inputs }: Judged): Graph {
  return {
    ...graph.grown(),
    inputs: [...model.graph.inputs, ...inputs],
    outputs: [
      { name: loss, dtype: graph.dtype(loss), shape: [] },
      ...model.graph.outputs.filter(({ name }) => name === output),
    ],
  };
}
