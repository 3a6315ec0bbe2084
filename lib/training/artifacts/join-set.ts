/** One step from artifacts of either flavour: the graph of the gradients and that of the optimizer, joined. */
import { inferShapes } from '../../analysis/shapes.js';
import { artifactsFormat, quoted } from '../../errors.js';
import { int } from '../../ir/attributes.js';
import { lazyBytes, memoryBytes } from '../../ir/bytes.js';
import { BOOL, byteLength, FLOAT, INT64 } from '../../ir/dtype.js';
import { makeNode } from '../../ir/edit.js';
import type { Graph, Model, Node, Tensor, Value } from '../../ir/model.js';
import { freshNames } from '../../ir/names.js';
import { elementCount, int64Bytes } from '../../ir/numeric.js';
import { renamed } from '../../ir/prefix.js';
import { definedNames } from '../../ir/walk.js';
import type { ParameterSlot, Slot, StepGraph } from '../step-graph.js';
import { type Artifacts, LABELS } from './load.js';
import { accumulatedOf, bufferOf, LEARNING_RATE, momentOf, nextOf, RESET, STEP } from './names.js';
import { needed } from './needed.js';
import { type PortableSet, toPortable } from './portable-set.js';
import { find } from './start.js';

/** What of a step the artifacts do not tell by themselves. */
export interface JoinOptions {
  /** The input that takes the labels; undefined where none is known as such. */
  readonly labels: string | undefined;
  /** The value that the loss judges; a step that does not have it tells the loss alone. */
  readonly judged: string;
}

/** What a user feeds: inputs of the training model that are neither parameters nor buffers. */
export function fedTo({ training, trained, frozen, checkpoint }: PortableSet): readonly Value[] {
  const own = new Set([RESET, ...[...trained, ...frozen].map(({ name }) => name), ...checkpoint.frozen.keys()]);
  for (const { name } of trained) own.add(bufferOf(name));
  return training.graph.inputs.filter(({ name }) => !own.has(name) && !training.graph.initializers.has(name));
}

/** The step of artifacts that name their labels and what the loss judges as usual. Throws ARTIFACTS_FORMAT, OP_UNSUPPORTED. */
export function joinArtifacts(artifacts: Artifacts): StepGraph {
  const set = toPortable(artifacts);
  const labels = fedTo(set).find(({ name }) => LABELS.includes(name))?.name;
  return joinSet(set, { labels, judged: set.outputs[0] ?? set.loss });
}

/**
 * The step of a session. Gradients do not add up in it: it starts over each time. Frozen parameters become constants of the graph.
 * Throws ARTIFACTS_FORMAT where the two models cannot be one.
 */
export function joinSet(set: PortableSet, { labels, judged }: JoinOptions): StepGraph {
  const { training, optimizer, checkpoint, trained, running, moments, loss } = set;
  const fresh = freshNames(new Set([...definedNames(training.graph), ...definedNames(optimizer.graph)]));
  const [rate, step] = [fresh(LEARNING_RATE), fresh(STEP)];
  const update = apart(optimizer, set, fresh);
  const slot = (name: string, next: string, like: string): Slot => {
    const { dtype, dims } = find(checkpoint, like);
    return { name, next, dtype, dims };
  };
  const parameters = trained.map(({ name }): ParameterSlot => {
    const state = moments.map((moment) => momentOf(name, moment));
    return {
      ...slot(name, update.name(nextOf(name)), name),
      state: state.map((each) => slot(update.name(each), update.name(nextOf(each)), name)),
    };
  });
  const statistics = running.map((name) => slot(name, nextOf(name), name));
  const slots = [...parameters.flatMap(({ state, ...own }) => [own, ...state]), ...statistics];
  const inputs = fedTo(set);
  const facts = inferShapes(training);
  const output = facts.has(judged) ? judged : loss;
  const told = [...new Set([loss, output])];
  const pace = paceNodes(rate, step, update.name, fresh);
  const graph: Graph = {
    ...training.graph,
    nodes: [...pace.nodes, ...training.graph.nodes.map(startingOver), ...update.graph.nodes],
    initializers: new Map([
      ...training.graph.initializers,
      ...update.graph.initializers,
      ...pace.constants,
      ...standing(set),
    ]),
    valueInfo: [],
    inputs: [
      ...inputs,
      ...[rate, step].map((name): Value => ({ name, dtype: FLOAT, shape: [] })),
      ...slots.map(({ name, dtype, dims }): Value => ({ name, dtype, shape: dims })),
    ],
    outputs: [
      ...told.map((name): Value => ({ name, dtype: facts.get(name)?.dtype, shape: facts.get(name)?.shape })),
      ...slots.map(({ next, dtype, dims }): Value => ({ name: next, dtype, shape: dims })),
    ],
  };
  const moving = [...parameters, ...statistics].map(({ name }) => [name, find(checkpoint, name)] as const);
  return {
    model: {
      ...training,
      opsets: commonOpsets(training, optimizer),
      functions: [...training.functions, ...optimizer.functions],
      graph: needed(graph),
    },
    parameters,
    statistics,
    sums: undefined,
    initial: new Map(moving),
    inputs: inputs.map(({ name }) => name).filter((name) => name !== labels),
    labels,
    teacher: undefined,
    rate,
    step,
    loss,
    output,
  };
}

