/**
 * Which neuron groups have the same structure: isomorphic pruning (Fang et al., 2024) lets only these compete. Two groups do
 * where the same operators hold their neurons on the same axes of the same operands, joined by the same values.
 */
import { constantsOf } from '../ir/constants.js';
import type { Node } from '../ir/model.js';
import type { Neurons } from './neurons.js';

/** Where a group lies on a node: operator, and side, number and axis of each operand. */
interface Role {
  readonly node: Node;
  readonly places: string[];
}

/** A text for each group, by its number; groups of one structure have the same text. Lengths of axes do not count. */
export function structureKeys({ model, groups }: Neurons): readonly string[] {
  const constants = constantsOf(model.graph);
  const lies = new Map<string, { readonly group: number; readonly axis: number }[]>();
  for (const { id, axes } of groups) {
    for (const { value, axis } of axes) {
      const there = lies.get(value) ?? [];
      there.push({ group: id, axis });
      lies.set(value, there);
    }
  }
  const roles = groups.map((): Role[] => []);
  for (const node of model.graph.nodes) {
    if (constants.has(node.outputs[0] ?? '')) continue;
    const own = new Map<number, string[]>();
    const note = (side: string) => (name: string, index: number) => {
      for (const { group, axis } of lies.get(name) ?? [])
        own.set(group, [...(own.get(group) ?? []), `${side}${index}.${axis}`]);
    };
    node.inputs.forEach(note('in'));
    node.outputs.forEach(note('out'));
    for (const [group, places] of own) roles[group]?.push({ node, places });
  }
  return roles.map((each, group) => keyOf(each, (value) => lies.get(value)?.some((at) => at.group === group) ?? false));
}

const roleText = ({ node, places }: Role): string => `${node.domain}:${node.opType}(${places.join()})`;

/** The roles and the values that lead from one to another, each sorted. */
function keyOf(roles: readonly Role[], holds: (value: string) => boolean): string {
  const makers = new Map(roles.flatMap((role) => role.node.outputs.map((value) => [value, role] as const)));
  const edges = roles.flatMap((to) =>
    to.node.inputs.flatMap((value) => {
      const from = holds(value) ? makers.get(value) : undefined;
      return from ? [`${roleText(from)}>${roleText(to)}`] : [];
    }),
  );
  return [...roles.map(roleText).sort(), ...edges.sort()].join(' ');
}
