/** `prune`: the best neurons of one model. */
import { quoted, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { weightsOf } from '../report/contents.js';
import { familyToPrune, pruneSteps } from '../transforms/prune.js';
import { checkData, dataRecipe, type ScoringDataOptions } from './activations.js';
import { type Expected, expectedOf } from './expected.js';
import { type Explanation, explain } from './explain.js';
import { foldAll } from './fold-constants.js';
import { type GroupReport, groupReports } from './groups.js';
import { loadMember } from './load.js';
import { type MaskReport, proveByMask } from './mask-proof.js';
import { measureOn } from './measured.js';
import { given, type OutputOptions, SCORING, type ScoringOptions } from './options.js';
import { originsAfter } from './origins.js';
import { inBreaths } from './pause.js';
import { pickedBy } from './picks.js';
import { type ModelSize, type SizeWishes, sizeOf, targetOf, wishOf } from './prune-size.js';
import { makeRecipe, type Recipe } from './recipe.js';
import { outputOf, type Saved, saveModel } from './save.js';

/** How to prune. */
export interface PruneOptions extends OutputOptions, ScoringOptions, ScoringDataOptions, SizeWishes {
  /** Share of the neurons to drop, from 0 to below 1: of each group, or with scope `global` of all. 0 where only `ratioFor` is given. The least that reaches `targetParams` or `targetMacs`, where one of these is given in its place. */
  readonly ratio?: number | undefined;
  /** Ratios of single groups, by the names that `ignore` takes too; such a group competes with no other. */
  readonly ratioFor?: Readonly<Record<string, number>> | undefined;
  /** Largest share of a group that may go; 1 unless told. One neuron stays in any case. */
  readonly maxRatio?: number | undefined;
  /** Groups compete only with those of the same structure; takes scope `global`, which it sets where no scope is told. */
  readonly isomorphic?: boolean | undefined;
  /** Widths that change become a multiple of this; 1 unless told. */
  readonly roundTo?: number | undefined;
  /** Names of initializers, values, groups or nodes whose neurons stay. */
  readonly ignore?: readonly string[] | undefined;
  /** Drop whole heads and groups, not the same neuron of each. */
  readonly heads?: boolean | undefined;
  /** Before anything is written, compare the pruned model with the one in which the removed neurons are only masked. */
  readonly mask?: boolean | undefined;
  /** Tell every group with its axes and scores, and what cannot be pruned and why. */
  readonly explain?: boolean | undefined;
}

/** What pruning left. */
export interface PruneReport {
  readonly schema: 'onnx-transplant/prune@1';
  readonly model: string;
  /** Undefined after a dry run. */
  readonly output: Saved | undefined;
  readonly expected: Expected;
  readonly groups: readonly GroupReport[];
  /** The ratio that was used: the one that was given, or the least that reaches the target. */
  readonly ratio: number;
  /** The size that was asked for, where one was; `after` has what was reached. */
  readonly target: { readonly what: string; readonly most: number } | null;
  /** Of weights that the file computes from constants the results count. */
  readonly before: ModelSize;
  readonly after: ModelSize;
  /** How far the pruned model is from the masked one; only where that was asked for. */
  readonly mask?: MaskReport;
  /** Only where it was asked for. */
  readonly explanation?: Explanation;
  readonly notes: readonly string[];
  readonly seconds: number;
}

const DEFAULTS = {
  ...SCORING,
  isomorphic: false,
  maxRatio: 1,
  roundTo: 1,
  ignore: [],
  heads: false,
  dryRun: false,
} as const;

function settingsOf(options: PruneOptions) {
  const settings = { ...DEFAULTS, ...(options.isomorphic ? { scope: 'global' as const } : {}), ...given(options) };
  checkNumbers(settings);
  checkData(settings.importance, settings);
  const { ratioFor = {} } = settings;
  return { ...settings, ratio: settings.ratio ?? 0, ratioFor: new Map(Object.entries(ratioFor)) };
}

function checkNumbers({ ratio, ratioFor, maxRatio, roundTo, ...wishes }: PruneOptions): void {
  const wish = wishOf(wishes);
  if (ratio === undefined && !wish && Object.keys(ratioFor ?? {}).length === 0) {
    throw usage(
      'prune needs to know how much to drop',
      'Add --ratio 0.5, --target-params 50%, or --ratio-for NAME=0.5 for one layer.',
    );
  }
  if (ratio !== undefined && wish) throw usage(`--ratio and ${wish.option} exclude each other`, 'Give one of them.');
  for (const [option, share] of [['--ratio', ratio ?? 0], ...Object.entries(ratioFor ?? {})] as const) {
    if (share >= 0 && share < 1) continue;
    throw usage(
      `${option === '--ratio' ? option : `--ratio-for ${quoted(option)}`} is a share from 0 to below 1, not ${share}`,
    );
  }
  if (maxRatio !== undefined && !(maxRatio >= 0 && maxRatio <= 1)) {
    throw usage(`--max-ratio is a share from 0 to 1, not ${maxRatio}`);
  }
  if (roundTo !== undefined && !(Number.isSafeInteger(roundTo) && roundTo >= 1)) {
    throw usage(`--round-to is a whole number from 1 up, not ${roundTo}`);
  }
}

const ALREADY = 'the model is no larger than what was asked for: no neuron had to go';

type Settings = ReturnType<typeof settingsOf>;

/** What is needed to do it again: the ratio, whatever led to it. */
function pruneRecipe(settings: Settings, ratio: number, model: Model): Promise<Recipe> {
  const { importance, scope, isomorphic, maxRatio, roundTo, seed, ignore, heads } = settings;
  const ratioFor = Object.fromEntries(settings.ratioFor);
  const options = { ratio, ratioFor, importance, scope, isomorphic, maxRatio, roundTo, seed, ignore, heads };
  return makeRecipe('prune', { ...options, ...dataRecipe(settings) }, [model]);
}

/** Prunes a model file. Throws every refusal of reading, scoring, writing and running. */
export async function prune(path: string, options: PruneOptions): Promise<PruneReport> {
  const started = performance.now();
  const settings = settingsOf(options);
  if (!settings.dryRun) outputOf(options);
  options.onProgress?.({ stage: 'reading', done: 0, total: 1 });
  const { models, notes: folded } = await foldAll([loadMember(path)]);
  const model = models[0] as Model;
  const family = familyToPrune(model, settings.heads ? 'outer' : 'inner');
  const neurons = family.template;
  const measured = await measureOn(settings.importance, [neurons], options);
  const { parameters } = weightsOf(model);
  const onStep = () => options.onProgress?.({ stage: 'scoring', done: 0, total: 1 });
  const target = targetOf(settings, neurons, parameters);
  const made = await inBreaths(pruneSteps(family, { ...settings, ...measured, target }), options.signal, onStep);
  const mask = options.mask ? await proveByMask(made, options) : undefined;
  const recipe = settings.dryRun ? undefined : pruneRecipe(settings, made.ratio, model);
  const origins = originsAfter(model, neurons, pickedBy(made.ranking));
  const output = recipe && (await saveModel(made.model, recipe, [path], options, origins));
  return {
    schema: 'onnx-transplant/prune@1',
    model: path,
    output,
    expected: expectedOf(made.model, options),
    groups: groupReports(made.ranking),
    ratio: made.ratio,
    target: target ? { what: target.what, most: target.most } : null,
    before: { ...sizeOf(neurons.model, neurons.facts), parameters },
    after: sizeOf(neurons.model, made.facts),
    ...(mask ? { mask } : {}),
    ...(options.explain ? { explanation: explain(made) } : {}),
    notes: [...folded, ...(target && made.ratio === 0 ? [ALREADY] : []), ...made.notes, ...(output?.notes ?? [])],
    seconds: (performance.now() - started) / 1000,
  };
}
