/**
 * What each value is when several members lie side by side in one graph. Neurons belong to one member each; behind the
 * contraction that leads from neurons to a fixed axis, the members' parts are summed with their shares: a mean.
 */
import { constantsOf } from '../ir/constants.js';
import { FLOAT, REAL_TYPES } from '../ir/dtype.js';
import type { Node } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import type { Linearity } from '../rules/structure/relation.js';
import { linearityOf } from '../rules/structure/relation.js';
import { ruleFor } from '../rules/table.js';
import type { NodeLayer } from './groups.js';
import type { Neurons } from './neurons.js';

/**
 * `constant`: stands in the file. `shared`: computed from the graph's inputs alone, equal for all members.
 * `member`: holds neurons. `mean`: a weighted mean of what the members compute. `mixed`: on one axis neurons, and beside
 * them positions that are a mean.
 */
type Kind = 'constant' | 'shared' | 'member' | 'mean' | 'mixed';

/** A constant whose fixed part is the mean of the members' constants, weighed with their shares of `layer`. */
export interface Averaged {
  readonly layer: NodeLayer;
  /** The axis that decides: entries at its fixed positions are scaled. Undefined for what is only added (a bias). */
  readonly out: number | undefined;
}

export interface Roles {
  readonly averaged: ReadonlyMap<string, Averaged>;
  /** Constants that belong to no neuron and of which the members' mean is taken: what the graph alone does not tell. */
  readonly blended: ReadonlySet<string>;
  /** Why side by side is only nearly the mean of the members, a line a place. Empty: it is exact. */
  readonly approximations: readonly string[];
  /** Nodes without a rule that members' values flow into, with the reason. */
  readonly blocked: ReadonlyMap<Node, string>;
}

/** Reads the roles off a graph whose neurons are known. */
export function findRoles(neurons: Neurons): Roles {
  const { graph } = neurons.model;
  const opsets = neurons.model.opsets;
  const kinds = new Map<string, Kind>([...constantsOf(graph).keys()].map((name) => [name, 'constant']));
  for (const { name } of graph.inputs) if (!kinds.has(name)) kinds.set(name, 'shared');
  const meanFrom = new Map<string, NodeLayer>();
  const averaged = new Map<string, Averaged>();
  const blocked = new Map<Node, string>();
  const influences = neurons.mixes.filter(({ at }) => neurons.labels(at.value, at.axis) !== undefined);
  const approximations = [...influences, ...neurons.pairings].map(({ why }) => why);

  const layersOf = new Map<Node, NodeLayer[]>();
  for (const layer of neurons.layers) layersOf.set(layer.node, [...(layersOf.get(layer.node) ?? []), layer]);

  for (const node of graph.nodes) {
    const used = usedNames(node);
    const flowing = used.filter((name) => FLOWING.has(kinds.get(name)));
    const layers = layersOf.get(node) ?? [];
    const closing = layers.find((layer) => closes(neurons, layer));
    const means = node.inputs.map((name) => MEANS.has(kinds.get(name)));
    const source = closing ?? flowing.map((name) => meanFrom.get(name)).find((layer) => layer !== undefined);
    const rule = ruleFor(STRUCTURE_RULES, node, opsets.get(node.domain) ?? 0);
    if (neurons.unsupported.has(node) && flowing.length > 0) blocked.set(node, neurons.unsupported.get(node) ?? '');

    for (const name of node.outputs) {
      if (name === '') continue;
      const kind = kindOf(neurons, name, used, kinds, flowing.length > 0 || closing !== undefined);
      const beside = kind === 'member' && (closing || means.includes(true)) && isPartial(neurons, name);
      kinds.set(name, beside ? 'mixed' : kind);
      if ((kind === 'mean' || beside) && source) meanFrom.set(name, source);
    }
    if (closing) averaged.set(closing.weight, { layer: closing, out: closing.out });
    const meanMade = node.outputs.some((name) => MEANS.has(kinds.get(name)));
    if (source && (closing || meanMade)) {
      for (const index of rule?.added ?? []) {
        const name = node.inputs[index];
        if (name && kinds.get(name) === 'constant') averaged.set(name, { layer: source, out: undefined });
      }
    }
    const rounded = meanMade && node.outputs.some((name) => !isReal(neurons, name));
    const linearity = rule && linearityOf(rule, node);
    if (linearity && (loses(linearity, means) || (rounded && means.includes(true)))) {
      approximations.push(`${nodeText(node)} is not linear and works on the members' mean`);
    }
    const apart = node.outputs.some((name) => kinds.get(name) === 'member');
    const fed = layers.some((layer) => MEANS.has(kinds.get(layer.input.value)));
    if (fed || (apart && node.inputs.some((name) => kinds.get(name) === 'mean'))) {
      approximations.push(`${nodeText(node)} differs from member to member and works on the members' mean`);
    }
    if (closing && linearity === 'none') {
      approximations.push(`${nodeText(node)} is not linear and makes the members' mean`);
    }
    if (closing && apart) {
      approximations.push(`${nodeText(node)} differs from member to member and works on neurons of all members`);
    }
  }
  return { averaged, blended: new Set(), approximations: [...new Set(approximations)], blocked };
}

