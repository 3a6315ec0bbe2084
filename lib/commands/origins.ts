/** Whose neurons a model holds, kept in its metadata beside the recipe, in the order in which they stand in it. */
import type { FactorPolicy } from '../analysis/composites.js';
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { attempt } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { Pick } from '../transforms/select.js';
import type { GroupPicks } from './picks.js';
import { baseName } from './recipe.js';

/** The metadata key. */
export const NEURONS_KEY = 'onnx-transplant.neurons';

/** `count` neurons of a member, from number `first` on, one behind the other. */
export type OriginRun = readonly [member: number, first: number, count: number];

/** The neurons of one group, in order. */
export interface GroupOrigins {
  /** The weight that makes its neurons first. */
  readonly name: string;
  readonly runs: readonly OriginRun[];
}

/** Whose neurons a model holds, as its metadata tells. */
export interface NeuronOrigins {
  readonly schema: 'onnx-transplant/neurons@1';
  /** File names of the members. A neuron's number in a member is its place along the output axis of that member's weight. */
  readonly members: readonly string[];
  /** Whether the neurons of grouped layers are whole groups (`outer`) or the same place of each (`inner`). */
  readonly factors: FactorPolicy;
  /** The neuron groups of the model in their order. */
  readonly groups: readonly GroupOrigins[];
}

/** Picks as runs. */
function runsOf(picks: readonly Pick[]): readonly OriginRun[] {
  const runs: [number, number, number][] = [];
  for (const { member, neuron } of picks) {
    const last = runs.at(-1);
    if (last && last[0] === member && last[1] + last[2] === neuron) last[2] += 1;
    else runs.push([member, neuron, 1]);
  }
  return runs;
}

/** Runs as picks. */
export const picksOf = (runs: readonly OriginRun[]): readonly Pick[] =>
  runs.flatMap(([member, first, count]) =>
    Array.from({ length: count }, (_, i): Pick => ({ member, neuron: first + i })),
  );

/** What is to be kept of picks out of `members`. */
export const originsOf = (
  members: readonly Model[],
  groups: readonly GroupPicks[],
  factors: FactorPolicy = 'outer',
): NeuronOrigins => ({
  schema: 'onnx-transplant/neurons@1',
  members: members.map(({ label }) => baseName(label)),
  factors,
  groups: groups.map(({ name, picks }) => ({ name, runs: runsOf(picks) })),
});

/** The origins as metadata. */
export const originsMetadata = (origins: NeuronOrigins): ReadonlyMap<string, string> =>
  new Map([[NEURONS_KEY, JSON.stringify(origins)]]);

/** The model without what was known of its neurons. */
export const withoutOrigins = (model: Model): Model => ({
  ...model,
  metadata: new Map([...model.metadata].filter(([key]) => key !== NEURONS_KEY)),
});

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isRun = (value: unknown, members: number): boolean =>
  Array.isArray(value) && value.length === 3 && value.every(isCount) && value[0] < members && value[2] > 0;

const isGroup = (value: unknown, members: number): boolean =>
  isRecord(value) &&
  typeof value.name === 'string' &&
  Array.isArray(value.runs) &&
  value.runs.every((run) => isRun(run, members));

function isOrigins(value: unknown): value is NeuronOrigins {
  if (!isRecord(value) || value.schema !== 'onnx-transplant/neurons@1') return false;
  const { members, factors, groups } = value;
  return (
    Array.isArray(members) &&
    members.every((name) => typeof name === 'string') &&
    (factors === 'outer' || factors === 'inner') &&
    Array.isArray(groups) &&
    groups.every((group) => isGroup(group, members.length))
  );
}

/** What a model's metadata says of its neurons; null where it says nothing, undefined where nobody can read it. */
export function readOrigins(model: Model): NeuronOrigins | null | undefined {
  const text = model.metadata.get(NEURONS_KEY);
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isOrigins(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The sizes of a model's groups; none where its neurons cannot be found. */
const groupsOf = (model: Model, factors: FactorPolicy): readonly { readonly name: string; readonly size: number }[] =>
  attempt(() => findNeurons(model, factors)).made?.groups ?? [];

export const sizeOf = (runs: readonly OriginRun[]): number => runs.reduce((sum, [, , count]) => sum + count, 0);

/** Whether groups are those that the origins tell of, in name, order and size. */
export const fitGroups = (
  { groups }: NeuronOrigins,
  there: readonly { readonly name: string; readonly size: number }[],
): boolean =>
  groups.length === there.length &&
  groups.every(({ name, runs }, at) => there[at]?.name === name && there[at]?.size === sizeOf(runs));

/** Whether what the metadata says fits the model's groups: another tool may have changed the model and kept the metadata. */
export const fits = (model: Model, origins: NeuronOrigins): boolean =>
  fitGroups(origins, groupsOf(model, origins.factors));

/** Whether neurons are the same under both policies: at 4 groups of 4 channels their numbers alone do not show it. */
function sameUnder({ model, policy, groups, labels }: Neurons, factors: FactorPolicy): boolean {
  if (policy === factors) return true;
  const other = findNeurons(model, factors);
  return groups.every(({ reference: { value, axis } }) => {
    const [ours, theirs] = [labels(value, axis), other.labels(value, axis)];
    return ours?.neuron.every((neuron, p) => theirs?.neuron[p] === neuron && theirs.group[p] === ours.group[p]);
  });
}

/**
 * The origins of a model that was cut out of another one, `neurons` being those of that one: in terms of what it was made of
 * where its own metadata tells, else in its own.
 */
export function originsAfter(before: Model, neurons: Neurons, picks: readonly GroupPicks[]): NeuronOrigins {
  const known = readOrigins(before);
  const factors = neurons.policy;
  if (!known || !fitGroups(known, neurons.groups) || !sameUnder(neurons, known.factors)) {
    return originsOf([before], picks, factors);
  }
  const own = known.groups.map(({ runs }) => picksOf(runs));
  const composed = picks.map(({ name, picks: kept }, at) => ({
    name,
    runs: runsOf(kept.map(({ neuron }) => own[at]?.[neuron] as Pick)),
  }));
  return { ...known, factors, groups: composed };
}
