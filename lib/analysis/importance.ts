/**
 * How important each neuron is, member by member. `l2` is torch-pruning's GroupMagnitudeImportance with its defaults, as the
 * paper's code uses it (docs/importance.md): the mean over the layers of a group of squared norms.
 */
import { nonfinite, usage } from '../errors.js';
import type { Tensor } from '../ir/model.js';
import { seeded } from '../ir/random.js';
import { energyAlong } from './energy.js';
import type { NodeLayer } from './groups.js';
import type { Family, Member } from './members.js';
import type { Roles } from './roles.js';

export const IMPORTANCES = ['l2', 'l1', 'bn-scale', 'random'] as const;
/** A measure of importance. */
export type Importance = (typeof IMPORTANCES)[number];

/** How to score neurons. */
export interface ImportanceOptions {
  readonly importance: Importance;
  /** For `random`. */
  readonly seed: number;
  /** Count NaN and infinite weights as nothing instead of refusing the member. */
  readonly allowNonfinite: boolean;
}

/** Scores of one member: for each group one number a neuron. */
export type Scores = readonly Float64Array[];

/** What one side of a layer or one scale adds to the score of one group. */
interface Term {
  readonly tensor: string;
  /** The axis whose positions are scored. */
  readonly axis: number;
  readonly sums: Float64Array;
}

/** Scores all neurons of a member; `share` is its share in the mean, by which closing layers are scaled. */
export function scoreMember(
  family: Family,
  roles: Roles,
  member: Member,
  share: (layer: NodeLayer) => number,
  options: ImportanceOptions,
): Scores {
  if (options.importance === 'random') return randomScores(member, options.seed + family.members.indexOf(member));
  const terms =
    options.importance === 'bn-scale'
      ? scaleTerms(family, member, 1, options)
      : weightTerms(family, roles, member, share, options.importance === 'l2' ? 2 : 1, options);
  const scores = member.widths.map((width) => new Float64Array(width));
  const entries = member.widths.map(() => 0);
  for (const term of terms) addTerm(member, term, scores, entries);
  scores.forEach((each, group) => {
    const count = entries[group] as number;
    if (count === 0) throw noTerm(family, group, options.importance);
    for (let i = 0; i < each.length; i++) each[i] = (each[i] as number) / count;
  });
  return scores;
}

/** Adds a term to every group on its axis. */
function addTerm(member: Member, term: Term, scores: readonly Float64Array[], entries: number[]): void {
  const labels = member.labels(term.tensor, term.axis);
  if (!labels) return;
  const touched = new Set<number>();
  for (let p = 0; p < labels.group.length; p++) {
    const group = labels.group[p] as number;
    if (group < 0) continue;
    const neuron = labels.neuron[p] as number;
    (scores[group] as Float64Array)[neuron] =
      ((scores[group] as Float64Array)[neuron] as number) + (term.sums[p] as number);
    touched.add(group);
  }
  for (const group of touched) entries[group] = (entries[group] as number) + 1;
}

/** Rows and columns of every layer's weight, and the scales of normalisations; a layer called twice counts once. */
function weightTerms(
  family: Family,
  roles: Roles,
  member: Member,
  share: (layer: NodeLayer) => number,
  p: 1 | 2,
  options: ImportanceOptions,
): readonly Term[] {
  const seen = new Set<string>();
  const first = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  const terms = family.template.layers.flatMap((layer): readonly Term[] => {
    const tensor = member.tensor(layer.weight);
    const own = [layer.out, layer.in].filter((axis) => first(`${axis} ${layer.weight}`));
    const sides = layer.depthwise ? [] : own.filter((axis) => member.labels(layer.weight, axis));
    if (!tensor || sides.length === 0) return [];
    const closing = roles.averaged.get(layer.weight);
    const weigh = closing && scaledRows(member, tensor, layer, share(closing.layer) ** p);
    const energy = energyAlong(tensor, layer.out, layer.in, p, weigh);
    if (!energy.finite && !options.allowNonfinite) throw nonfinite(member.model.label, tensor.name);
    return sides.map((axis) => ({
      tensor: layer.weight,
      axis,
      sums: finiteOnly(axis === layer.out ? energy.first : energy.second),
    }));
  });
  return [...terms, ...scaleTerms(family, member, p, options)];
}

/** 1 for output positions that are neurons, `scale` for those that are tied to the graph's output. */
function scaledRows(member: Member, tensor: Tensor, layer: NodeLayer, scale: number): Float64Array {
  const labels = member.labels(layer.weight, layer.out);
  return Float64Array.from({ length: tensor.dims[layer.out] ?? 1 }, (_, i) =>
    (labels?.group[i] ?? -1) < 0 ? scale : 1,
  );
}

const finiteOnly = (sums: Float64Array): Float64Array => sums.map((sum) => (Number.isFinite(sum) ? sum : 0));

function scaleTerms(family: Family, member: Member, p: 1 | 2, options: ImportanceOptions): readonly Term[] {
  const seen = new Set<string>();
  return family.template.scales.flatMap(({ at }): readonly Term[] => {
    const tensor = member.tensor(at.value);
    if (!tensor || seen.has(at.value) || !member.labels(at.value, at.axis)) return [];
    seen.add(at.value);
    const energy = energyAlong(tensor, at.axis, at.axis, p);
    if (!energy.finite && !options.allowNonfinite) throw nonfinite(member.model.label, tensor.name);
    return [{ tensor: at.value, axis: at.axis, sums: finiteOnly(energy.first) }];
  });
}

function noTerm(family: Family, group: number, importance: Importance) {
  const name = family.template.groups[group]?.name ?? '';
  return usage(
    `--importance ${importance} says nothing of the neurons of ${JSON.stringify(name)}`,
    importance === 'bn-scale' ? 'They have no BatchNormalization; use l2 or l1.' : 'Use random.',
  );
}

function randomScores(member: Member, seed: number): Scores {
  const next = seeded(Math.imul(seed + 1, 0x9e3779b1) >>> 0);
  return member.widths.map((width) => Float64Array.from({ length: width }, next));
}
