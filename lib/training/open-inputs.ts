/** Initializers made inputs, so that each run may be given other ones. */
import type { Model, Tensor, Value } from '../ir/model.js';

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
