/** A trained model without its training: the evaluation model, cut before the loss, with the parameters as constants. */
import { inferShapes } from '../../analysis/shapes.js';
import { usage } from '../../errors.js';
import type { Model, Tensor } from '../../ir/model.js';
import { definedNames, usedNames } from '../../ir/walk.js';
import { needed } from './needed.js';

/**
 * The model that computes `outputs` (onnxruntime-training: export_model_for_inferencing). Parameters that it does not read stay
 * out. Throws USAGE for an output that nothing makes, SHAPE_CONFLICT.
 */
export function exportInference(
  evaluation: Model,
  parameters: ReadonlyMap<string, Tensor>,
  outputs: readonly string[],
): Model {
  const { graph } = evaluation;
  const defined = definedNames(graph);
  const lost = outputs.find((name) => !defined.has(name));
  if (lost !== undefined) throw usage(`${evaluation.label} makes no value ${lost}`, 'Name the output of the model.');
  const facts = inferShapes(evaluation);
  const known = new Map(graph.outputs.map((value) => [value.name, value]));
  const cut = needed({
    ...graph,
    outputs: outputs.map(
      (name) => known.get(name) ?? { name, dtype: facts.get(name)?.dtype, shape: facts.get(name)?.shape },
    ),
  });
  const used = new Set([...outputs, ...cut.nodes.flatMap(usedNames)]);
  const held = [...parameters].filter(([name]) => used.has(name));
  return {
    ...evaluation,
    graph: {
      ...cut,
      inputs: cut.inputs.filter(({ name }) => used.has(name) && !parameters.has(name)),
      initializers: new Map([...cut.initializers, ...held]),
    },
  };
}
