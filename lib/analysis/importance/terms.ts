/** Which weights make terms, and how they count. */
import { nonfinite } from '../../errors.js';
import type { Tensor } from '../../ir/model.js';
import { type Energy, energyAlong } from '../energy.js';
import type { NodeLayer } from '../groups.js';
import type { Member } from '../members.js';
import type { Scene } from './measure.js';

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
