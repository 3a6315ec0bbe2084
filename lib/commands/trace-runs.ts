/** Inner values of two models on the same inputs, compared in runs that hold few of them at a time. */

import { REAL_TYPES } from '../ir/dtype.js';
import { constructorOf, type NdArray } from '../ir/ndarray.js';
import { TRACE_RUN_BYTES } from '../limits.js';
import { skeletonOf } from '../onnx/skeleton.js';
import type { Tolerance } from '../runtime/compare.js';
import { withSession } from '../runtime/session.js';
import { type Tally, tallyOf } from '../runtime/tally.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** One of both: a model file on an execution provider, with its inputs. */
export interface TracedSide {
  readonly path: string;
  readonly ep: string | undefined;
  /** Its graph outputs, which need not be added. */
  readonly outputs: ReadonlySet<string>;
  readonly feeds: Arrays;
}

/** A value, its counterpart, and about how many bytes it takes. */
export interface Traced {
  readonly value: string;
  readonly counterpart: string;
  readonly bytes: number;
}

/** Lists of values that fit one run; a value that is too large alone gets a run of its own. */
export function runsOf(values: readonly Traced[]): readonly (readonly Traced[])[] {
  const runs: Traced[][] = [];
  let left = 0;
  for (const each of values) {
    if (each.bytes > left || runs.length === 0) {
      runs.push([]);
      left = TRACE_RUN_BYTES;
    }
    runs.at(-1)?.push(each);
    left -= each.bytes;
  }
  return runs;
}

/** The wanted values of one model; those that are no tensors of numbers are left out. Graph optimisation is off. */
async function valuesOf(side: TracedSide, wanted: ReadonlySet<string>): Promise<Arrays> {
  const { bytes, folder } = skeletonOf(
    side.path,
    [...wanted].filter((name) => !side.outputs.has(name)),
  );
  const options = { ep: side.ep, folder, label: side.path, lean: true };
  return withSession(bytes, options, (session) => {
    const unwanted = session.outputs.filter(({ name, dtype }) => !wanted.has(name) || !constructorOf(dtype ?? 0));
    return session.run(side.feeds, undefined, new Set(unwanted.map(({ name }) => name)));
  });
}

/** Integers and truth values are the same or not. */
const EXACT: Tolerance = { atol: 0, rtol: 0 };

/** A comparison of one value. */
export interface Observed {
  readonly tally: Tally;
  readonly dtype: number;
}

/**
 * Compares values, by the names that the first model has for them. What one of both cannot give as a tensor of numbers is missing.
 * Throws EP_UNAVAILABLE, RUNTIME_LOAD, RUNTIME_RUN, CANCELLED.
 */
export async function observe(
  values: readonly Traced[],
  [here, there]: readonly [TracedSide, TracedSide],
  tolerance: Tolerance,
  options: RunOptions,
): Promise<ReadonlyMap<string, Observed>> {
  const observed = new Map<string, Observed>();
  const runs = runsOf(values);
  for (const [done, run] of runs.entries()) {
    await pause(options.signal);
    options.onProgress?.({ stage: 'tracing', done, total: runs.length });
    const actual = await valuesOf(here, new Set(run.map(({ value }) => value)));
    await pause(options.signal);
    const expected = await valuesOf(there, new Set(run.map(({ counterpart }) => counterpart)));
    for (const { value, counterpart } of run) {
      const [a, b] = [actual.get(value), expected.get(counterpart)];
      if (!a || !b) continue;
      const real = REAL_TYPES.has(a.dtype) && REAL_TYPES.has(b.dtype);
      observed.set(value, { tally: tallyOf(value, a, b, real ? tolerance : EXACT), dtype: a.dtype });
    }
  }
  return observed;
}
