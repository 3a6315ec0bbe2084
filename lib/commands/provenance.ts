/** Whose neurons a model holds, as `inspect` tells it. */
import type { Model } from '../ir/model.js';
import { fits, type OriginRun, readOrigins, sizeOf } from './origins.js';

/** Whose neurons one group holds. */
export interface GroupProvenance {
  /** The weight that makes its neurons first. */
  readonly name: string;
  readonly size: number;
  /** How many come from each member. */
  readonly fromMember: readonly number[];
  /** In the order of the group: `count` neurons of a member, from its neuron `first` on. */
  readonly runs: readonly OriginRun[];
}

/** Whose neurons a model holds. */
export interface Provenance {
  /** File names of the members. */
  readonly members: readonly string[];
  /** False where the metadata tells of other groups than the model has: something changed it since, so nothing of this holds. */
  readonly fits: boolean;
  readonly groups: readonly GroupProvenance[];
}

const UNREADABLE = 'what the metadata says of whose neurons these are cannot be read';

/** What the metadata tells, and a note where it cannot be read. */
export function provenanceOf(model: Model): {
  readonly provenance: Provenance | null;
  readonly notes: readonly string[];
} {
  const origins = readOrigins(model);
  if (!origins) return { provenance: null, notes: origins === undefined ? [UNREADABLE] : [] };
  const groups = origins.groups.map(({ name, runs }): GroupProvenance => {
    const fromMember = origins.members.map(() => 0);
    for (const [member, , count] of runs) fromMember[member] = (fromMember[member] as number) + count;
    return { name, size: sizeOf(runs), fromMember, runs };
  });
  return { provenance: { members: origins.members, fits: fits(model, origins), groups }, notes: [] };
}
