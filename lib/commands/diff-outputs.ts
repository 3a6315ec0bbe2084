/** Two models run on the same random inputs: what a comparison of files cannot show. */
import { membersDiffer, TransplantError } from '../errors.js';
import { isSymbolic } from '../ir/dim.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Model, Value } from '../ir/model.js';
import { fromReals, type NdArray, toReals } from '../ir/ndarray.js';
import { fedInputs } from '../ir/nodes.js';
import { compareOutputs, type OutputComparison, type Tolerance } from '../runtime/compare.js';
import { drawnDims, randomFeeds } from '../runtime/feeds.js';
import { type Session, withSession } from '../runtime/session.js';
import { toleranceFor } from '../runtime/tolerance.js';
import { renamed } from './counterparts.js';
import type { RunOptions } from './options.js';
import { pause } from './pause.js';
import { PROOF_TOLERANCE } from './proof.js';

/** One output of both. */
export interface RunComparison extends OutputComparison {
  /** The largest absolute value that the first model gave. */
  readonly largest: number;
  /** How many finite elements the first model gave, in all runs. */
  readonly finite: number;
}

/** How the outputs of two models compare, the second held beside the first. */
export interface OutputsReport {
  readonly runs: number;
  /** For outputs about 1; `atol` grows with the largest value of an output. */
  readonly tolerance: Tolerance;
  readonly within: boolean;
  /** Whether each output gave finite elements to compare: outputs that are empty or all NaN agree, but tell nothing. */
  readonly telling: boolean;
  /** The worst run of each output. */
  readonly outputs: readonly RunComparison[];
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
function compareOne(
  name: string,
  expected: NdArray,
  found: Arrays,
  { atol, rtol }: Tolerance,
): readonly RunComparison[] {
  let [largest, finite] = [0, 0];
  for (const value of toReals(expected, name)) {
    if (!Number.isFinite(value)) continue;
    largest = Math.max(largest, Math.abs(value));
    finite++;
  }
  const own = new Map([...found].filter(([other]) => other === name));
  const { outputs } = compareOutputs(own, new Map([[name, expected]]), { atol: atol * Math.max(1, largest), rtol });
  return outputs.map((output) => ({ ...output, largest, finite }));
}

const isWorse = (a: RunComparison, b: RunComparison): boolean =>
  (a.within && !b.within) || (a.within === b.within && b.maxAbs / (1 + b.largest) > a.maxAbs / (1 + a.largest));

const worse = (a: RunComparison, b: RunComparison): RunComparison => ({
  ...(isWorse(a, b) ? b : a),
  finite: a.finite + b.finite,
});

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
  let worst: readonly RunComparison[] = [];
  for (const [done, size] of SIZES.entries()) {
    await pause(run.signal);
    run.onProgress?.({ stage: 'running both', done, total: SIZES.length });
    const feeds = grown(randomFeeds(inputs, { seed: done }), size);
    const expected = await a.run(feeds);
    const found = await runLike(b, feeds, [...expected.keys()]);
    const outputs = [...expected].flatMap(([name, array]) => compareOne(name, array, found, tolerance));
    worst = outputs.map((output, i) => (worst[i] ? worse(worst[i], output) : output));
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
    for (const each of [inputs, fedInputs(models[1].graph)]) drawnDims(each, {});
    const outputs = await withSession(pathA, { ep }, (a) =>
      withSession(pathB, { ep }, (b) => worstOf(a, b, inputs, tolerance, run)),
    );
    const within = outputs.every((output) => output.within);
    const telling = outputs.every(({ finite }) => finite > 0);
    return { runs: SIZES.length, tolerance, within, telling, outputs };
  } catch (error) {
    const isTheirs = error instanceof TransplantError && error.kind === 'refused' && error.code !== 'EP_UNAVAILABLE';
    if (isTheirs) return error.message;
    throw error;
  }
}
