/** A model run on several sets of inputs. */
import { membersDiffer } from '../errors.js';
import { constructorOf, type NdArray } from '../ir/ndarray.js';
import { type Session, withSession } from '../runtime/session.js';
import { renamed } from './counterparts.js';
import type { InputSet } from './input-sets.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** What a model made of each set. */
export interface SetRuns {
  /** In the order of the sets; empty where they were not to be kept. */
  readonly results: readonly Arrays[];
  /** Outputs that are no tensors of numbers, and were left out. */
  readonly unread: readonly string[];
  /** True where the execution provider left operators to the CPU. */
  readonly mixed: boolean;
}

export interface RunSetsOptions extends RunOptions {
  readonly ep: string | undefined;
  readonly stage: string;
  /** Called with what the model made of each set. */
  readonly onResult?: (result: Arrays) => void;
  /** Whether `results` holds it too; true unless told. */
  readonly keep?: boolean;
}

/** Runs a loaded model on one set, without the outputs in `left`. */
type RunOne = (session: Session, feeds: Arrays, left: ReadonlySet<string>) => Promise<Arrays>;

const unreadOf = (session: Session): readonly string[] =>
  session.outputs.filter(({ dtype }) => !constructorOf(dtype ?? 0)).map(({ name }) => name);

async function runEach(
  path: string,
  sets: readonly InputSet[],
  options: RunSetsOptions,
  runOne: RunOne,
): Promise<SetRuns> {
  return withSession(path, { ep: options.ep, label: path }, async (session) => {
    const unread = unreadOf(session);
    const results: Arrays[] = [];
    for (const [done, set] of sets.entries()) {
      await pause(options.signal);
      options.onProgress?.({ stage: options.stage, done, total: sets.length });
      const result = await runOne(session, await set.make(), new Set(unread));
      options.onResult?.(result);
      if (options.keep ?? true) results.push(result);
    }
    return { results, unread, mixed: session.mixed };
  });
}

/**
 * Runs the model at `path` on each set. Memory: one set at a time, and the results that are kept. Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN,
 * CANCELLED, and what making a set throws.
 */
export const runSets = (path: string, sets: readonly InputSet[], options: RunSetsOptions): Promise<SetRuns> =>
  runEach(path, sets, options, (session, feeds, left) => session.run(feeds, undefined, left));

/**
 * The same for another model, whatever its inputs and outputs are called: its results have the names `outputs`. Throws
 * MEMBERS_DIFFER too, where it has another number of inputs or outputs.
 */
export function runCounterpart(
  path: string,
  sets: readonly InputSet[],
  outputs: readonly string[],
  options: RunSetsOptions,
): Promise<SetRuns> {
  return runEach(path, sets, options, async (session, feeds, left) => {
    const inputs = session.inputs.map(({ name }) => name);
    const own = renamed(feeds, inputs);
    if (!own) throw membersDiffer(`${path} has ${inputs.length} inputs, not ${feeds.size}`);
    const results = await session.run(own, undefined, left);
    const comparable = renamed(results, outputs);
    if (!comparable) throw membersDiffer(`${path} has ${results.size} outputs, not ${outputs.length}`);
    return comparable;
  });
}
