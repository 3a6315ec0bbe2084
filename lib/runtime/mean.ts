/** The mean of several models' results: what their ensemble says. */
import { membersDiffer, quoted } from '../errors.js';
import { DOUBLE } from '../ir/dtype.js';
import { type NdArray, ndarray, toReals } from '../ir/ndarray.js';

function meanOf(name: string, arrays: readonly NdArray[], weights: readonly number[] | undefined): NdArray {
  const members = arrays.map((array) => toReals(array, name));
  const mean = Float64Array.from({ length: members[0]?.length ?? 0 }, (_, i) => {
    const total = members.reduce((sum, values, m) => sum + (weights?.[m] ?? 1) * (values[i] as number), 0);
    return weights ? total : total / members.length;
  });
  return ndarray(DOUBLE, arrays[0]?.dims ?? [], mean);
}

/**
 * Output by output, in double precision, of at least one result; with `weights`, which sum to 1, the weighted mean. Throws MEMBERS_DIFFER where one lacks an output of the
 * first, or has it in another shape.
 */
export function meanOutputs(
  results: readonly ReadonlyMap<string, NdArray>[],
  weights?: readonly number[],
): ReadonlyMap<string, NdArray> {
  const mean = (name: string, like: NdArray): [string, NdArray] => {
    const arrays = results.map((result) => {
      const array = result.get(name);
      if (array?.dims.join() === like.dims.join()) return array;
      throw membersDiffer(
        `output ${quoted(name)} is ${array ? `[${array.dims.join(', ')}]` : 'missing'} in one of them`,
      );
    });
    return [name, meanOf(name, arrays, weights)];
  };
  return new Map([...(results[0] ?? [])].map(([name, array]) => mean(name, array)));
}
