/** Scores of members, as the fusion of these members would see them. */
import { type ImportanceOptions, type Scores, scoring } from '../../lib/analysis/importance/index.js';
import { gatherFamily } from '../../lib/analysis/members.js';
import { findRoles } from '../../lib/analysis/roles.js';
import type { Model } from '../../lib/ir/model.js';
import { finish } from '../../lib/ir/steps.js';
import { sharesOf } from '../../lib/transforms/shares.js';
import { untie } from '../../lib/transforms/untie.js';

export const SCORING: ImportanceOptions = { importance: 'l2', seed: 0, allowNonfinite: false };

/** For each member, for each group, a number a neuron. One member alone is scored as for pruning. */
export function scoresOf(models: readonly Model[], options: Partial<ImportanceOptions> = {}): readonly Scores[] {
  const untied = models.map(untie);
  const family = gatherFamily(untied[0] as Model, untied);
  const share = sharesOf(family, undefined);
  return finish(scoring(family, findRoles(family.template), share, { ...SCORING, ...options }));
}

/** Scores of one model as plain numbers. */
export const scoresAlone = (model: Model, options: Partial<ImportanceOptions> = {}): readonly (readonly number[])[] =>
  (scoresOf([model], options)[0] ?? []).map((group) => [...group]);
