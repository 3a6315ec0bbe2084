/**
 * Constants that belong to no neuron: the parameter of a PReLU that has one for all, the weights by which a mixer mixes tokens,
 * an embedding along a fixed width. Side by side all members' neurons share them, so that members must agree on them.
 */
import type { Family } from '../analysis/members.js';
import type { Roles } from '../analysis/roles.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { allBytes } from '../ir/numeric.js';
import { gatherBytes } from './gather.js';
import { closed, type Part, type Source } from './plan.js';

/** Names of the template's real constants whose entries apart from all neurons differ between members. */
export const differingShared = (family: Family, roles: Roles): readonly string[] =>
  [...constantsOf(family.template.model.graph).values()]
    .filter(({ name, dtype }) => REAL_TYPES.has(dtype) && !roles.averaged.has(name))
    .filter((tensor) => differs(family, tensor))
    .map(({ name }) => name);

function differs(family: Family, { name, dtype, dims }: Tensor): boolean {
  const sources = family.members.flatMap((member) => {
    const tensor = member.tensor(name);
    const fits = tensor?.dtype === dtype && tensor.dims.length === dims.length;
    return fits ? [{ member, tensor, share: 1 }] : [];
  });
  const [first, ...others] = [...new Map(sources.map((source) => [source.tensor, source])).values()];
  if (!first || others.length === 0) return false;
  const parts = [first, ...others].map((source) => sharedPart(name, source));
  if (parts.some((part) => part.axes.some(({ from }) => from.length === 0))) return false;
  const [bytes, ...theirs] = parts.map(bytesOf);
  return theirs.some((other) => Buffer.compare(bytes as Uint8Array, other) !== 0);
}

/** The positions of a member's tensor that are no neuron's, on any axis. */
function sharedPart(name: string, { member, tensor }: Source): Part {
  const axes = tensor.dims.map((length, axis) => {
    const labels = member.labels(name, axis);
    const all = Int32Array.from({ length }, (_, position) => position);
    const from = labels ? all.filter((position) => (labels.group[position] as number) < 0) : all;
    return closed({ from, to: from });
  });
  return { source: tensor, axes, scale: 1 };
}

const bytesOf = (part: Part): Uint8Array => {
  const { name, dtype } = part.source;
  return allBytes(gatherBytes({ name, dtype, dims: part.axes.map(({ to }) => to.length), parts: [part] }));
};
