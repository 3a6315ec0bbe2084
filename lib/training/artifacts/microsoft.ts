/** Training models as onnxruntime-training (up to 1.19.2) runs them: gradients are added up in buffers that are given. */
import { BOOL } from '../../ir/dtype.js';
import type { Graph, Model, Node, Value } from '../../ir/model.js';
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
  const { model, trained } = made;
  const accumulators = trained.map(({ name }, i) =>
    accumulator(
      bufferOf(name),
      made.gradients.get(name) as string,
      RESET,
      accumulatedOf(name),
      `GradientAccumulator${i + 1}`,
    ),
  );
  const graph: Graph = {
    ...model.graph,
    nodes: [...model.graph.nodes, ...accumulators],
    inputs: [...model.graph.inputs, ...trained.map((each) => ({ ...each, name: bufferOf(each.name) })), flag(RESET)],
    outputs: [
      ...model.graph.outputs.slice(0, 1 + made.outputs.length),
      ...trained.map(({ name }) => flag(accumulatedOf(name))),
    ],
  };
  return { ...model, opsets: new Map([...DOMAINS, ...model.opsets]), graph };
}
