/** The plan of one tensor of the output: which stretch of which member's tensor goes where, and with what factor. */

import type { Member } from '../analysis/members.js';
import type { Roles } from '../analysis/roles.js';
import { layoutUnsupported, membersDiffer, quoted } from '../errors.js';
import type { Tensor } from '../ir/model.js';
import type { Layout, Places } from './layout.js';
import { placesOn } from './layout.js';
import type { Selection } from './select.js';

/** Positions of one axis: output position `to[i]` takes source position `from[i]`. */
export interface AxisMoves {
  readonly to: Int32Array;
  readonly from: Int32Array;
}

/** The same positions, closed up. */
export const closed = ({ from }: AxisMoves): AxisMoves => ({ from, to: Int32Array.from(from.keys()) });

/** A block of one member's tensor: on each axis the positions that move. */
export interface Part {
  readonly source: Tensor;
  readonly axes: readonly AxisMoves[];
  /** Factor on the entries. Parts with factors add up; the others lie side by side. */
  readonly scale: number;
}

export interface Plan {
  readonly name: string;
  readonly dtype: number;
  readonly dims: readonly number[];
  readonly parts: readonly Part[];
}

/** A member's tensor with its share in the mean at this place. */
export interface Source {
  readonly member: Member;
  readonly tensor: Tensor;
  readonly share: number;
}

/** Moves on one axis, for each member those of its neurons, and those of the fixed positions. */
interface AxisPlan {
  readonly hasNeurons: boolean;
  readonly neurons: readonly AxisMoves[];
  readonly fixed: readonly AxisMoves[];
}

function moves(pairs: readonly (readonly [number, number])[]): AxisMoves {
  return { to: Int32Array.from(pairs, ([to]) => to), from: Int32Array.from(pairs, ([, from]) => from) };
}

function planAxis(
  name: string,
  axis: number,
  layout: Layout,
  sources: readonly Source[],
  selection: Selection,
): AxisPlan {
  const places = sources.map(
    ({ member, tensor }): Places => placesOn(member.labels(name, axis), tensor.dims[axis] as number),
  );
  const differs = () => membersDiffer(`axis ${axis} of ${quoted(name)} does not hold the same neurons in every member`);
  const found = (at: number | undefined): number => {
    if (at === undefined) throw differs();
    return at;
  };
  const fixedCount = layout.group.filter((group) => group < 0).length;
  if (places.some((each) => each.fixedCount !== fixedCount)) throw differs();
  for (const [group, occurrences] of occurrencesOf(layout)) {
    if (places.some((each) => each.occurrences(group) !== occurrences)) throw differs();
  }
  const neurons = sources.map((): [number, number][] => []);
  const fixed = sources.map((): [number, number][] => []);
  for (let p = 0; p < layout.group.length; p++) {
    const [group, slot] = [layout.group[p] as number, layout.slot[p] as number];
    if (group < 0) {
      for (const [m, each] of places.entries()) fixed[m]?.push([p, found(each.fixed(slot))]);
      continue;
    }
    const pick = selection[group]?.[slot];
    if (!pick) continue;
    const at = places[pick.member]?.neuron(group, pick.neuron, layout.occurrence[p] as number);
    neurons[pick.member]?.push([p, found(at)]);
  }
  return { hasNeurons: layout.group.some((group) => group >= 0), neurons: neurons.map(moves), fixed: fixed.map(moves) };
}

/** How often the neurons of each group stand on an axis. */
function occurrencesOf({ group, occurrence }: Layout): ReadonlyMap<number, number> {
  const most = new Map<number, number>();
  group.forEach((each, p) => {
    if (each >= 0) most.set(each, Math.max(most.get(each) ?? 0, (occurrence[p] as number) + 1));
  });
  return most;
}

/** Axes that hold neurons beside other positions: each doubles the blocks of its tensor. */
const MAX_MIXED = 12;

/** The axes on which blocks take neurons: always where nothing else stands, and in every combination where both do. */
function* neuronAxesOfBlocks(name: string, axes: readonly AxisPlan[]): Generator<ReadonlySet<number>> {
  const all = [...axes.keys()].filter((axis) => axes[axis]?.hasNeurons);
  const mixed = all.filter((axis) => axes[axis]?.fixed.some((each) => each.to.length > 0));
  if (mixed.length > MAX_MIXED)
    throw layoutUnsupported(quoted(name), `holds neurons beside other positions on ${mixed.length} axes`);
  const always = all.filter((axis) => !mixed.includes(axis));
  for (let bits = 0; bits < 2 ** mixed.length; bits++)
    yield new Set([...always, ...mixed.filter((_, i) => bits & (1 << i))]);
}

/**
 * Plans the tensor `name`. On a tensor with two neuron axes only blocks of one member are planned, so that entries between
 * members stay zero. Entries apart from all neurons are the first member's, or where `roles` says so the members' mean. Throws
 * MEMBERS_DIFFER, LAYOUT_UNSUPPORTED.
 */
export function planTensor(
  template: Tensor,
  layouts: readonly Layout[],
  sources: readonly Source[],
  selection: Selection,
  { averaged, blended }: Pick<Roles, 'averaged' | 'blended'>,
): Plan {
  const { name, dtype } = template;
  const axes = layouts.map((layout, axis) => planAxis(name, axis, layout, sources, selection));
  const parts: Part[] = [];
  const mean = averaged.get(name);
  for (const chosen of neuronAxesOfBlocks(name, axes)) {
    sources.forEach(({ tensor, share }, m) => {
      const moved = axes.map((axis, at) => (chosen.has(at) ? axis.neurons[m] : axis.fixed[m]) as AxisMoves);
      if (moved.some((each) => each.to.length === 0)) return;
      const alone = chosen.size === 0;
      const isMean = mean ? (mean.out === undefined ? alone : !chosen.has(mean.out)) : alone && blended.has(name);
      if (isMean || !alone || m === 0) parts.push({ source: tensor, axes: moved, scale: isMean ? share : 1 });
    });
  }
  return { name, dtype, dims: layouts.map((layout) => layout.group.length), parts };
}
