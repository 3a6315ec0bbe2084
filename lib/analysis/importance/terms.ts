/** From terms to scores, and which weights make terms. */
import { nonfinite } from '../../errors.js';
import type { Tensor } from '../../ir/model.js';
import { type Energy, energyAlong } from '../energy.js';
import type { Labels, NodeLayer } from '../groups.js';
import type { Member } from '../members.js';
import type { Scene, Scores, Term } from './measure.js';

/** How often the neurons of each group stand on the axis along which they are counted: once, or once a head or group. */
export type Multiplicities = readonly number[];

const occurrences = (labels: Labels, group: number): number => {
  let count = 0;
  for (const each of labels.group) if (each === group) count += 1;
  return count;
};

export const multiplicitiesOf = ({ template }: Scene['family'], member: Member): Multiplicities =>
  template.groups.map(({ id, reference }) => {
    const labels = member.labels(reference.value, reference.axis);
    return labels ? Math.max(1, Math.round(occurrences(labels, id) / (member.widths[id] as number))) : 1;
  });

/**
 * The mean of a member's terms for each neuron. Positions of one neuron add up (the columns behind a Flatten); where it stands
 * in every head or group they are averaged, as torch-pruning does. A group without a term gets an empty array.
 */
export function scoresFrom(member: Member, terms: readonly Term[], heads: Multiplicities): Scores {
  const scores = member.widths.map((width) => new Float64Array(width));
  const entries = member.widths.map(() => 0);
  for (const term of terms) addTerm(member, term, heads, scores, entries);
  return scores.map((each, group) => {
    const count = entries[group] as number;
    return count === 0 ? new Float64Array(0) : each.map((score) => score / count);
  });
}

function addTerm(
  member: Member,
  term: Term,
  heads: Multiplicities,
  scores: readonly Float64Array[],
  entries: number[],
): void {
  const labels = member.labels(term.tensor, term.axis);
  if (!labels) return;
  for (const group of new Set(labels.group)) {
    if (group < 0) continue;
    const each = scores[group] as Float64Array;
    const times = Math.round(occurrences(labels, group) / each.length);
    const part = 1 / Math.max(1, Math.min(heads[group] as number, times));
    for (let p = 0; p < labels.group.length; p++) {
      if (labels.group[p] !== group) continue;
      const neuron = labels.neuron[p] as number;
      each[neuron] = (each[neuron] as number) + (term.sums[p] as number) * part;
    }
    entries[group] = (entries[group] as number) + 1;
  }
}

/** A layer and the axes of its weight whose neurons it weighs, the outputs first. */
export interface CountedLayer {
  readonly layer: NodeLayer;
  readonly sides: readonly number[];
}

/**
 * Layers whose weights count: not the depthwise ones, and each side of a weight once, however often it is called. A matrix that
 * one node multiplies by columns and another by rows (a tied head) weighs what it makes and what it reads.
 */
export function countedLayers({ family }: Scene): readonly CountedLayer[] {
  const seen = new Set<string>();
  const first = (key: string): boolean => !seen.has(key) && seen.add(key) !== undefined;
  return family.template.layers
    .map((layer) => ({ layer, own: [layer.out, layer.in].filter((axis) => first(`${axis} ${layer.weight}`)) }))
    .flatMap(({ layer, own }) => (layer.depthwise || own.length === 0 ? [] : [{ layer, sides: own }]));
}

/** A factor for each output position of a layer: its share in the mean where the position is no neuron; undefined for 1. */
export function closingScale(
  { roles, shareOf, family }: Scene,
  member: Member,
  tensor: Tensor,
  layer: NodeLayer,
  power: number,
): Float64Array | undefined {
  const closing = roles.averaged.get(layer.weight);
  if (!closing) return undefined;
  const scale = shareOf(closing.layer, family.members.indexOf(member)) ** power;
  const labels = member.labels(layer.weight, layer.out);
  return Float64Array.from({ length: tensor.dims[layer.out] ?? 1 }, (_, i) =>
    (labels?.group[i] ?? -1) < 0 ? scale : 1,
  );
}

/** Sums of |w|^p along two axes, NaN and infinity refused or counted as nothing. Throws NONFINITE. */
export function finiteEnergy(
  { options }: Scene,
  member: Member,
  tensor: Tensor,
  axes: readonly [number, number],
  p: 1 | 2,
  weigh?: Float64Array,
): Energy {
  const energy = energyAlong(tensor, axes[0], axes[1], p, weigh);
  if (energy.finite) return energy;
  if (!options.allowNonfinite) throw nonfinite(member.model.label, tensor.name);
  return { first: finiteOnly(energy.first), second: finiteOnly(energy.second), finite: false };
}

const finiteOnly = (sums: Float64Array): Float64Array => sums.map((sum) => (Number.isFinite(sum) ? sum : 0));
