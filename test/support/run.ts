/** Models of the IR in ONNX Runtime, and what their results are compared with. */
import { expect } from '@jest/globals';
import type { Model, Value } from '../../lib/ir/model.js';
import { type NdArray, toReals } from '../../lib/ir/ndarray.js';
import { verifyModel } from '../../lib/ir/verify.js';
import { encodeModel } from '../../lib/onnx/write.js';
import { compareOutputs, type Tolerance } from '../../lib/runtime/compare.js';
import { type FeedOptions, randomFeeds } from '../../lib/runtime/feeds.js';
import { withSession } from '../../lib/runtime/session.js';

export type Results = ReadonlyMap<string, NdArray>;

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

export const TIGHT: Tolerance = { atol: 2e-5, rtol: 1e-4 };

/** Fails with the distance of the worst output. */
export function expectClose(actual: Results, expected: Results, tolerance: Tolerance = TIGHT): void {
  const { outputs } = compareOutputs(actual, expected, tolerance);
  const apart = outputs.filter((output) => !output.within).map(({ name, maxAbs, why }) => ({ name, maxAbs, why }));
  expect(apart).toEqual([]);
}

/** The weighted mean of several models' results (the plain mean unless told), output by output. */
export function meanOf(all: readonly Results[], weights = all.map(() => 1 / all.length)): Results {
  return new Map(
    [...(all[0] ?? [])].map(([name, first]): [string, NdArray] => {
      const mean = new Float64Array(first.data.length);
      all.forEach((results, m) => {
        const values = toReals(results.get(name) as NdArray, name);
        for (let i = 0; i < mean.length; i++)
          mean[i] = (mean[i] as number) + (weights[m] as number) * (values[i] as number);
      });
      return [name, { dtype: 11, dims: first.dims, data: mean }];
    }),
  );
}

/** Both models compute the same on random inputs. */
export async function expectSameFunction(a: Model, b: Model, tolerance?: Tolerance): Promise<void> {
  const feeds = feedsFor(a);
  expectClose(await runModel(a, feeds), await runModel(b, feeds), tolerance);
}
