/** One step from artifacts: the graph of the gradients and the optimizer, joined. */
import { inferShapes } from '../../analysis/shapes.js';
import { artifactsFormat, quoted } from '../../errors.js';
import { FLOAT } from '../../ir/dtype.js';
import type { Graph, Tensor, Value } from '../../ir/model.js';
import { constructorOf, type NdArray, ndarray } from '../../ir/ndarray.js';
import { allBytes, elementCount } from '../../ir/numeric.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { GrowingGraph } from '../growing.js';
import type { Pace } from '../optimizers.js';
import type { TrainingState } from '../session.js';
import { clipped, inputOf, type Slot, type StepGraph, update } from '../step-graph.js';
import type { LoadedArtifacts } from './load.js';
import { LEARNING_RATE, STEP } from './names.js';
import { momentName } from './save.js';

/** A parameter of a checkpoint. Throws ARTIFACTS_FORMAT. */
export const find = ({ trained, frozen }: Checkpoint, name: string): Tensor => {
  const tensor = trained.get(name) ?? frozen.get(name);
  if (!tensor) throw artifactsFormat('the checkpoint', `it lacks the parameter ${quoted(name)}`);
  return { ...tensor, name };
};

const shaped = ({ name, dtype, dims }: Slot): Value => ({ name, dtype, shape: dims });

/**
 * The step of a session: loss, gradients, updates. Frozen parameters become constants of the graph, but for running statistics,
 * which come after the parameters. Throws ARTIFACTS_FORMAT.
 */
export function joinStep({ graph: made, optimizer, clip, checkpoint }: LoadedArtifacts): StepGraph {
  const tensors = new Map([...made.trained, ...made.frozen].map(({ name }) => [name, find(checkpoint, name)]));
  const graph = new GrowingGraph(made.model, inferShapes(made.model));
  const pace: Pace = { rate: inputOf(graph, LEARNING_RATE), step: inputOf(graph, STEP) };
  const trained = made.trained.map(({ name }) => tensors.get(name) as Tensor);
  const parameters = update(graph, trained, clipped(graph, made.gradients, clip), optimizer, pace);
  const statistics = [...made.updates].map(([name, next]): Slot => {
    const { dtype, dims } = tensors.get(name) as Tensor;
    return { name, next, dtype, dims };
  });
  const moving = new Set([...parameters, ...statistics].map(({ name }) => name));
  const constants = [...tensors].filter(([name]) => !moving.has(name));
  const grown = graph.grown();
  const slots = [...parameters.flatMap(({ state, ...own }) => [own, ...state]), ...statistics];
  const joined: Graph = {
    ...grown,
    initializers: new Map([...grown.initializers, ...constants]),
    inputs: [
      ...made.inputs,
      ...[pace.rate, pace.step].map((name): Value => ({ name, dtype: FLOAT, shape: [] })),
      ...slots.map(shaped),
    ],
    outputs: [
      { name: made.loss, dtype: graph.dtype(made.loss), shape: [] },
      ...made.outputs,
      ...slots.map((slot) => shaped({ ...slot, name: slot.next })),
    ],
  };
  return {
    model: { ...made.model, graph: joined },
    parameters,
    statistics,
    sums: undefined,
    initial: new Map([...tensors].filter(([name]) => moving.has(name))),
    inputs: made.inputs.map(({ name }) => name).filter((name) => name !== made.labels),
    labels: made.labels,
    teacher: undefined,
    ...pace,
    loss: made.loss,
    output: made.outputs[0]?.name ?? made.loss,
  };
}

/** A parameter in memory of its own. Throws ARTIFACTS_FORMAT for a type that cannot be trained. */
export function arrayOf({ name, dtype, dims, data }: Tensor): NdArray {
  const make = constructorOf(dtype);
  if (!make || !data) throw artifactsFormat('the checkpoint', `${quoted(name)} is of a type that cannot be trained`);
  const bytes = new Uint8Array(allBytes(data));
  return ndarray(dtype, dims, new make(bytes.buffer, 0, elementCount(dims)));
}

/** Where a checkpoint's training stands, for `TrainingSession.restore`. */
export function stateOf({ parameters, statistics }: StepGraph, checkpoint: Checkpoint): TrainingState {
  const [group] = checkpoint.groups;
  const tensors = parameters.flatMap(({ name, state }): readonly (readonly [string, NdArray])[] => {
    const own = [name, arrayOf(find(checkpoint, name))] as const;
    const moments = state.flatMap((slot, i) => {
      const moment = group?.states.get(name)?.get(momentName(i));
      return moment ? [[slot.name, arrayOf(moment)] as const] : [];
    });
    return [own, ...moments];
  });
  const running = statistics.map(({ name }) => [name, arrayOf(find(checkpoint, name))] as const);
  return { step: group?.step ?? 0, tensors: new Map([...tensors, ...running]) };
}
