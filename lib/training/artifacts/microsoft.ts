/** Training models as onnxruntime-training (up to 1.19.2) runs them: gradients are added up in buffers that are given. */
import { memoryBytes } from '../../ir/bytes.js';
import { BOOL } from '../../ir/dtype.js';
import type { Graph, Model, Node, Tensor, Value } from '../../ir/model.js';
import { freshNames } from '../../ir/names.js';
import { definedNames } from '../../ir/walk.js';
import { MICROSOFT } from '../../rules/families.js';
import { accumulatedOf, bufferOf, RESET } from './names.js';
import type { TrainingGraph } from './training-graph.js';

/** Operator sets that generate_artifacts declares beside the model's own. */
const DOMAINS: ReadonlyMap<string, number> = new Map([
  ['ai.onnx.ml', 5],
  ['ai.onnx.training', 1],
  ['ai.onnx.preview.training', 1],
  [MICROSOFT, 1],
  ['com.microsoft.experimental', 1],
  ['com.microsoft.nchwc', 1],
  ['org.pytorch.aten', 1],
]);

const flag = (name: string): Value => ({ name, dtype: BOOL, shape: [1] });

/** A flag that is always set. */
const yes = (name: string): Tensor => ({ name, dtype: BOOL, dims: [1], data: memoryBytes(Uint8Array.of(1)) });

/** Adds `value` to what lies in `buffer`, or puts it there where the flag says so; in place, whence the flag that comes out. */
const accumulator = (buffer: string, value: string, reset: string, output: string, name: string): Node => ({
  name,
  opType: 'InPlaceAccumulatorV2',
  domain: MICROSOFT,
  inputs: [buffer, value, reset],
  outputs: [output],
  attributes: new Map(),
});

/** The training model of Microsoft's flavour. */
export function microsoftTraining(made: TrainingGraph): Model {
  const { model, trained, frozen } = made;
  const running = frozen.filter(({ name }) => made.updates.has(name));
  const overwrite = freshNames(definedNames(model.graph))('overwrite');
  const accumulators = trained.map(({ name }, i) =>
    accumulator(
      bufferOf(name),
      made.gradients.get(name) as string,
      RESET,
      accumulatedOf(name),
      `GradientAccumulator${i + 1}`,
    ),
  );
  // orttraining keeps running statistics where they are: what an accumulator that always starts over puts there stays.
  const statistics = running.map(({ name }) =>
    accumulator(name, made.updates.get(name) as string, overwrite, accumulatedOf(name), `${name}.update`),
  );
  const graph: Graph = {
    ...model.graph,
    nodes: [...model.graph.nodes, ...accumulators, ...statistics],
    initializers:
      running.length === 0
        ? model.graph.initializers
        : new Map([...model.graph.initializers, [overwrite, yes(overwrite)]]),
    inputs: [...model.graph.inputs, ...trained.map((each) => ({ ...each, name: bufferOf(each.name) })), flag(RESET)],
    outputs: [
      ...model.graph.outputs.slice(0, 1 + made.outputs.length),
      ...[...trained, ...running].map(({ name }) => flag(accumulatedOf(name))),
    ],
  };
  return { ...model, opsets: new Map([...DOMAINS, ...model.opsets]), graph };
}
