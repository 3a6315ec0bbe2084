/** In which order the neurons of an axis come from the other axes of a node, as its relations say. */
import type { AxisRef, Composite, Relation, Same } from '../rules/structure/relation.js';
import { fixedLayout, type Layout, occurrenceCounter, placesOn } from './layout.js';
import type { Find, Labelled } from './verify-layout.js';

const isAt = (a: AxisRef, b: AxisRef): boolean => a.value === b.value && a.axis === b.axis;

/** What stands at each position, as far as it has been told. */
class Told {
  readonly group: (number | undefined)[];
  readonly slot: number[] = [];

  constructor(readonly length: number) {
    this.group = Array.from({ length }, () => undefined);
  }

  put(position: number, from: Layout, at: number): void {
    if (position >= this.length || this.group[position] !== undefined || at >= from.group.length) return;
    this.group[position] = from.group[at] as number;
    this.slot[position] = from.slot[at] as number;
  }

  /** The layout, or undefined where some position was not told. */
  layout(): Layout | undefined {
    const count = occurrenceCounter();
    const group = this.group.filter((each) => each !== undefined);
    if (group.length < this.length) return undefined;
    let fixed = 0;
    const slot = group.map((each, p) => (each < 0 ? fixed++ : (this.slot[p] as number)));
    const occurrence = group.map((each, p) => (each < 0 ? 0 : count(each, slot[p] as number)));
    return { group: Int32Array.from(group), slot: Int32Array.from(slot), occurrence: Int32Array.from(occurrence) };
  }
}

const layoutOf = ({ layout, length }: Labelled): Layout => layout ?? fixedLayout(length);

/** The layout that `at` has if the axes of `sources` have theirs; undefined where they do not tell all of it. */
export function arrival(
  at: AxisRef,
  relations: readonly Relation[],
  sources: (ref: AxisRef) => boolean,
  find: Find,
): Layout | undefined {
  const told = new Told(find(at).length);
  for (const relation of relations) {
    if (relation.kind === 'same') tellSame(told, at, relation, sources, find);
    if (relation.kind === 'composite' && isAt(relation.whole, at)) tellComposite(told, relation, sources, find);
  }
  return told.layout();
}

function tellSame(told: Told, at: AxisRef, relation: Same, sources: (ref: AxisRef) => boolean, find: Find): void {
  const { a, b, aStart = 0, bStart = 0 } = relation;
  if (!isAt(a, at) && !isAt(b, at)) return;
  const [other, start, from] = isAt(a, at) ? [b, aStart, bStart] : [a, bStart, aStart];
  if (!sources(other)) return;
  const labelled = find(other);
  const layout = layoutOf(labelled);
  const length = relation.length ?? labelled.length;
  for (let i = 0; i < length; i++) told.put(start + i, layout, from + i);
}

/** The positions of the whole are those of the one factor that holds neurons. */
function tellComposite(told: Told, { parts }: Composite, sources: (ref: AxisRef) => boolean, find: Find): void {
  const owners = parts.filter((part) => find(part).layout);
  const [owner] = owners;
  if (!owner || owners.length > 1 || !sources(owner)) return;
  const inner = parts.slice(parts.indexOf(owner) + 1).reduce((product, part) => product * find(part).length, 1);
  const labelled = find(owner);
  for (let p = 0; p < told.length; p++)
    told.put(p, layoutOf(labelled), Math.floor(p / inner) % Math.max(1, labelled.length));
}

export const keyOf = ({ value, axis }: AxisRef): string => `${axis} ${value}`;

export const sameLayout = (a: Layout, b: Layout): boolean =>
  a.group.length === b.group.length &&
  a.group.every((group, p) => group === b.group[p] && (group < 0 || a.slot[p] === b.slot[p]));

/**
 * Axes that a node must have in another order than the layout's because of their factors: the channels of a grouped convolution
 * group by group. What is the same as such an axis goes with it.
 */
export function forcedOrders(relations: readonly Relation[], find: Find): ReadonlyMap<string, Layout> {
  const forced = new Map<string, Layout>();
  for (const relation of relations) {
    if (relation.kind !== 'composite') continue;
    const [{ layout }, told] = [find(relation.whole), arrival(relation.whole, [relation], () => true, find)];
    if (layout && told && !sameLayout(layout, told)) forced.set(keyOf(relation.whole), told);
  }
  if (forced.size === 0) return forced;
  const whole = relations.filter(
    (each): each is Same => each.kind === 'same' && each.length === undefined && !each.aStart && !each.bStart,
  );
  for (let known = -1; known < forced.size; ) {
    known = forced.size;
    for (const { a, b } of whole) {
      const told = forced.get(keyOf(a)) ?? forced.get(keyOf(b));
      if (!told) continue;
      for (const at of [a, b]) if (!forced.has(keyOf(at))) forced.set(keyOf(at), told);
    }
  }
  return forced;
}

/**
 * For each position of `wanted` the position of `given` that holds the same. The k-th occurrence of a neuron is the k-th: no
 * relation depends on how many other neurons there are. Undefined where one holds what the other does not.
 */
export function permutation(given: Layout, wanted: Layout): readonly number[] | undefined {
  if (given.group.length !== wanted.group.length) return undefined;
  const places = placesOn({ group: given.group, neuron: given.slot }, given.group.length);
  const found = Array.from(wanted.group, (group, p) => {
    const slot = wanted.slot[p] as number;
    return group < 0 ? places.fixed(slot) : places.neuron(group, slot, wanted.occurrence[p] as number);
  });
  return found.includes(undefined) ? undefined : (found as readonly number[]);
}
