/** The rows of weights that make neurons, of two members in coordinates that both share: what B calls otherwise stands where A has it. */

import { mixed } from '../ir/mixed.js';
import type { Tensor } from '../ir/model.js';
import { elementCount, tensorReals } from '../ir/numeric.js';
import type { Labels } from './groups.js';
import type { Along } from './incoming.js';
import type { Member } from './members.js';
import { occurrencesAt } from './occurrences.js';

/** For each group of the template that is matched the neuron of A that each neuron of B goes with; -1 for none. */
export type Matches = ReadonlyMap<number, Int32Array>;

/** One row for each neuron, all of the same length. */
export interface Rows {
  readonly count: number;
  readonly length: number;
  readonly data: Float32Array;
  /** Whether cosines of them are estimates. */
  readonly sketched: boolean;
}

/** Rows are drawn together into so many sums with random signs (a count sketch) where all pairs take more products than this. */
const MAX_PRODUCTS = 2 ** 32;
const SKETCHED = 512;

/** Which neuron stands where: its group (-1 for none), its number, and how many of its positions came before. */
interface Spot {
  readonly group: number;
  readonly neuron: number;
  readonly turn: number;
}

const spotKey = ({ group, neuron, turn }: Spot): string => `${group} ${neuron} ${turn}`;

/** The spots of an axis; positions that are no neurons count as one that has many. */
function spotsOf(labels: Labels | undefined, length: number): readonly Spot[] {
  return Array.from(occurrencesAt(labels, length), (turn, p) => {
    const group = labels?.group[p] ?? -1;
    return { group, neuron: group < 0 ? 0 : (labels?.neuron[p] as number), turn };
  });
}

/** Places on one axis that both members share. */
interface SharedAxis {
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** How many places there are. */
  readonly length: number;
}

/** An axis whose neurons are matched: A's positions in their order, behind them those of B that go with none. Undefined where a group is not matched yet. */
function sharedAxis(ours: readonly Spot[], theirs: readonly Spot[], matches: Matches): SharedAxis | undefined {
  const known = [...ours, ...theirs].every(({ group }) => group < 0 || matches.has(group));
  if (!known) return undefined;
  const place = new Map(ours.map((spot, p) => [spotKey(spot), p]));
  let length = ours.length;
  const b = Int32Array.from(theirs, ({ group, neuron, turn }) => {
    const own = group < 0 ? neuron : (matches.get(group)?.[neuron] ?? -1);
    return place.get(spotKey({ group, neuron: own, turn })) ?? length++;
  });
  return { a: Int32Array.from(ours.keys()), b, length };
}

/** Where the elements of a tensor go: the row of each position on the axis of the rows, and what each position adds to the place in it. */
interface Frame {
  readonly tensor: Tensor;
  readonly axis: number;
  readonly row: Int32Array;
  readonly add: readonly Float64Array[];
}

/**
 * The rows of one constant; `group` undefined: of positions that are no neurons. Undefined where one of the members has no such
 * tensor, or where the inputs of its rows are not matched yet.
 */
export function rowsOfBoth(
  a: Member,
  b: Member,
  along: Along,
  group: number | undefined,
  matches: Matches,
): readonly [Rows, Rows] | undefined {
  const { name } = along.tensor;
  const { axis } = along;
  const [ours, theirs] = [a.tensor(name), b.tensor(name)];
  if (!ours?.data || !theirs?.data || ours.dims.length !== theirs.dims.length) return undefined;
  const spots = (member: Member, { dims }: Tensor) =>
    dims.map((length, each) => spotsOf(member.labels(name, each), length));
  const [spotsA, spotsB] = [spots(a, ours), spots(b, theirs)];
  const shared = spotsA.map((each, at) => (at === axis ? undefined : sharedAxis(each, spotsB[at] ?? [], matches)));
  if (shared.some((each, at) => at !== axis && each === undefined)) return undefined;
  const lengths = shared.map((each) => each?.length ?? 1);
  const block = elementCount(lengths);
  const rowSpots = [spotsA[axis] ?? [], spotsB[axis] ?? []] as const;
  const turns = group === undefined ? 1 : 1 + rowSpots.flat().reduce((most, { turn }) => Math.max(most, turn), 0);
  const frame = (tensor: Tensor, own: readonly Spot[], side: 'a' | 'b'): Frame => ({
    tensor,
    axis,
    row: Int32Array.from(own, (spot, p) => (group === undefined ? p : spot.group === group ? spot.neuron : -1)),
    add: tensor.dims.map((length, at) => {
      const stride = elementCount(lengths.slice(at + 1));
      return Float64Array.from({ length }, (_, p) =>
        at === axis
          ? (group === undefined ? 0 : (own[p]?.turn ?? 0)) * block
          : (shared[at]?.[side][p] as number) * stride,
      );
    }),
  });
  const frames = [frame(ours, rowSpots[0], 'a'), frame(theirs, rowSpots[1], 'b')] as const;
  const counts = frames.map(({ row }) => 1 + row.reduce((most, each) => Math.max(most, each), -1));
  const length = block * turns;
  const sketched = (counts[0] as number) * (counts[1] as number) * length > MAX_PRODUCTS;
  const made = (at: 0 | 1) => filled(frames[at], counts[at] as number, length, sketched);
  return [made(0), made(1)];
}

/** Rows of a sketch drawn together further, to find candidates among many. */
const NARROW = 128;

/** A sketch in fewer sums; other rows as they are. */
export function narrowed(rows: Rows): Rows {
  const { count, length, data, sketched } = rows;
  if (!sketched) return rows;
  const made = new Float32Array(count * NARROW);
  for (let i = 0; i < data.length; i++) {
    const to = Math.floor(i / length) * NARROW + (i % NARROW);
    made[to] = (made[to] as number) + (data[i] as number);
  }
  return { count, length: NARROW, data: atLengthOne(made, count, NARROW), sketched };
}

/** A place and a sign for each coordinate of a sketch, the same for both members. */
const placed = (coordinate: number): number => mixed(coordinate + 0x9e3779b9) >>> 0;

/** Rows at length 1; an all-zero row stays one. */
function filled({ tensor, axis, row, add }: Frame, count: number, length: number, sketched: boolean): Rows {
  const width = sketched ? SKETCHED : length;
  const data = new Float32Array(count * width);
  const values = tensorReals(tensor);
  const { dims } = tensor;
  for (let i = 0; i < values.length; i++) {
    let [rest, place, own] = [i, 0, -1];
    for (let at = dims.length - 1; at >= 0; at--) {
      const dim = dims[at] as number;
      const p = rest % dim;
      rest = (rest - p) / dim;
      place += add[at]?.[p] as number;
      if (at === axis) own = row[p] as number;
    }
    if (own < 0) continue;
    const value = values[i] as number;
    const hash = sketched ? placed(place) : 0;
    const to = own * width + (sketched ? hash % SKETCHED : place);
    data[to] = (data[to] as number) + (sketched && hash & 0x80000000 ? -value : value);
  }
  return { count, length: width, data: atLengthOne(data, count, width), sketched };
}

function atLengthOne(data: Float32Array, count: number, width: number): Float32Array {
  for (let r = 0; r < count; r++) {
    const row = data.subarray(r * width, (r + 1) * width);
    let energy = 0;
    for (const value of row) energy += value * value;
    const size = Math.sqrt(energy);
    if (size > 0 && Number.isFinite(size)) for (let i = 0; i < width; i++) row[i] = (row[i] as number) / size;
    else row.fill(0);
  }
  return data;
}
