/** The end of every transform: written under another name, read again, verified, run, and only then renamed into place. */
import { inferShapes } from '../analysis/shapes.js';
import { defect, outputNotRun, TransplantError, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { tensorByteLength } from '../ir/numeric.js';
import { verifyModel } from '../ir/verify.js';
import { readModel } from '../onnx/read.js';
import { skeletonOf } from '../onnx/skeleton.js';
import { requireNoInput, requireWritable } from '../onnx/target.js';
import { writeModel } from '../onnx/write.js';
import { tryModel } from '../runtime/trial.js';
import type { OutputOptions } from './options.js';
import { fits, type NeuronOrigins, originsMetadata, withoutOrigins } from './origins.js';
import { type Recipe, recipeMetadata, withoutRecipe } from './recipe.js';

/** A model that was written, and what was checked. */
export interface Saved {
  readonly path: string;
  /** The model and, where its weights lie beside it, the data file. */
  readonly files: readonly string[];
  readonly bytes: number;
  /** Whether ONNX Runtime ran it before it was named. */
  readonly validated: boolean;
  /** What the run showed that a user should know. */
  readonly notes: readonly string[];
}

/** From here on (64 MiB) the copy that ONNX Runtime makes of the weights inside a file costs more than all the rest. */
const LARGE_BYTES = 2 ** 26;

/** The output path of a command. Throws USAGE where it is missing. */
export function outputOf(options: OutputOptions): string {
  if (options.output) return options.output;
  throw usage(
    'this command writes a model and needs a name for it',
    'Add -o OUT.onnx, or --dry-run to see what it would make.',
  );
}

/**
 * The same before long work, so that what would be refused at its end is refused at once. Throws USAGE, OUTPUT_PATH, and
 * OUTPUT_IS_INPUT for one of the inputs.
 */
export function checkOutput(options: OutputOptions, inputs: readonly string[]): void {
  const path = outputOf(options);
  requireWritable(path);
  if (!options.inPlace) requireNoInput(path, inputs);
}

/** Where what is left of some heads or groups is one neuron and no longer several. */
const REGROUPED = 'its neurons form other groups than those that were chosen from, so it does not note whose they are';

/**
 * Writes and checks a model, with what is known of whose neurons it holds: `kept` where they are those that its metadata
 * tells of, undefined where nothing is known. Throws what reading, verifying, running and writing throw; then nothing
 * is left behind.
 */
export async function saveModel(
  model: Model,
  recipe: Promise<Recipe>,
  inputs: readonly string[],
  options: OutputOptions,
  origins: NeuronOrigins | 'kept' | undefined,
): Promise<Saved> {
  const path = outputOf(options);
  const notes: string[] = [];
  const check = async (temporary: string) => {
    options.onProgress?.({ stage: 'checking', done: 0, total: 1 });
    const bytes = checkFile(temporary);
    if (options.validate ?? true) notes.push(...(await runFile(temporary, bytes, options)));
  };
  const told = origins === 'kept' ? undefined : origins;
  const known = told && fits(model, told);
  if (known === false) notes.push(REGROUPED);
  const bare = withoutRecipe(origins === 'kept' ? model : withoutOrigins(model));
  const written = await writeModel(bare, path, {
    metadata: recipe.then(
      (made) => new Map([...recipeMetadata(made), ...(told && known ? originsMetadata(told) : [])]),
    ),
    externalData: options.externalData ?? 'auto',
    inputs,
    inPlace: options.inPlace ?? false,
    check,
    ...(options.signal ? { signal: options.signal } : {}),
    onProgress: (done, total) => options.onProgress?.({ stage: 'writing', done, total }),
  });
  return { path, files: written.files, bytes: written.bytes, validated: options.validate ?? true, notes };
}

/** What we wrote must read as a sound model; if not, that is our fault and not the user's. Answers its weights' bytes. */
function checkFile(path: string): number {
  try {
    const model = readModel(path);
    verifyModel(model);
    inferShapes(model);
    return [...model.graph.initializers.values()].reduce((sum, tensor) => sum + tensorByteLength(tensor), 0);
  } catch (error) {
    if (error instanceof TransplantError && error.code === 'FILE_SYSTEM') throw error;
    throw defect(
      `the file that was written is not sound: ${error instanceof Error ? error.message : String(error)}`,
      error,
    );
  }
}

/** Runs the file; a large one through its skeleton, so that ONNX Runtime maps its weights and does not copy them. */
async function runFile(path: string, bytes: number, options: OutputOptions): Promise<readonly string[]> {
  const { bytes: source, folder } = bytes > LARGE_BYTES ? skeletonOf(path) : { bytes: path, folder: undefined };
  const settings = { ep: options.ep, lean: true, batch: 1, folder, label: options.output };
  const trial = await tryModel(source, settings).catch((error: unknown) => {
    const refused = error instanceof TransplantError && (error.code === 'RUNTIME_LOAD' || error.code === 'RUNTIME_RUN');
    throw refused ? outputNotRun(error) : error;
  });
  return trial.nonfinite.map((name) => `output ${JSON.stringify(name)} is not finite on a random input`);
}
