/** Which groups compete for how many places at a pruning ratio: scope, ratios of single groups, ceilings. */
import type { NeuronGroup } from '../analysis/groups.js';
import { structureKeys } from '../analysis/likeness.js';
import { groupsNamed } from '../analysis/names.js';
import type { Neurons } from '../analysis/neurons.js';
import { quoted, usage } from '../errors.js';
import type { Pool, Scope } from './pools.js';
import { keptAt } from './select.js';

/** What may go, and who competes with whom. */
export interface PlanOptions {
  readonly scope: Scope;
  /** With scope `global`: groups compete only with those of the same structure. */
  readonly isomorphic?: boolean | undefined;
  /** Names of initializers, values, groups or nodes whose neurons stay. */
  readonly ignore: readonly string[];
  /** Ratios of single groups, by the names that `ignore` takes too: such a group competes with no other. */
  readonly ratioFor?: ReadonlyMap<string, number> | undefined;
  /** Largest share of a group that may go, whatever else is asked for; 1 unless told. */
  readonly maxRatio?: number | undefined;
}

/** The plan of a pruning, but for its ratio. */
export interface PrunePlan {
  /** Least neurons that each group keeps. */
  readonly floors: readonly number[];
  /** Groups that names to ignore mean. */
  readonly ignored: ReadonlySet<number>;
  /** The pools at a ratio for all groups that have no ratio of their own. */
  poolsAt(ratio: number): readonly Pool[];
}

/** Throws USAGE for names that mean nothing or contradict each other, and for what makes no sense together. */
export function planPruning(neurons: Neurons, options: PlanOptions): PrunePlan {
  const { scope, maxRatio = 1, isomorphic = false } = options;
  if (isomorphic && scope !== 'global') {
    throw usage(
      '--isomorphic is for one ranking over several groups',
      'Use --scope global, or leave --isomorphic out.',
    );
  }
  const { groups } = neurons;
  const ignored = new Set(options.ignore.flatMap((name) => named(neurons, name, '--ignore').map(({ id }) => id)));
  const own = ownRatios(neurons, options.ratioFor ?? new Map(), ignored);
  const floors = groups.map(({ id, size }) =>
    ignored.has(id) ? size : Math.max(1, Math.ceil(size * (1 - maxRatio) - 1e-9)),
  );
  const alone = groups.filter(({ id, size }) => own.has(id) || floors[id] === size || scope === 'layer');
  const competing = groups.filter((group) => !alone.includes(group));
  const shared = isomorphic ? alike(neurons, competing) : [competing];
  return {
    floors,
    ignored,
    poolsAt: (ratio) => [
      ...alone.map(({ id, size }) => ({
        groups: [id],
        keep: Math.max(floors[id] as number, keptAt(size, own.get(id) ?? ratio)),
      })),
      ...shared
        .filter((each) => each.length > 0)
        .map((each) => ({
          groups: each.map(({ id }) => id),
          keep: keptAt(
            each.reduce((sum, { size }) => sum + size, 0),
            ratio,
          ),
        })),
    ],
  };
}

/** The groups in parts of one structure each. */
function alike(neurons: Neurons, groups: readonly NeuronGroup[]): readonly (readonly NeuronGroup[])[] {
  const keys = structureKeys(neurons);
  const parts = new Map<string, NeuronGroup[]>();
  for (const group of groups) {
    const key = keys[group.id] as string;
    parts.set(key, [...(parts.get(key) ?? []), group]);
  }
  return [...parts.values()];
}

function named(neurons: Neurons, name: string, option: string): readonly NeuronGroup[] {
  const found = groupsNamed(neurons, name);
  if (found.length > 0) return found;
  throw usage(`${option} ${quoted(name)} names nothing that holds neurons`, '`inspect --neurons` lists them.');
}

/** The ratio of each group that has one of its own. */
function ownRatios(
  neurons: Neurons,
  ratios: ReadonlyMap<string, number>,
  ignored: ReadonlySet<number>,
): ReadonlyMap<number, number> {
  const own = new Map<number, number>();
  for (const [name, ratio] of ratios) {
    for (const group of named(neurons, name, '--ratio-for')) {
      const before = own.get(group.id);
      if (ignored.has(group.id) || (before !== undefined && before !== ratio)) {
        const other = ignored.has(group.id) ? '--ignore keeps them all' : `another --ratio-for says ${before}`;
        throw usage(
          `--ratio-for ${quoted(name)} says ${ratio} of the neurons of ${quoted(group.name)}, but ${other}`,
          'Name a weight that only these neurons lie on, or the group itself.',
        );
      }
      own.set(group.id, ratio);
    }
  }
  return own;
}
