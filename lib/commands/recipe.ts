/** What a transform did, kept in the output's metadata so that it can be repeated bit for bit. */
import type { Model } from '../ir/model.js';
import { MAX_RECIPE_DEPTH } from '../limits.js';
import { hashFiles } from '../onnx/hash.js';
import { VERSION } from './version.js';

/** The metadata key. */
export const RECIPE_KEY = 'onnx-transplant.recipe';

export interface Recipe {
  readonly tool: string;
  readonly command: string;
  /** The options that matter for the result, defaults included. */
  readonly options: Readonly<Record<string, unknown>>;
  /** The inputs by file name, with the SHA-256 of their bytes (model file first, then external data). */
  readonly inputs: readonly { readonly name: string; readonly sha256: readonly string[] }[];
}

/** Starts hashing the input files (in the background) and answers the recipe when that is done. */
export async function makeRecipe(
  command: string,
  options: Readonly<Record<string, unknown>>,
  models: readonly Model[],
  signal?: AbortSignal,
): Promise<Recipe> {
  const hashes = await hashFiles(models, signal);
  return {
    tool: `onnx-transplant ${VERSION}`,
    command,
    options,
    inputs: models.map((model, i) => ({ name: baseName(model.label), sha256: hashes[i] ?? [] })),
  };
}

/** A path without its folders, so that a recipe does not tell of the machine. */
export const baseName = (path: string): string => path.split(/[\\/]/).at(-1) ?? path;

/** The recipe as metadata. */
export const recipeMetadata = (recipe: Recipe): ReadonlyMap<string, string> =>
  new Map([[RECIPE_KEY, JSON.stringify(recipe)]]);

/** The model without the recipe by which it was made, for something new is being made of it. */
export const withoutRecipe = (model: Model): Model => ({
  ...model,
  metadata: new Map([...model.metadata].filter(([key]) => key !== RECIPE_KEY)),
});

/** The recipe text in a model's metadata, if a transform of ours left one. */
export const recipeOf = (model: Model): string | undefined => model.metadata.get(RECIPE_KEY);

/** Whether a value of JSON nests no deeper than `depth`. */
const isWithin = (value: unknown, depth: number): boolean =>
  typeof value !== 'object' ||
  value === null ||
  (depth > 0 && Object.values(value).every((each) => isWithin(each, depth - 1)));

/** That text as an object, or as it is where it is no JSON that can be a recipe; null where there is none. */
export function parsedRecipe(model: Model): unknown {
  const text = recipeOf(model);
  if (text === undefined) return null;
  try {
    const recipe: unknown = JSON.parse(text);
    return isWithin(recipe, MAX_RECIPE_DEPTH) ? recipe : text;
  } catch {
    return text;
  }
}
