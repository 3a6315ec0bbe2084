/** Scores and kept neurons against those of the paper's code. */
import { findNeurons } from '../../lib/analysis/neurons.js';
import { loadMember } from '../../lib/commands/load.js';
import { SCORING } from '../../lib/commands/options.js';
import type { NdArray } from '../../lib/ir/ndarray.js';
import type { RankedGroup } from '../../lib/transforms/select.js';
import { transplant } from '../../lib/transforms/transplant.js';
import { untie } from '../../lib/transforms/untie.js';
import { type Case, memberPath } from './cases.js';

export interface Ranks {
  readonly groups: number;
  /** Largest relative difference of a score. */
  readonly worst: number;
  /** Whether the very same neurons were kept. */
  readonly kept: boolean;
}

/** The largest distance between two lists; infinite where their lengths differ. */
export function largest(
  a: ArrayLike<number | bigint>,
  b: ArrayLike<number | bigint>,
  distance: (x: number, y: number) => number,
): number {
  let worst = a.length === b.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < a.length; i++) worst = Math.max(worst, distance(Number(a[i]), Number(b[i])));
  return worst;
}

/** Compares with `score.LAYER` and `kept.LAYER`, `pruneN.` in front where there were several prunings. */
export function compareRanks({ members, options }: Case, expected: ReadonlyMap<string, NdArray>): Ranks {
  const models = members.map((name) => loadMember(memberPath(name)));
  const template = options?.like ? loadMember(options.like) : (models[0] as (typeof models)[number]);
  const { rankings } = transplant(models, {
    ...SCORING,
    transfer: 1,
    exact: false,
    strategy: options?.strategy ?? 'joint',
    like: template,
    ...(options?.ratio ? { ratio: options.ratio } : {}),
  });
  const { groups } = findNeurons(untie(template));
  let [count, worst, kept] = [0, 0, true];
  for (const [key, score] of expected) {
    const [, step, layer] = /^(?:prune(\d+)\.)?score\.(.+)$/.exec(key) ?? [];
    if (!layer) continue;
    // A linear layer without bias has lost its name in the file: there the layers stand in the order fc1, fc2, ..
    const place = Number(/^fc(\d+)$/.exec(layer)?.[1] ?? 0) - 1;
    const named = groups.find(({ axes }) => axes.some(({ value, axis }) => value === `${layer}.weight` && axis === 0));
    const ranked = rankings[Number(step ?? 0)]?.[(named ?? groups[place])?.id ?? -1] as RankedGroup;
    const keptThere = expected.get(key.replace('score.', 'kept.')) as NdArray;
    count += 1;
    worst = Math.max(
      worst,
      largest(ranked.scores, score.data, (x, y) => Math.abs(x / y - 1)),
    );
    kept = kept && largest(ranked.kept, keptThere.data, (x, y) => Math.abs(x - y)) === 0;
  }
  return { groups: count, worst, kept };
}
