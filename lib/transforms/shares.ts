/** The members' shares in the mean that the output computes. */
import type { NodeLayer } from '../analysis/groups.js';
import type { Family } from '../analysis/members.js';
import type { Roles } from '../analysis/roles.js';
import { quoted, usage } from '../errors.js';
import type { ShareOf } from './assemble.js';

/** Weights that sum to 1. Throws USAGE where there are not as many as members, or they are negative or all 0. */
export function normalisedWeights(
  weights: readonly number[] | undefined,
  members: number,
): readonly number[] | undefined {
  if (!weights) return undefined;
  const sum = weights.reduce((a, b) => a + b, 0);
  if (weights.length !== members || weights.some((weight) => !(weight >= 0)) || !(sum > 0) || !Number.isFinite(sum)) {
    throw usage(`--weights takes ${members} numbers from 0 up, not all 0; got ${weights.join(',')}`);
  }
  return weights.map((weight) => weight / sum);
}

/** Shares by the user's weights, else by the input widths of the closing layer, as the paper's code has it. */
export function sharesOf(family: Family, weights: readonly number[] | undefined): ShareOf {
  const given = normalisedWeights(weights, family.members.length);
  if (given) return (_, member) => given[member] as number;
  const width = (layer: NodeLayer, member: number) => family.members[member]?.tensor(layer.weight)?.dims[layer.in] ?? 1;
  return (layer, member) =>
    layer === undefined
      ? 1 / family.members.length
      : width(layer, member) / family.members.reduce((sum, _, m) => sum + width(layer, m), 0);
}

/** Shares that differ between closing layers, as the widths there do: then the output is no one mean of the members. */
export function unevenShares(family: Family, roles: Roles, shareOf: ShareOf): readonly string[] {
  const [first, ...others] = new Set([...roles.averaged.values()].map(({ layer }) => layer));
  const even = (layer: NodeLayer) =>
    family.members.every((_, m) => Math.abs(shareOf(layer, m) - shareOf(first as NodeLayer, m)) < 1e-9);
  const other = others.find((layer) => !even(layer));
  if (!first || !other) return [];
  const [a, b] = [quoted(first.weight), quoted(other.weight)];
  return [
    `the members' shares follow their widths, which are in another proportion at ${a} than at ${b} (give --weights)`,
  ];
}
