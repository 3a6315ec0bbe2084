/** Names that `prune` takes to leave neurons alone. */
import { findNeurons } from '../analysis/neurons.js';
import { constantsOf } from '../ir/constants.js';
import { loadModel } from './load.js';

/** The weights of a model file on whose axes neurons lie, in order. Throws what reading and the analysis throw. */
export function neuronNames(path: string): readonly string[] {
  const model = loadModel(path);
  const constants = constantsOf(model.graph);
  const names = findNeurons(model).groups.flatMap(({ axes }) => axes.map(({ value }) => value));
  return [...new Set(names)].filter((name) => constants.has(name));
}
