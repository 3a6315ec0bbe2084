/** Sets of inputs to run a model on: archives of the user's, and random ones that a seed repeats. */
import { readNpz } from '../data/npz.js';
import { dataMismatch, quoted, usage } from '../errors.js';
import { dimText, isSymbolic } from '../ir/dim.js';
import { dtypeName } from '../ir/dtype.js';
import type { Model, Value } from '../ir/model.js';
import type { NdArray } from '../ir/ndarray.js';
import { fedInputs } from '../ir/nodes.js';
import { MAX_INPUT_SETS } from '../limits.js';
import { drawnDims, type FeedOptions, type Range, randomFeeds } from '../runtime/feeds.js';
import { checkRanges } from './input-ranges.js';

type Arrays = ReadonlyMap<string, NdArray>;

/** On what inputs to run. Without `inputs` and `runs` one random set. */
export interface InputOptions {
  /** Archives (.npz), each a set with one array for each input of the model. */
  readonly inputs?: string | readonly string[] | undefined;
  /** How many random sets, behind those of `inputs`. */
  readonly runs?: number | undefined;
  /** Of the first random set; each further one has the next seed. 0 unless told. */
  readonly seed?: number | undefined;
  /** Length of open axes in random sets, 2 unless told; from the third axis of four or more on 32. */
  readonly batch?: number | undefined;
  /** Lengths of open axes by their names, before `batch`. */
  readonly sizes?: ReadonlyMap<string, number> | undefined;
  /** What the elements of an input lie between, by its name: integers both ends included. Unless told real ones are standard normal, integers 0 or 1. */
  readonly ranges?: ReadonlyMap<string, Range> | undefined;
}

/** One set of inputs, made when it is needed. */
export interface InputSet {
  /** The archive's path; null where the set is random. */
  readonly path: string | null;
  /** Null where the set is an archive. */
  readonly seed: number | null;
  /** Throws FILE_SYSTEM, DATA_FORMAT, DATA_MISMATCH; DTYPE_UNSUPPORTED for an input that cannot be made up. */
  readonly make: () => Promise<Arrays>;
}

/** Refuses an array that the model's declaration rules out: ONNX Runtime would say so in words of its own. */
function checkArray(path: string, { name, dtype, shape }: Value, array: NdArray): void {
  if (dtype !== undefined && dtype !== array.dtype) {
    const [given, wanted] = [dtypeName(array.dtype), dtypeName(dtype)];
    throw dataMismatch(
      `${quoted(path)}: array ${quoted(name)} is ${given}, the input takes ${wanted}`,
      `Save it as ${wanted}: in NumPy array.astype("${wanted}").`,
    );
  }
  const { dims } = array;
  const fits = !shape || (shape.length === dims.length && shape.every((dim, i) => isSymbolic(dim) || dim === dims[i]));
  if (fits) return;
  throw dataMismatch(
    `${quoted(path)}: array ${quoted(name)} has shape [${dims.join(', ')}], the input takes [${shape.map(dimText).join(', ')}]`,
    'Save it in the shape of the input, with its batch axis.',
  );
}

/** The arrays of an .npz that the model's inputs are named after. */
async function feedsFrom(path: string, values: readonly Value[]): Promise<Arrays> {
  const arrays = await readNpz(path);
  const missing = values.find(({ name }) => !arrays.has(name));
  if (missing) {
    const held = [...arrays.keys()].map(quoted).join(', ') || 'nothing';
    throw dataMismatch(
      `${quoted(path)} has no array for the input ${quoted(missing.name)}; it holds ${held}`,
      'Save one array for each input, under its name.',
    );
  }
  for (const value of values) checkArray(path, value, arrays.get(value.name) as NdArray);
  return new Map(values.map(({ name }) => [name, arrays.get(name) as NdArray]));
}

const wholeFrom = (least: number, value: number): boolean => Number.isSafeInteger(value) && value >= least;

/** Throws USAGE for what only random sets take where all sets are archives: it would do nothing. */
function checkDrawn({ inputs = [], runs, seed, batch, sizes, ranges }: InputOptions): void {
  if ([inputs].flat().length === 0 || runs !== undefined) return;
  const [name] =
    Object.entries({ seed, batch, size: sizes, range: ranges }).find(([, value]) => value !== undefined) ?? [];
  if (name === undefined) return;
  throw usage(`--${name} is for random inputs, of which there are none`, `Leave it out, or add some with --runs.`);
}

/** Throws USAGE for numbers that are none, and for names that the model does not have. */
function checkOptions(values: readonly Value[], { runs, seed, batch, sizes, ranges }: InputOptions): void {
  if (runs !== undefined && !(wholeFrom(1, runs) && runs <= MAX_INPUT_SETS)) {
    throw usage(`--runs is a whole number from 1 to ${MAX_INPUT_SETS}, not ${runs}`);
  }
  if (seed !== undefined && !wholeFrom(0, seed)) throw usage(`--seed is a whole number from 0 up, not ${seed}`);
  if (batch !== undefined && !wholeFrom(1, batch)) throw usage(`--batch is a whole number from 1 up, not ${batch}`);
  const axes = new Set(
    values.flatMap(({ shape = [] }) => shape.flatMap((dim) => (isSymbolic(dim) ? dim.symbols : []))),
  );
  for (const [name, size] of sizes ?? []) {
    const open =
      [...axes]
        .filter((axis) => !axis.startsWith('?'))
        .map(quoted)
        .join(', ') || 'none with a name';
    if (!axes.has(name)) throw usage(`--size: no open axis is called ${quoted(name)}`, `Open axes: ${open}.`);
    if (!wholeFrom(0, size)) throw usage(`--size: ${quoted(name)} is a whole number from 0 up, not ${size}`);
  }
  checkRanges(values, ranges);
}

/** The sets for a model. Throws USAGE, and TOO_LARGE for random ones; nothing is read yet. */
export function inputSets(model: Model, options: InputOptions): readonly InputSet[] {
  const values = fedInputs(model.graph);
  checkDrawn(options);
  checkOptions(values, options);
  const { inputs = [], seed = 0, batch, sizes, ranges } = options;
  const files = [inputs].flat().map((path): InputSet => ({ path, seed: null, make: () => feedsFrom(path, values) }));
  const runs = options.runs ?? (files.length === 0 ? 1 : 0);
  // Before ONNX Runtime sees the model: it may take the memory that a declared length asks for.
  if (runs > 0) drawnDims(values, { batch, sizes });
  const drawn = Array.from({ length: runs }, (_, i): InputSet => {
    const feed: FeedOptions = { seed: seed + i, batch, sizes, ranges };
    return { path: null, seed: seed + i, make: async () => randomFeeds(values, feed) };
  });
  return [...files, ...drawn];
}
