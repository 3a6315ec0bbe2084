/** `fuse`: several trained models into one. */
import { usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { Strategy } from '../transforms/transplant.js';
import { checkData, dataRecipe, readsData, type ScoringDataOptions } from './activations.js';
import { type Expected, expectedOf } from './expected.js';
import { fuseModels, type Method } from './fuse-models.js';
import { type GroupReport, groupReports } from './groups.js';
import { loadFamily } from './load.js';
import { given, type OutputOptions, SCORING, type ScoringOptions } from './options.js';
import { makeRecipe } from './recipe.js';
import { outputOf, type Saved, saveModel } from './save.js';

/** How to fuse. */
export interface FuseOptions extends OutputOptions, ScoringOptions, ScoringDataOptions {
  /** `transplant` unless told. */
  readonly method?: Method | undefined;
  /** `joint` unless told; for `transplant`. */
  readonly strategy?: Strategy | undefined;
  /** Path of the model whose graph and widths the output has; the first member unless told. */
  readonly like?: string | undefined;
  /** Share of all members' neurons to drop, instead of the widths of `like`. */
  readonly ratio?: number | undefined;
  /** Shares of the members in the mean; they are scaled to sum 1. */
  readonly weights?: readonly number[] | undefined;
  /** Largest share of neurons from members other than the first, 0 to 1. */
  readonly transfer?: number | undefined;
  /** Refuse rather than approximate the members' mean. */
  readonly exact?: boolean | undefined;
}

/** What a fusion made, and of whose neurons. */
export interface FuseReport {
  readonly schema: 'onnx-transplant/fuse@1';
  readonly method: Method;
  readonly members: readonly string[];
  /** Undefined after a dry run. */
  readonly output: Saved | undefined;
  readonly expected: Expected;
  /** One list for each step: one for the joint strategy, none for average and ensemble. */
  readonly steps: readonly (readonly GroupReport[])[];
  readonly notes: readonly string[];
  readonly seconds: number;
}

const DEFAULTS = { ...SCORING, method: 'transplant', strategy: 'joint', transfer: 1, exact: false } as const;

/** The options with their defaults. */
const settingsOf = (options: FuseOptions) => ({ ...DEFAULTS, ...given(options) });

type Settings = ReturnType<typeof settingsOf>;

/** Fuses model files into one. Throws every refusal of reading, matching, selecting, writing and running. */
export async function fuse(paths: readonly string[], options: FuseOptions): Promise<FuseReport> {
  const started = performance.now();
  const settings = settingsOf(options);
  checkNumbers(settings);
  checkScoring(settings);
  if (!settings.dryRun) outputOf(options);
  // A refusal must not wait for the files to be hashed.
  const hashing = new AbortController();
  try {
    const report = await fuseFiles(paths, settings, options, hashing.signal);
    return { ...report, seconds: (performance.now() - started) / 1000 };
  } finally {
    hashing.abort();
  }
}

async function fuseFiles(
  paths: readonly string[],
  settings: Settings,
  options: FuseOptions,
  hashing: AbortSignal,
): Promise<Omit<FuseReport, 'seconds'>> {
  const { method, like: likePath, dryRun } = settings;
  options.onProgress?.({ stage: 'reading', done: 0, total: paths.length });
  // An ensemble runs the members as they are.
  const { members, like, notes } = await loadFamily(paths, likePath, method !== 'ensemble');
  const recipe = dryRun ? undefined : fuseRecipe(settings, members, like, hashing);
  // Awaited when the rest is written; until then a failure of the fusion comes first.
  recipe?.catch(() => undefined);
  const made = await fuseModels(members, like, settings, options);
  const inputs = [...paths, ...(likePath ? [likePath] : [])];
  const output = recipe && (await saveModel(made.model, recipe, inputs, options));
  return {
    schema: 'onnx-transplant/fuse@1',
    method,
    members: paths,
    output,
    expected: expectedOf(made.model, options),
    steps: made.rankings.map(groupReports),
    notes: [...notes, ...made.notes, ...(output?.notes ?? [])],
  };
}

/** What is needed to do it again; where `like` is no member it stands last among the inputs. */
function fuseRecipe(settings: Settings, members: readonly Model[], like: Model | undefined, hashing: AbortSignal) {
  const { method, strategy, importance, scope, seed, ratio, weights, transfer, exact } = settings;
  const own = like ? members.indexOf(like) : 0;
  const data = dataRecipe(settings);
  const options = { method, strategy, importance, scope, seed, ratio, weights, transfer, exact, ...data };
  const inputs = own < 0 && like ? [...members, like] : members;
  return makeRecipe('fuse', { ...options, like: own < 0 ? members.length : own }, inputs, hashing);
}

/** Throws USAGE where neurons cannot be scored as asked for. */
function checkScoring(settings: Settings): void {
  const { importance, method, strategy } = settings;
  checkData(importance, settings);
  if (!readsData(importance) || method !== 'transplant' || strategy === 'joint') return;
  throw usage(
    `--strategy ${strategy} fuses what was fused before, which --importance ${importance} has not seen on the data`,
    'Use --strategy joint.',
  );
}

function checkNumbers({ ratio, transfer }: { readonly ratio?: number; readonly transfer: number }): void {
  if (ratio !== undefined && !(ratio >= 0 && ratio < 1))
    throw usage(`--ratio is a share from 0 to below 1, not ${ratio}`);
  if (!(transfer >= 0 && transfer <= 1)) throw usage(`--transfer is a share from 0 to 1, not ${transfer}`);
}