/** What comes from members, and what of it holds a mean. */
const FLOWING: ReadonlySet<Kind | undefined> = new Set<Kind | undefined>(['member', 'mean', 'mixed']);
const MEANS: ReadonlySet<Kind | undefined> = new Set<Kind | undefined>(['mean', 'mixed']);

/** Whether some axis holds neurons beside other positions. */
const isPartial = (neurons: Neurons, value: string): boolean =>
  (neurons.facts.get(value)?.shape ?? []).some((_, axis) => neurons.labels(value, axis)?.group.includes(-1));

/** Whether an operator does not pass a mean on; `means` says which of its inputs are one. */
function loses(linearity: Linearity, means: readonly boolean[]): boolean {
  switch (linearity) {
    case 'all':
      return false;
    case 'each':
      return means.filter(Boolean).length > 1;
    case 'first':
      return means.lastIndexOf(true) > 0;
    case 'none':
      return means.includes(true);
  }
}

/** A mean that is no real number has been rounded. */
const isReal = (neurons: Neurons, value: string): boolean => REAL_TYPES.has(neurons.facts.get(value)?.dtype ?? FLOAT);

/**
 * Whether a layer leads to positions that are no neurons: there the members' parts are summed to a mean. A product for each
 * head keeps them apart along the heads.
 */
export function closes(neurons: Neurons, layer: NodeLayer): boolean {
  const rank = neurons.facts.get(layer.weight)?.shape?.length ?? 0;
  const others = [...Array(rank).keys()].filter((axis) => axis !== layer.in && axis !== layer.out);
  if (others.some((axis) => neurons.labels(layer.weight, axis) !== undefined)) return false;
  // The output tells, not the weight: a transposed convolution has its groups on the axis of its inputs.
  const labels = layer.out < 0 ? undefined : neurons.labels(layer.output.value, layer.output.axis);
  return labels === undefined || labels.group.includes(-1);
}

function kindOf(
  neurons: Neurons,
  value: string,
  used: readonly string[],
  kinds: ReadonlyMap<string, Kind>,
  fromMembers: boolean,
): Kind {
  // Made of constants alone: a constant, whatever neurons lie on it.
  if (used.every((name) => kinds.get(name) === 'constant')) return 'constant';
  const rank = neurons.facts.get(value)?.shape?.length ?? 0;
  for (let axis = 0; axis < rank; axis++) if (neurons.labels(value, axis)) return 'member';
  // Known integers (shapes) do not depend on anybody's weights, whatever they were measured on.
  if (neurons.facts.get(value)?.content) return 'shared';
  return fromMembers ? 'mean' : 'shared';
}
