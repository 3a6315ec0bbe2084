/** What stands between a loss and the parameters that are to be trained. */
import { inferShapes } from '../analysis/shapes.js';
import type { Model } from '../ir/model.js';
import { findGaps, type Gap } from './autodiff.js';
import { GrowingGraph } from './growing.js';
import { chooseParameters } from './parameters.js';
import { outputOf, type StepOptions, withInputs } from './step-graph.js';

/** All nodes without a rule at once, where `buildStep` stops at the first. Throws USAGE. */
export function findStepGaps(model: Model, options: Pick<StepOptions, 'output' | 'train' | 'freeze'>): readonly Gap[] {
  const trained = chooseParameters(model, options);
  const open = withInputs(model, trained);
  const graph = new GrowingGraph(open, inferShapes(open));
  const names = trained.map(({ name }) => name);
  return [...findGaps(graph, [outputOf(model, options.output)], names)].reverse();
}
