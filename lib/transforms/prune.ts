/** Structured pruning: the best neurons of one model. */
import type { FactorPolicy } from '../analysis/composites.js';
import { type ImportanceOptions, scoreMember } from '../analysis/importance.js';
import { gatherFamily } from '../analysis/members.js';
import { findRoles } from '../analysis/roles.js';
import { noNeurons, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { assemble } from './assemble.js';
import type { Transformed } from './concat.js';
import { prepare } from './prepare.js';
import { keptAt, type RankedGroup, type Scope, selectBest } from './select.js';

export interface PruneOptions extends ImportanceOptions {
  /** Share of the neurons of each group to drop, from 0 to below 1. */
  readonly ratio: number;
  readonly scope: Scope;
  /** Names of initializers, values or groups whose neurons stay. */
  readonly ignore: readonly string[];
  /** `inner` (default): the same neuron of every head or group goes, as torch-pruning does; `outer`: whole heads and groups go. */
  readonly factors?: FactorPolicy;
}

export interface Pruned extends Transformed {
  readonly ranking: readonly RankedGroup[];
}

/** The narrower model. Throws NO_NEURONS, USAGE for an unknown name to ignore, and what scoring and assembly throw. */
export function prune(model: Model, options: PruneOptions): Pruned {
  const prepared = prepare(model);
  const family = gatherFamily(prepared, [prepared], options.factors ?? 'inner');
  const { groups } = family.template;
  if (groups.length === 0) throw noNeurons(model.label, whyNone(family.template.unsupported.size));
  const ignored = ignoredGroups(family.template, options.ignore);
  const roles = findRoles(family.template);
  const scores = family.members.map((member) => scoreMember(family, roles, member, () => 1, options));
  const sizes = groups.map((group) => (ignored.has(group.id) ? group.size : keptAt(group.size, options.ratio)));
  const { selection, ranking } = selectBest(family, scores, { sizes, scope: options.scope, transfer: 1 });
  const mixed = family.template.mixes.filter(({ at }) => family.template.labels(at.value, at.axis) !== undefined);
  return {
    model: assemble(family, roles, selection, () => 1),
    notes: [...new Set(mixed.map(({ why }) => `${why}: the others see that some are gone`))],
    proofs: [],
    ranking,
  };
}

const whyNone = (unsupported: number): string =>
  unsupported > 0 ? `${unsupported} of its nodes have no rule` : 'no layer stands between its inputs and its outputs';

function ignoredGroups(
  template: ReturnType<typeof gatherFamily>['template'],
  names: readonly string[],
): ReadonlySet<number> {
  return new Set(
    names.flatMap((name) => {
      const hit = template.groups.filter((group) => group.name === name || group.axes.some((at) => at.value === name));
      if (hit.length === 0)
        throw usage(
          `--ignore ${JSON.stringify(name)} names nothing that holds neurons`,
          '`inspect --neurons` lists them.',
        );
      return hit.map((group) => group.id);
    }),
  );
}
