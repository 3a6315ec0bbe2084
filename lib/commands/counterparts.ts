/** Arrays of one model under the names of another. */
import type { NdArray } from '../ir/ndarray.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** Gives arrays the wanted names: as they are where the same names are wanted, else by position. Undefined if too few. */
export function renamed(arrays: Arrays, names: readonly string[]): Arrays | undefined {
  if (arrays.size !== names.length) return undefined;
  if (names.every((name) => arrays.has(name))) return arrays;
  const values = [...arrays.values()];
  return new Map(names.map((name, i) => [name, values[i] as NdArray]));
}
