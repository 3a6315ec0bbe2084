/** Models of the IR in ONNX Runtime, and what their results are compared with. */
import { expect } from '@jest/globals';
import type { Model, Value } from '../../lib/ir/model.js';
import { toReals } from '../../lib/ir/ndarray.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { compareOutputs, type Tolerance } from '../../lib/runtime/compare.js';
import { type FeedOptions, randomFeeds } from '../../lib/runtime/feeds.js';
import { withSession } from '../../lib/runtime/session.js';
import { type Results, TIGHT } from './results.js';

export { meanOf, type Results, TIGHT } from './results.js';

/** Inputs that a user must give. */
export const realInputs = ({ graph }: Model): readonly Value[] =>
  graph.inputs.filter((value) => !graph.initializers.has(value.name));

/** Random inputs for a model. */
export const feedsFor = (model: Model, options?: FeedOptions): Results => randomFeeds(realInputs(model), options);

/** Verifies, encodes and runs a model. */
export function runModel(model: Model, feeds: Results = feedsFor(model)): Promise<Results> {
  verifyModel(model);
  return withSession(encodeModel(model), { label: model.label, lean: true }, (session) => session.run(feeds));
}

/** The outputs as plain numbers, for expectations written by hand. */
export const numbersOf = (results: Results, name: string): readonly number[] => {
  const array = results.get(name);
  return array ? [...toReals(array, name)] : [];
};

/** Fails with the distance of the worst output. */
export function expectClose(actual: Results, expected: Results, tolerance: Tolerance = TIGHT): void {
  const { outputs } = compareOutputs(actual, expected, tolerance);
  const apart = outputs.filter((output) => !output.within).map(({ name, maxAbs, why }) => ({ name, maxAbs, why }));
  expect(apart).toEqual([]);
}

/** Both models compute the same on random inputs. */
export async function expectSameFunction(a: Model, b: Model, tolerance?: Tolerance): Promise<void> {
  const feeds = feedsFor(a);
  expectClose(await runModel(a, feeds), await runModel(b, feeds), tolerance);
}
