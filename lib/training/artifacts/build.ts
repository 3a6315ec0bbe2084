/** The gradient graph of a model: loss and gradients by our own differentiation. */
import { inferShapes } from '../../analysis/shapes.js';
import { usage } from '../../errors.js';
import { makeNode } from '../../ir/edit.js';
import type { Graph, Model, Node, Tensor, Value } from '../../ir/model.js';
import { fedInputs } from '../../ir/nodes.js';
import { renamedNode } from '../../ir/prefix.js';
import { differentiate } from '../autodiff.js';
import { GrowingGraph } from '../growing.js';
import { type JudgeOptions, judge, type LossChoice, readyFor } from '../judged.js';
import { withInputs } from '../open-inputs.js';
import { chooseParameters, type ParameterChoice, parametersOf } from '../parameters.js';
import { inTraining } from '../training-form.js';
import { needed } from './needed.js';
import type { TrainingGraph } from './training-graph.js';

/** What is trained, and by which loss. */
export interface TrainingGraphOptions extends ParameterChoice, JudgeOptions {
  /** Outputs that the artifacts keep beside the loss; all where left out. */
  readonly outputs?: readonly string[] | undefined;
}

/** A gradient graph, the same model outside of training, and what the parameters are. */
export interface BuiltTraining {
  readonly graph: TrainingGraph;
  /** Inputs of the user, labels, parameters; outputs: the loss and further ones. */
  readonly eval: Model;
  readonly trained: readonly Tensor[];
  readonly frozen: readonly Tensor[];
}

const inputFor = ({ name, dtype, dims }: Tensor): Value => ({ name, dtype, shape: dims });

/** The labels as Microsoft's losses name them. */
const labelsOf = (loss: LossChoice): string => (loss === 'cross-entropy' ? 'labels' : 'target');

/** Differentiates the loss of a model. Throws USAGE, GRADIENT_MISSING, SHAPE_CONFLICT. */
export function buildTrainingGraph(given: Model, options: TrainingGraphOptions): BuiltTraining {
  const model = readyFor(given, options.loss);
  const chosen = chooseParameters(model, options);
  const others = parametersOf(model).filter((each) => !chosen.includes(each));
  const form = inTraining(model, inferShapes(model));
  const open = withInputs(form.model, [...chosen, ...others, ...form.running]);
  const graph = new GrowingGraph(open, inferShapes(open));
  const judged = judge(graph, model, options, labelsOf(options.loss));
  const found = differentiate(
    graph,
    judged.seeds,
    chosen.map(({ name }) => name),
  );
  const trained = chosen.filter(({ name }) => found.has(name));
  const frozen = [...others, ...chosen.filter(({ name }) => !found.has(name)), ...form.running];
  const names = new Names(graph);
  const loss = names.give(judged.loss, 'loss');
  const gradients = new Map(
    trained.map(({ name }) => [name, names.give(found.get(name) as string, `${name}_grad`)] as const),
  );
  const values: readonly Value[] = [...trained, ...frozen].map(inputFor);
  const inputs = [...fedInputs(model.graph), ...judged.inputs];
  const outputs = keptOutputs(model, options.outputs);
  const lossValue: Value = { name: loss, dtype: graph.dtype(judged.loss), shape: [] };
  const named = (tensors: readonly Tensor[], by: ReadonlyMap<string, string>) =>
    tensors.map((each): Value => ({ ...inputFor(each), name: by.get(each.name) as string }));
  const parts = { graph, nodes: names.nodes(), inputs: [...inputs, ...values] };
  const inner = [...named(trained, gradients), ...named(form.running, form.updates)];
  return {
    graph: {
      model: assemble(form.model, parts, [lossValue, ...outputs, ...inner]),
      inputs,
      labels: judged.labels,
      loss,
      outputs,
      trained: trained.map(inputFor),
      frozen: frozen.map(inputFor),
      gradients,
      updates: form.updates,
    },
    eval: assemble(model, parts, [lossValue, ...outputs]),
    trained,
    frozen,
  };
}

interface Parts {
  readonly graph: GrowingGraph;
  /** What was added to the model's own nodes. */
  readonly nodes: readonly Node[];
  readonly inputs: readonly Value[];
}

/** The model, or its form in training, with as much of what was added as its outputs need. */
function assemble(model: Model, { graph, nodes, inputs }: Parts, outputs: readonly Value[]): Model {
  const { initializers } = graph.grown();
  const whole: Graph = { ...model.graph, nodes: [...model.graph.nodes, ...nodes], initializers, inputs, outputs };
  return { ...model, graph: needed(whole) };
}

function keptOutputs({ graph, label }: Model, wanted: readonly string[] | undefined): readonly Value[] {
  if (!wanted) return graph.outputs;
  const known = graph.outputs.map(({ name }) => name);
  const lost = wanted.find((name) => !known.includes(name));
  if (lost !== undefined) throw usage(`${label} has no output ${lost}`, `Outputs: ${known.join(', ')}.`);
  return graph.outputs.filter(({ name }) => wanted.includes(name));
}

/** Gives values that were added to a graph names that people know them by. */
class Names {
  private readonly given = new Map<string, string>();
  private readonly copies: Node[] = [];

  constructor(private readonly graph: GrowingGraph) {}

  /** The name under which the value is known from now on: the wish, or one like it. */
  give(value: string, wish: string): string {
    const name = this.graph.name(wish);
    const isOwn = this.graph.nodes.some(({ outputs }) => outputs.includes(value));
    if (isOwn && !this.given.has(value)) this.given.set(value, name);
    else this.copies.push(makeNode('Identity', [this.given.get(value) ?? value], [name]));
    return name;
  }

  /** The nodes that were added, with the new names. */
  nodes(): readonly Node[] {
    const named = (value: string) => this.given.get(value) ?? value;
    const renamed = this.graph.nodes.map((node) => ({ ...renamedNode(node, named, ''), name: named(node.name) }));
    return [...renamed, ...this.copies];
  }
}
