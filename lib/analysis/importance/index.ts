/**
 * How important each neuron is, member by member. Each measure states terms (docs/importance.md); a neuron's score is the mean
 * of its terms. `l2` is torch-pruning's GroupMagnitudeImportance with its defaults, as the paper's code uses it.
 */
import { usage } from '../../errors.js';
import { seeded } from '../../ir/random.js';
import type { Family, Member } from '../members.js';
import type { Roles } from '../roles.js';
import { activation } from './activation.js';
import { fpgm } from './fpgm.js';
import { magnitude, scalesAlone } from './magnitude.js';
import type { Importance, ImportanceOptions, Measure, Scene, Scores, ShareOf } from './measure.js';
import { scoresFrom } from './scores.js';
import { taylor } from './taylor.js';

export { IMPORTANCES, type Importance, type ImportanceOptions, type Scores, type ShareOf } from './measure.js';
export { type Moments, momentKey, readAxes } from './moments.js';
export { type Normaliser, normaliserOf } from './normalise.js';

const MEASURES: Readonly<Record<Exclude<Importance, 'random'>, Measure>> = {
  l2: magnitude(2),
  l1: magnitude(1),
  lamp: magnitude(2),
  fpgm,
  'bn-scale': scalesAlone,
  activation,
  taylor,
};

/** What to use where a measure says nothing. */
const OTHERS: Partial<Record<Importance, string>> = {
  'bn-scale': 'They have no BatchNormalization; use l2 or l1.',
  activation: 'Use l2 or l1.',
};

/**
 * Scores all neurons of all members; closing layers are scaled by the members' shares. Yields between pieces of long work.
 * Throws NONFINITE, DTYPE_UNSUPPORTED, and USAGE where a group has nothing to be scored by.
 */
export function* scoring(
  family: Family,
  roles: Roles,
  shareOf: ShareOf,
  options: ImportanceOptions,
): Generator<void, readonly Scores[]> {
  const { importance, seed } = options;
  const { members, template } = family;
  if (importance === 'random') return members.map((member, m) => randomScores(member, seed + m));
  const scene: Scene = { family, roles, shareOf, options };
  const terms = yield* MEASURES[importance](scene);
  return members.map((member, m) => {
    const scores = scoresFrom(family, member, terms[m] ?? []);
    const silent = scores.findIndex((each) => each.length === 0);
    if (silent >= 0) throw noTerm(template.groups[silent]?.name ?? '', importance);
    return scores;
  });
}

const noTerm = (group: string, importance: Importance) =>
  usage(
    `--importance ${importance} says nothing of the neurons of ${JSON.stringify(group)}`,
    OTHERS[importance] ?? 'Use random.',
  );

function randomScores(member: Member, seed: number): Scores {
  const next = seeded(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  return member.widths.map((width) => Float64Array.from({ length: width }, next));
}
