/** `fuse`: several trained models into one. */
import { usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { Strategy } from '../transforms/transplant.js';
import { checkData, dataRecipe, readsData, type ScoringDataOptions } from './activations.js';
import { type Expected, expectedOf } from './expected.js';
import {
  checkFineTune,
  type FineTuneOptions,
  fineTuneRecipe,
  ORDER,
  type Order,
  trainingOf,
} from './fine-tune-options.js';
import { fuseModels, type Method } from './fuse-models.js';
import { type FineTuned, fuseInOrder, type StageReport } from './fuse-orders.js';
import { type GroupReport, groupReports } from './groups.js';
import { loadFamily } from './load.js';
import { lossFiles } from './loss-option.js';
import { given, type OutputOptions, SCORING, type ScoringOptions } from './options.js';
import { originsOf } from './origins.js';
import { pickedInSteps } from './picks.js';
import { makeRecipe } from './recipe.js';
import { checkOutput, outputOf, type Saved, saveModel } from './save.js';
import { checkStatePath } from './training-state.js';

/** How to fuse. */
export interface FuseOptions extends OutputOptions, ScoringOptions, ScoringDataOptions, FineTuneOptions {
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
  /** Only where it was fine-tuned: what was done after what, and what each stage made of the model. */
  readonly fineTuning?: { readonly order: Order; readonly stages: readonly StageReport[] } | undefined;
  readonly notes: readonly string[];
  readonly seconds: number;
}

const DEFAULTS = { ...SCORING, method: 'transplant', strategy: 'joint', transfer: 1, exact: false } as const;

/** The options with their defaults. What is trained on is what neurons are scored on, where nothing else is named. */
function settingsOf(options: FuseOptions) {
  const { fineTune } = options;
  const settings = { ...DEFAULTS, ...given(options) };
  const data = readsData(settings.importance) && typeof fineTune === 'string' ? { data: fineTune } : {};
  return { ...data, ...settings };
}

type Settings = ReturnType<typeof settingsOf>;

/** Fuses model files into one. Throws every refusal of reading, matching, selecting, writing and running. */
export async function fuse(paths: readonly string[], options: FuseOptions): Promise<FuseReport> {
  const started = performance.now();
  const settings = settingsOf(options);
  checkNumbers(settings);
  checkScoring(settings);
  checkFineTune(options, settings);
  if (!settings.dryRun) outputOf(options);
  if (options.fineTune !== undefined) checkPlaces(paths, options);
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
  const order = options.fineTune === undefined ? undefined : (options.order ?? ORDER);
  const made = order ? await fineTuned(members, like, settings, options, order) : await fused(members, like, settings);
  const inputs = inputsOf(paths, options);
  const origins = made.picks && originsOf(members, made.picks);
  const output = recipe && (await saveModel(made.model, recipe, inputs, options, origins));
  return {
    schema: 'onnx-transplant/fuse@1',
    method,
    members: paths,
    output,
    expected: expectedOf(made.model, options),
    steps: made.steps,
    ...(order && { fineTuning: { order, stages: made.stages } }),
    notes: [...notes, ...made.notes, ...(output?.notes ?? [])],
  };
}

const inputsOf = (paths: readonly string[], { like, loss }: FuseOptions): readonly string[] => [
  ...paths,
  ...lossFiles(loss),
  ...(like === undefined ? [] : [like]),
];

/** Before long work: throws OUTPUT_PATH and OUTPUT_IS_INPUT for where the output and the state shall go. */
function checkPlaces(paths: readonly string[], options: FuseOptions): void {
  const inputs = inputsOf(paths, options);
  if (!options.dryRun) checkOutput(options, inputs);
  if (options.checkpoint !== undefined) checkStatePath(options.checkpoint, inputs);
}

async function fused(members: readonly Model[], like: Model | undefined, settings: Settings): Promise<FineTuned> {
  const { model, notes, rankings } = await fuseModels(members, like, settings, settings);
  const picks = pickedInSteps(settings.strategy, members.length, rankings);
  return { model, notes, steps: rankings.map(groupReports), picks, stages: [] };
}

/** Fuses and trains. The settings of a state are those of the recipe. */
function fineTuned(
  members: readonly Model[],
  like: Model | undefined,
  settings: Settings,
  options: FuseOptions,
  order: Order,
): Promise<FineTuned> {
  const recipe = recipeSettings(settings, members, like);
  return fuseInOrder({ members, like, settings, measuring: settings, training: trainingOf(options), recipe }, order);
}

/** What is needed to do it again; where `like` is no member it stands last among the inputs. */
function recipeSettings(settings: Settings, members: readonly Model[], like: Model | undefined) {
  const { method, strategy, importance, scope, seed, ratio, weights, transfer, exact } = settings;
  const own = like ? members.indexOf(like) : 0;
  const data = dataRecipe(settings);
  const options = { method, strategy, importance, scope, seed, ratio, weights, transfer, exact, ...data };
  return { ...options, like: own < 0 ? members.length : own, ...fineTuneRecipe(settings) };
}

function fuseRecipe(settings: Settings, members: readonly Model[], like: Model | undefined, hashing: AbortSignal) {
  const inputs = like && !members.includes(like) ? [...members, like] : members;
  return makeRecipe('fuse', recipeSettings(settings, members, like), inputs, hashing);
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
