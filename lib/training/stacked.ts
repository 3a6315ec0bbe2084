/** Arrays of one shape behind one another along a new first axis, and apart again. */
import { defect } from '../errors.js';
import { type NdArray, ndarray } from '../ir/ndarray.js';

/** All of them in one; a single one keeps its memory. */
export function stacked(arrays: readonly NdArray[]): NdArray {
  const [first] = arrays;
  if (!first) throw defect('nothing to stack');
  const { dtype, dims, data } = first;
  const whole = [arrays.length, ...dims];
  if (arrays.length === 1) return ndarray(dtype, whole, data);
  const all = new (data.constructor as new (length: number) => typeof data)(arrays.length * data.length);
  arrays.forEach((each, i) => {
    if (each.data.length !== data.length) throw defect('arrays of different shapes in one stack');
    (all as Float32Array).set(each.data as Float32Array, i * data.length);
  });
  return ndarray(dtype, whole, all);
}

/** Entry `i` along the first axis. */
export function entryOf({ dtype, dims, data }: NdArray, i: number): NdArray {
  const [count = 1, ...rest] = dims;
  const size = data.length / count;
  return ndarray(dtype, rest, data.subarray(i * size, (i + 1) * size));
}

/** Whether two sets of arrays can be stacked. */
export const areAlike = (a: ReadonlyMap<string, NdArray>, b: ReadonlyMap<string, NdArray>): boolean =>
  a.size === b.size &&
  [...a].every(([name, { dtype, dims }]) => {
    const other = b.get(name);
    return other?.dtype === dtype && other.dims.join() === dims.join();
  });
