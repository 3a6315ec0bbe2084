/** `fuse`: several trained models into one. */
import { usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { average } from '../transforms/average.js';
import { ensemble } from '../transforms/ensemble.js';
import { type Strategy, type Transplanted, type TransplantOptions, transplantSteps } from '../transforms/transplant.js';
import { type Expected, expectedOf } from './expected.js';
import { type GroupReport, groupReports } from './groups.js';
import { loadMember, loadMembers } from './load.js';
import { given, type OutputOptions, SCORING, type ScoringOptions } from './options.js';
import { inBreaths } from './pause.js';
import { prove } from './proof.js';
import { makeRecipe } from './recipe.js';
import { outputOf, type Saved, saveModel } from './save.js';

export const METHODS = ['transplant', 'average', 'ensemble'] as const;
/** How several models become one. */
export type Method = (typeof METHODS)[number];

/** How to fuse. */
export interface FuseOptions extends OutputOptions, ScoringOptions {
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

const settingsOf = (options: FuseOptions) => ({ ...DEFAULTS, ...given(options) });

type Settings = ReturnType<typeof settingsOf>;

/** Fuses model files into one. Throws every refusal of reading, matching, selecting, writing and running. */
export async function fuse(paths: readonly string[], options: FuseOptions): Promise<FuseReport> {
  const started = performance.now();
  const settings = settingsOf(options);
  checkNumbers(settings);
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
  const { method, like: likePath, dryRun, ep } = settings;
  options.onProgress?.({ stage: 'reading', done: 0, total: paths.length });
  const members = loadMembers(paths);
  const like = likePath === undefined ? undefined : (members[paths.indexOf(likePath)] ?? loadMember(likePath));
  const recipe = dryRun ? undefined : fuseRecipe(settings, members, like, hashing);
  // Awaited when the rest is written; until then a failure of the fusion comes first.
  recipe?.catch(() => undefined);
  const onStep = () => options.onProgress?.({ stage: 'scoring', done: 0, total: 1 });
  const steps = fuseModels(members, { ...settings, ...(like ? { like } : {}) } as MethodOptions);
  const made = await inBreaths(steps, options.signal, onStep);
  await prove(made.proofs, like ?? (members[0] as Model), ep);
  const inputs = [...paths, ...(likePath ? [likePath] : [])];
  const output = recipe && (await saveModel(made.model, recipe, inputs, options));
  return {
    schema: 'onnx-transplant/fuse@1',
    method,
    members: paths,
    output,
    expected: expectedOf(made.model, options),
    steps: made.rankings.map(groupReports),
    notes: [...made.notes, ...(output?.notes ?? [])],
  };
}

/** What is needed to do it again; where `like` is no member it stands last among the inputs. */
function fuseRecipe(settings: Settings, members: readonly Model[], like: Model | undefined, hashing: AbortSignal) {
  const { method, strategy, importance, scope, seed, ratio, weights, transfer, exact } = settings;
  const own = like ? members.indexOf(like) : 0;
  const options = { method, strategy, importance, scope, seed, ratio, weights, transfer, exact };
  const inputs = own < 0 && like ? [...members, like] : members;
  return makeRecipe('fuse', { ...options, like: own < 0 ? members.length : own }, inputs, hashing);
}

type MethodOptions = TransplantOptions & { readonly method: Method };

function* fuseModels(members: readonly Model[], options: MethodOptions): Generator<void, Transplanted> {
  switch (options.method) {
    case 'transplant':
      return yield* transplantSteps(members, options);
    case 'average':
      return { ...average(members, options), rankings: [] };
    case 'ensemble':
      return { ...ensemble(members, options), rankings: [] };
  }
}

function checkNumbers({ ratio, transfer }: { readonly ratio?: number; readonly transfer: number }): void {
  if (ratio !== undefined && !(ratio >= 0 && ratio < 1))
    throw usage(`--ratio is a share from 0 to below 1, not ${ratio}`);
  if (!(transfer >= 0 && transfer <= 1)) throw usage(`--transfer is a share from 0 to 1, not ${transfer}`);
}