/** The optimizer's graph with names of its own for all but the parameters and their gradients. */
function apart({ graph }: Model, { trained }: PortableSet, fresh: (wish: string) => string) {
  const given = new Map(trained.flatMap(({ name }) => [name, accumulatedOf(name)]).map((name) => [name, name]));
  const name = (old: string): string => {
    if (old === '') return '';
    const known = given.get(old) ?? fresh(`optimizer.${old}`);
    given.set(old, known);
    return known;
  };
  return { graph: renamed(graph, name, 'optimizer.'), name };
}

/** Rate and step, real numbers in a session, as the optimizer takes them: [1], the step as an integer. */
function paceNodes(rate: string, step: string, inner: (name: string) => string, fresh: (wish: string) => string) {
  const [shape, flat] = [fresh('training.int64'), fresh('training.Reshape')];
  const constant: Tensor = { name: shape, dtype: INT64, dims: [1], data: memoryBytes(int64Bytes([1])) };
  const nodes: readonly Node[] = [
    makeNode('Reshape', [rate, shape], [inner(LEARNING_RATE)]),
    makeNode('Reshape', [step, shape], [flat]),
    makeNode('Cast', [flat], [inner(STEP)], new Map([int('to', INT64)])),
  ];
  return { nodes, constants: [[shape, constant] as const] };
}

/** A choice between a gradient and what it adds up to, where it always starts over. */
const startingOver = (node: Node): Node =>
  node.opType === 'Where' && node.domain === '' && node.inputs[0] === RESET
    ? makeNode('Identity', [node.inputs[1] ?? ''], node.outputs)
    : node;

/** What stays the same in all steps: frozen parameters, empty buffers, and that each starts over. */
function standing({ checkpoint, trained, running }: PortableSet): readonly (readonly [string, Tensor])[] {
  const frozen = [...checkpoint.frozen.keys()].filter((name) => !running.includes(name));
  const buffers = trained.map(({ name }) => zeros(bufferOf(name), find(checkpoint, name)));
  const reset: Tensor = { name: RESET, dtype: BOOL, dims: [1], data: memoryBytes(Uint8Array.of(1)) };
  return [...frozen.map((name) => find(checkpoint, name)), ...buffers, reset].map((each) => [each.name, each] as const);
}

const zeros = (name: string, { dtype, dims }: Tensor): Tensor => ({
  name,
  dtype,
  dims,
  data: lazyBytes(byteLength(dtype, elementCount(dims)) ?? 0, (start, end) => new Uint8Array(end - start)),
});

/** The operator sets of both. Throws ARTIFACTS_FORMAT where they are not the same. */
function commonOpsets(training: Model, optimizer: Model): ReadonlyMap<string, number> {
  const used = new Set(optimizer.graph.nodes.map(({ domain }) => domain));
  for (const domain of used) {
    const [ours, theirs] = [training, optimizer].map(({ opsets }) => opsets.get(domain));
    if (ours === undefined || ours === theirs) continue;
    throw artifactsFormat(
      optimizer.label,
      `it is written in version ${theirs} of ${quoted(domain || 'ai.onnx')}, the training model in version ${ours}`,
    );
  }
  return new Map([...optimizer.opsets, ...training.opsets]);
}
