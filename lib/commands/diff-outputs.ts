/** Two models run on the same random inputs: what a comparison of files cannot show. */
import { membersDiffer, TransplantError } from '../errors.js';
import { isSymbolic } from '../ir/dim.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Model, Value } from '../ir/model.js';
import { fromReals, type NdArray, toReals } from '../ir/ndarray.js';
import { fedInputs } from '../ir/nodes.js';
import { compareOutputs, type OutputComparison, type Tolerance } from '../runtime/compare.js';
import { randomFeeds } from '../runtime/feeds.js';
import { type Session, withSession } from '../runtime/session.js';
import { toleranceFor } from '../runtime/tolerance.js';
import { renamed } from './counterparts.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';
import { PROOF_TOLERANCE } from './proof.js';

/** How the outputs of two models compare, the second held beside the first. */
export interface OutputsReport {
  readonly runs: number;
  /** For outputs about 1; `atol` grows with the largest output. */
  readonly tolerance: Tolerance;
  readonly within: boolean;
  /** The worst run of each output. */
  readonly outputs: readonly OutputComparison[];
}

type Arrays = ReadonlyMap<string, NdArray>;

/** Standard normal inputs, and larger ones, which reach what clips and saturates. */
const SIZES = [1, 4, 16];

function grown(feeds: Arrays, size: number): Arrays {
  const grow = (name: string, array: NdArray): NdArray =>
    REAL_TYPES.has(array.dtype)
      ? fromReals(
          Float64Array.from(toReals(array, name), (value) => value * size),
          array.dtype,
          array.dims,
          name,
        )
      : array;
  return new Map([...feeds].map(([name, array]) => [name, grow(name, array)]));
}

/** Inputs of the first model, with the lengths that only the second one fixes. */
function sharedInputs(a: Model, b: Model): readonly Value[] {
  const others = fedInputs(b.graph);
  return fedInputs(a.graph).map((value, i) => {
    const other = others.find(({ name }) => name === value.name) ?? others[i];
    const shape = value.shape?.map((dim, axis) => {
      const theirs = other?.shape?.[axis];
      return isSymbolic(dim) && typeof theirs === 'number' ? theirs : dim;
    });
    return shape ? { ...value, shape } : value;
  });
}

/** Rounding is as large as the numbers that are summed: `atol` is for outputs about 1. */
function scaled({ atol, rtol }: Tolerance, outputs: Arrays): Tolerance {
  let most = 1;
  for (const [name, array] of outputs) {
    for (const value of toReals(array, name)) if (Number.isFinite(value)) most = Math.max(most, Math.abs(value));
  }
  return { atol: atol * most, rtol };
}

const worse = (a: OutputComparison, b: OutputComparison): OutputComparison =>
  b.maxAbs > a.maxAbs || (!b.within && a.within) ? b : a;

/** The outputs of the second session on the first one's inputs, under the first one's names. Throws MEMBERS_DIFFER. */
async function runLike(session: Session, feeds: Arrays, names: readonly string[]): Promise<Arrays> {
  const inputs = renamed(
    feeds,
    session.inputs.map(({ name }) => name),
  );
  if (!inputs) throw membersDiffer(`one has ${feeds.size} inputs, the other ${session.inputs.length}`);
  const outputs = renamed(await session.run(inputs), names);
  if (!outputs) throw membersDiffer(`one has ${names.length} outputs, the other ${session.outputs.length}`);
  return outputs;
}

async function worstOf(a: Session, b: Session, inputs: readonly Value[], tolerance: Tolerance, run: RunOptions) {
  let worst: readonly OutputComparison[] = [];
  for (const [done, size] of SIZES.entries()) {
    await pause(run.signal);
    run.onProgress?.({ stage: 'running both', done, total: SIZES.length });
    const feeds = grown(randomFeeds(inputs, { seed: done }), size);
    const expected = await a.run(feeds);
    const { outputs } = compareOutputs(
      await runLike(b, feeds, [...expected.keys()]),
      expected,
      scaled(tolerance, expected),
    );
    worst = outputs.map((output, i) => worse(worst[i] ?? output, output));
  }
  return worst;
}

/**
 * Runs both on seeded random inputs; a refusal of ONNX Runtime is answered as a text. Throws CANCELLED and what is no fault of the
 * models, such as EP_UNAVAILABLE.
 */
export async function compareRuns(
  [pathA, pathB]: readonly [string, string],
  models: readonly [Model, Model],
  ep: string | undefined,
  run: RunOptions,
): Promise<OutputsReport | string> {
  const tolerance = toleranceFor(models[0], PROOF_TOLERANCE);
  try {
    const inputs = sharedInputs(...models);
    const outputs = await withSession(pathA, { ep }, (a) =>
      withSession(pathB, { ep }, (b) => worstOf(a, b, inputs, tolerance, run)),
    );
    return { runs: SIZES.length, tolerance, within: outputs.every(({ within }) => within), outputs };
  } catch (error) {
    const isTheirs = error instanceof TransplantError && error.kind === 'refused' && error.code !== 'EP_UNAVAILABLE';
    if (isTheirs) return error.message;
    throw error;
  }
}
