/** Averaging: the weighted mean of all parameters, position by position (the members' neurons should be aligned). */
import { findRoles } from '../analysis/roles.js';
import { membersDiffer, quoted, usage } from '../errors.js';
import { constantsOf } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { listInitializers, replaceConstants } from '../ir/edit.js';
import type { Model, Tensor } from '../ir/model.js';
import type { Transformed } from './concat.js';
import { gatherBytes } from './gather.js';
import { normalisedWeights } from './shares.js';
import { gatherForms, proofsOf } from './side-by-side.js';

/** How to average. */
export interface AverageOptions {
  readonly like?: Model;
  readonly weights?: readonly number[];
}

/** The mean of the members. Throws USAGE, MEMBERS_DIFFER (also where widths differ). */
export function average(members: readonly Model[], options: AverageOptions): Transformed {
  if (members.length < 2) throw usage('an average takes two models or more', 'Give the members, one after the other.');
  const { family, notes } = gatherForms(members, options.like ?? (members[0] as Model));
  const shares = normalisedWeights(options.weights, members.length) ?? members.map(() => 1 / members.length);
  const { graph } = family.template.model;
  const means = new Map<string, Tensor>();
  for (const [name, tensor] of constantsOf(graph)) {
    if (!REAL_TYPES.has(tensor.dtype)) continue;
    const sources = family.members.map((member) => member.tensor(name));
    if (sources.every((source) => source === undefined)) continue;
    means.set(name, meanOf(tensor, sources, shares));
  }
  return {
    model: listInitializers({ ...family.template.model, graph: replaceConstants(graph, means) }),
    notes,
    proofs: proofsOf({ family, roles: findRoles(family.template) }),
  };
}

function meanOf(tensor: Tensor, sources: readonly (Tensor | undefined)[], shares: readonly number[]): Tensor {
  const { name, dtype, dims } = tensor;
  const identity = dims.map((length) => {
    const all = Int32Array.from({ length }, (_, i) => i);
    return { to: all, from: all };
  });
  const parts = sources.map((source, member) => {
    if (
      source &&
      source.dtype === dtype &&
      source.dims.length === dims.length &&
      source.dims.every((dim, i) => dim === dims[i])
    ) {
      return { source, axes: identity, scale: shares[member] as number };
    }
    throw membersDiffer(
      `${quoted(name)} is [${dims.join(', ')}] in one member and [${source?.dims.join(', ') ?? 'absent'}] in another`,
    );
  });
  return { ...tensor, data: gatherBytes({ name, dtype, dims, parts }) };
}
