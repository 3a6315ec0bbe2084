/** Does a model run? */
import { REAL_TYPES } from '../ir/dtype.js';
import { type NdArray, toReals } from '../ir/ndarray.js';
import { type FeedOptions, randomFeeds } from './feeds.js';
import { type SessionOptions, withSession } from './session.js';

export interface TryOptions extends SessionOptions, FeedOptions {
  /** Inputs by name; random ones where left out. */
  readonly feeds?: ReadonlyMap<string, NdArray> | undefined;
}

/** What a model did with one set of inputs. */
export interface Trial {
  readonly feeds: ReadonlyMap<string, NdArray>;
  readonly outputs: ReadonlyMap<string, NdArray>;
  /** Outputs that hold NaN or infinity: a note, for a model may mean it. */
  readonly nonfinite: readonly string[];
  /** True where the execution provider left operators to the CPU. */
  readonly mixed: boolean;
}

const allFinite = (name: string, array: NdArray): boolean =>
  !REAL_TYPES.has(array.dtype) || toReals(array, name).every(Number.isFinite);

/**
 * Loads a model and runs it once. Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN, and DTYPE_UNSUPPORTED where it wants
 * inputs that cannot be made up.
 */
export function tryModel(source: string | Uint8Array, options: TryOptions = {}): Promise<Trial> {
  return withSession(source, options, async (session) => {
    const feeds = options.feeds ?? randomFeeds(session.inputs, options);
    const outputs = await session.run(feeds);
    const nonfinite = [...outputs].filter(([name, array]) => !allFinite(name, array)).map(([name]) => name);
    return { feeds, outputs, nonfinite, mixed: session.mixed };
  });
}
