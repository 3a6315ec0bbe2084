/** Results of models: how close they must be, and their mean. Without Jest, so that scripts can use it. */
import { DOUBLE } from '../../lib/ir/dtype.js';
import { type NdArray, toReals } from '../../lib/ir/ndarray.js';
import type { Tolerance } from '../../lib/runtime/compare.js';

export type Results = ReadonlyMap<string, NdArray>;

/** What float32 computations in another order differ by, in networks of a few layers. */
export const TIGHT: Tolerance = { atol: 2e-5, rtol: 1e-4 };

/** The weighted mean of several models' results (the plain mean unless told), output by output. */
export function meanOf(all: readonly Results[], weights: readonly number[] = all.map(() => 1 / all.length)): Results {
  return new Map(
    [...(all[0] ?? [])].map(([name, first]): [string, NdArray] => {
      const mean = new Float64Array(first.data.length);
      all.forEach((results, m) => {
        const values = toReals(results.get(name) as NdArray, name);
        for (let i = 0; i < mean.length; i++)
          mean[i] = (mean[i] as number) + (weights[m] as number) * (values[i] as number);
      });
      return [name, { dtype: DOUBLE, dims: first.dims, data: mean }];
    }),
  );
}
