/** What stands between a loss and the parameters that are to be trained. */
import { inferShapes } from '../analysis/shapes.js';
import type { Model } from '../ir/model.js';
import { findGaps, type Gap } from './autodiff.js';
import { GrowingGraph } from './growing.js';
import { type JudgeOptions, judge, readyFor } from './judged.js';
import { withInputs } from './open-inputs.js';
import { chooseParameters, type ParameterChoice } from './parameters.js';

/** All nodes without a rule at once, where `buildStep` stops at the first. Throws USAGE. */
export function findStepGaps(given: Model, options: JudgeOptions & ParameterChoice): readonly Gap[] {
  const model = readyFor(given, options.loss);
  const trained = chooseParameters(model, options);
  const open = withInputs(model, trained);
  const graph = new GrowingGraph(open, inferShapes(open));
  const { seeds } = judge(graph, model, options);
  const names = trained.map(({ name }) => name);
  return [...findGaps(graph, seeds.keys(), names)].reverse();
}
