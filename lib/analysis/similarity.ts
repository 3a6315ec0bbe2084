/**
 * How alike two members are, whatever the order of their neurons: group by group in the order of the graph, the neurons of one are
 * matched to those of the other so that their incoming weights agree best, with the inputs in the order of the matches before
 * (the weight matching of Ainsworth and others, Git Re-Basin, arXiv 2209.04836, by incoming weights alone).
 */
import { bestAssignment, greedyAssignment, MAX_ASSIGNED } from './assignment.js';
import { type Along, type Incoming, incomingOf } from './incoming.js';
import { type Matches, narrowed, type Rows, rowsOfBoth } from './member-rows.js';
import type { Family, Member } from './members.js';

/** How alike the neurons of one group are. */
export interface GroupSimilarity {
  /** The weight that makes its neurons first. */
  readonly name: string;
  /** How many neurons the first model has, and the second; the fewer are matched. */
  readonly neurons: readonly [number, number];
  /** Mean cosine of the incoming weights of matched neurons, -1 to 1. */
  readonly matched: number;
  /** The same of all pairs, as a random order would have it. */
  readonly unmatched: number;
  /** False where the group is so wide that cosines were estimated or neurons matched greedily: an estimate then, within some hundredths. */
  readonly exact: boolean;
}

/** How alike the weights are that make an output of the model, whose positions have an order. */
export interface OutputSimilarity {
  readonly weight: string;
  readonly positions: number;
  /** Mean cosine of rows at the same position. */
  readonly cosine: number;
}

/** How alike two members are. */
export interface Similarity {
  /** Mean over all matched neurons and positions of outputs, -1 to 1; 1 for the same network. */
  readonly overall: number;
  readonly groups: readonly GroupSimilarity[];
  readonly outputs: readonly OutputSimilarity[];
}

/** Rounds of matching: behind the first, weights count whose inputs are made later (a residual stream, a recurrent layer). */
const MAX_ROUNDS = 5;

/** Multiplications between two breaths. */
const BREATH = 5e7;

/** Cosines of all pairs of rows, averaged over several constants. */
interface Cosines {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
  /** Rows that `data` estimates only; empty where it is exact. */
  readonly sketches: readonly (readonly [Rows, Rows])[];
}

function dot(a: Float32Array, from: number, b: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[from + i] as number) * (b[start + i] as number);
  return sum;
}

/** The cosine of two rows; 1 where neither has any weight. */
function rowCosine([a, b]: readonly [Rows, Rows], row: number, column: number): number {
  const [from, start] = [row * a.length, column * b.length];
  const isNone = (data: Float32Array, at: number) => data.subarray(at, at + a.length).every((each) => each === 0);
  if (isNone(a.data, from) && isNone(b.data, start)) return 1;
  return dot(a.data, from, b.data, start, a.length);
}

const zeroRows = ({ count, length, data }: Rows): readonly boolean[] =>
  Array.from({ length: count }, (_, r) => data.subarray(r * length, (r + 1) * length).every((value) => value === 0));

/** Adds the products of one row with all rows of `b` to `sum` from `to` on; four at once, so that their sums do not wait for each other. */
function addProducts(sum: Float32Array, to: number, a: Rows, row: number, b: Rows): void {
  const { data, length, count } = b;
  const whole = count - (count % 4);
  const from = row * length;
  for (let c = 0; c < whole; c += 4) {
    const start = c * length;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = 0; i < length; i++) {
      const value = a.data[from + i] as number;
      const at = start + i;
      s0 += value * (data[at] as number);
      s1 += value * (data[at + length] as number);
      s2 += value * (data[at + 2 * length] as number);
      s3 += value * (data[at + 3 * length] as number);
    }
    sum[to + c] = (sum[to + c] as number) + s0;
    sum[to + c + 1] = (sum[to + c + 1] as number) + s1;
    sum[to + c + 2] = (sum[to + c + 2] as number) + s2;
    sum[to + c + 3] = (sum[to + c + 3] as number) + s3;
  }
  for (let c = whole; c < count; c++) {
    sum[to + c] = (sum[to + c] as number) + dot(a.data, from, data, c * length, length);
  }
}

/** Adds the cosines of one pair of constants; two rows without any weight are the same. */
function* addCosines(sum: Float32Array, [a, b]: readonly [Rows, Rows]): Generator<void, void> {
  const [noneA, noneB] = [zeroRows(a), zeroRows(b)];
  let work = 0;
  for (let r = 0; r < a.count; r++) {
    const to = r * b.count;
    addProducts(sum, to, a, r, b);
    if (noneA[r]) {
      noneB.forEach((none, c) => {
        if (none) sum[to + c] = (sum[to + c] as number) + 1;
      });
    }
    work += b.count * a.length;
    if (work < BREATH) continue;
    work = 0;
    yield;
  }
}

/** The mean cosines over all constants whose inputs are matched; undefined where there is none. */
function* cosinesOf(
  a: Member,
  b: Member,
  group: number,
  along: readonly Along[],
  matches: Matches,
): Generator<void, Cosines | undefined> {
  const [rows, columns] = [a.widths[group] as number, b.widths[group] as number];
  const sum = new Float32Array(rows * columns);
  const sketches: (readonly [Rows, Rows])[] = [];
  let used = 0;
  for (const each of along) {
    const both = rowsOfBoth(a, b, each, group, matches);
    if (!both || both[0].count !== rows || both[1].count !== columns) continue;
    used++;
    // Of one constant that is small beside others its rows are their own sketch.
    sketches.push(both);
    yield* addCosines(sum, [narrowed(both[0]), narrowed(both[1])]);
  }
  if (used === 0) return undefined;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / used;
  const estimated = sketches.some(([{ sketched }]) => sketched);
  return { rows, columns, data: sum, sketches: estimated ? sketches : [] };
}

