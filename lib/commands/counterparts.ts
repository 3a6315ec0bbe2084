/** Other models run on the same inputs as a first one, whatever their inputs and outputs are called. */
import { membersDiffer } from '../errors.js';
import type { NdArray } from '../ir/ndarray.js';
import { type SessionOptions, withSession } from '../runtime/session.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** Gives arrays the wanted names: as they are where the same names are wanted, else by position. Undefined if too few. */
export function renamed(arrays: Arrays, names: readonly string[]): Arrays | undefined {
  if (arrays.size !== names.length) return undefined;
  if (names.every((name) => arrays.has(name))) return arrays;
  const values = [...arrays.values()];
  return new Map(names.map((name, i) => [name, values[i] as NdArray]));
}

/**
 * The outputs of the model at `path` on `feeds`, under the names `outputs`. Throws MEMBERS_DIFFER where it has another
 * number of inputs or outputs, EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN.
 */
export function runCounterpart(
  path: string,
  feeds: Arrays,
  outputs: readonly string[],
  options: SessionOptions,
): Promise<Arrays> {
  return withSession(path, { ...options, label: path }, async (session) => {
    const inputs = session.inputs.map(({ name }) => name);
    const own = renamed(feeds, inputs);
    if (!own) throw membersDiffer(`${path} has ${inputs.length} inputs, not ${feeds.size}`);
    const results = await session.run(own);
    const comparable = renamed(results, outputs);
    if (!comparable) throw membersDiffer(`${path} has ${results.size} outputs, not ${outputs.length}`);
    return comparable;
  });
}