function meanOf(values: Float32Array | readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
}

/** A group, matched: for each neuron of B that of A. */
interface Matched {
  readonly back: Int32Array;
  readonly similarity: GroupSimilarity;
}

function matched(name: string, cosines: Cosines): Matched {
  const { rows, columns, data, sketches } = cosines;
  const value = (row: number, column: number) =>
    sketches.length === 0
      ? (data[row * columns + column] as number)
      : meanOf(sketches.map((both) => rowCosine(both, row, column)));
  const exact = Math.min(rows, columns) <= MAX_ASSIGNED;
  const assignment = exact ? bestAssignment(cosines) : greedyAssignment(cosines);
  const back = new Int32Array(columns).fill(-1);
  const pairs: number[] = [];
  assignment.forEach((column, row) => {
    if (column < 0) return;
    back[column] = row;
    pairs.push(value(row, column));
  });
  const similarity: GroupSimilarity = {
    name,
    neurons: [rows, columns],
    matched: meanOf(pairs),
    unmatched: meanOf(data),
    exact: exact && sketches.length === 0,
  };
  return { back, similarity };
}

/** What of a group is compared: the weights of its layers, or where it has none (an embedding) what else makes it. */
const comparedOf = ({ layers, rest }: Incoming): readonly Along[] => (layers.length > 0 ? layers : rest);

const sameMatch = (a: Int32Array | undefined, b: Int32Array): boolean => a?.every((each, i) => each === b[i]) ?? false;

/** The groups whose matches decide in which order the weights of a group are compared. */
const inputsOf = ({ template }: Family, along: readonly Along[]): readonly number[] => {
  const labels = along.flatMap(({ tensor, axis }) =>
    tensor.dims.map((_, other) => (other === axis ? undefined : template.labels(tensor.name, other))),
  );
  return [...new Set(labels.flatMap((each) => [...new Set(each?.group)]))].filter((group) => group >= 0);
};

/** Compares two members of a family in steps. */
export function* similaritySteps(family: Family, first: number, second: number): Generator<void, Similarity> {
  const { template, members } = family;
  const [a, b] = [members[first] as Member, members[second] as Member];
  const groups = incomingOf(template).map((incoming) => {
    const along = comparedOf(incoming);
    return { id: incoming.group, along, inputs: inputsOf(family, along) };
  });
  const matches = new Map<number, Int32Array>();
  const found = new Map<number, GroupSimilarity>();
  // How often each match changed, and what those of a group's inputs were when it was matched.
  const changes = new Map<number, number>();
  const seen = new Map<number, string>();
  for (let round = 0, changed = true; changed && round < MAX_ROUNDS; round++) {
    changed = false;
    for (const { id, along, inputs } of groups) {
      const state = inputs.map((group) => changes.get(group) ?? '').join(' ');
      if (seen.get(id) === state) continue;
      seen.set(id, state);
      const cosines = yield* cosinesOf(a, b, id, along, matches);
      yield;
      if (!cosines) continue;
      const { back, similarity } = matched(template.groups[id]?.name ?? '', cosines);
      found.set(id, similarity);
      if (sameMatch(matches.get(id), back)) continue;
      changed = true;
      matches.set(id, back);
      changes.set(id, (changes.get(id) ?? 0) + 1);
    }
  }
  const outputs = closing(family, a, b, matches);
  const all = [...found.entries()].sort(([x], [y]) => x - y).map(([, similarity]) => similarity);
  return { overall: overall(all, outputs), groups: all, outputs };
}

/** Layers whose outputs are no neurons, at the same positions. */
function closing({ template }: Family, a: Member, b: Member, matches: Matches): readonly OutputSimilarity[] {
  const weights = new Map(template.layers.map(({ weight, out }) => [`${out} ${weight}`, { weight, out }]));
  return [...weights.values()].flatMap(({ weight, out }): readonly OutputSimilarity[] => {
    const tensor = a.tensor(weight);
    if (!tensor || out < 0 || template.labels(weight, out) !== undefined) return [];
    const both = rowsOfBoth(a, b, { tensor: { ...tensor, name: weight }, axis: out }, undefined, matches);
    if (!both) return [];
    const [x, y] = both;
    const positions = Math.min(x.count, y.count);
    const cosines = Array.from({ length: positions }, (_, r) => rowCosine(both, r, r));
    return [{ weight, positions, cosine: meanOf(cosines) }];
  });
}

function overall(groups: readonly GroupSimilarity[], outputs: readonly OutputSimilarity[]): number {
  const parts = [
    ...groups.map(({ neurons, matched }) => [Math.min(...neurons), matched] as const),
    ...outputs.map(({ positions, cosine }) => [positions, cosine] as const),
  ];
  const total = parts.reduce((sum, [count]) => sum + count, 0);
  return total === 0 ? 0 : parts.reduce((sum, [count, cosine]) => sum + count * cosine, 0) / total;
}
