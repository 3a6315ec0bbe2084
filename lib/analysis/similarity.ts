/**
 * How alike two members are, whatever the order of their neurons: group by group in the order of the graph, the neurons of one are
 * matched to those of the other so that their incoming weights agree best, with the inputs in the order of the matches before
 * (the weight matching of Ainsworth and others, Git Re-Basin, arXiv 2209.04836, by incoming weights alone).
 */
import { bestAssignment, greedyAssignment, MAX_ASSIGNED } from './assignment.js';
import { type Along, type Incoming, incomingOf } from './incoming.js';
import { type Matches, type Rows, rowsOfBoth } from './member-rows.js';
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
  /** False where the group is so wide that cosines were estimated or neurons matched greedily: a lower bound then, within some percent. */
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
  readonly estimated: boolean;
}

function dot(a: Float32Array, from: number, b: Float32Array, start: number, length: number): number {
  let sum = 0;
  for (let i = 0; i < length; i++) sum += (a[from + i] as number) * (b[start + i] as number);
  return sum;
}

const zeroRows = ({ count, length, data }: Rows): readonly boolean[] =>
  Array.from({ length: count }, (_, r) => data.subarray(r * length, (r + 1) * length).every((value) => value === 0));

/** Adds the cosines of one pair of constants; two rows without any weight are the same. */
function* addCosines(sum: Float32Array, [a, b]: readonly [Rows, Rows]): Generator<void, void> {
  const [noneA, noneB] = [zeroRows(a), zeroRows(b)];
  let work = 0;
  for (let r = 0; r < a.count; r++) {
    for (let c = 0; c < b.count; c++) {
      const at = r * b.count + c;
      const none = noneA[r] && noneB[c];
      sum[at] = (sum[at] as number) + (none ? 1 : dot(a.data, r * a.length, b.data, c * b.length, a.length));
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
  let [used, estimated] = [0, false];
  for (const each of along) {
    const both = rowsOfBoth(a, b, each, group, matches);
    if (!both || both[0].count !== rows || both[1].count !== columns) continue;
    used++;
    estimated ||= both[0].sketched;
    yield* addCosines(sum, both);
  }
  if (used === 0) return undefined;
  for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] as number) / used;
  return { rows, columns, data: sum, estimated };
}

const meanOf = (values: ArrayLike<number>): number =>
  values.length === 0 ? 0 : Array.from(values).reduce((a, b) => a + b, 0) / values.length;

/** A group, matched: for each neuron of B that of A. */
interface Matched {
  readonly back: Int32Array;
  readonly similarity: GroupSimilarity;
}

function matched(name: string, cosines: Cosines): Matched {
  const { rows, columns, data, estimated } = cosines;
  const exact = Math.min(rows, columns) <= MAX_ASSIGNED;
  const assignment = exact ? bestAssignment(cosines) : greedyAssignment(cosines);
  const back = new Int32Array(columns).fill(-1);
  const pairs: number[] = [];
  assignment.forEach((column, row) => {
    if (column < 0) return;
    back[column] = row;
    pairs.push(data[row * columns + column] as number);
  });
  const similarity: GroupSimilarity = {
    name,
    neurons: [rows, columns],
    matched: meanOf(pairs),
    unmatched: meanOf(data),
    exact: exact && !estimated,
  };
  return { back, similarity };
}

/** What of a group is compared: the weights of its layers, or where it has none (an embedding) what else makes it. */
const comparedOf = ({ layers, rest }: Incoming): readonly Along[] => (layers.length > 0 ? layers : rest);

const sameMatch = (a: Int32Array | undefined, b: Int32Array): boolean => a?.every((each, i) => each === b[i]) ?? false;

/** Compares two members of a family in steps. */
export function* similaritySteps(
  { template, members }: Family,
  first: number,
  second: number,
): Generator<void, Similarity> {
  const [a, b] = [members[first] as Member, members[second] as Member];
  const incoming = incomingOf(template);
  const matches = new Map<number, Int32Array>();
  const found = new Map<number, GroupSimilarity>();
  for (let round = 0, changed = true; changed && round < MAX_ROUNDS; round++) {
    changed = false;
    for (const each of incoming) {
      const cosines = yield* cosinesOf(a, b, each.group, comparedOf(each), matches);
      yield;
      if (!cosines) continue;
      const { back, similarity } = matched(template.groups[each.group]?.name ?? '', cosines);
      changed ||= !sameMatch(matches.get(each.group), back);
      matches.set(each.group, back);
      found.set(each.group, similarity);
    }
  }
  const outputs = closing({ template, members }, a, b, matches);
  const groups = [...found.entries()].sort(([x], [y]) => x - y).map(([, similarity]) => similarity);
  return { overall: overall(groups, outputs), groups, outputs };
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
    const [noneX, noneY] = [zeroRows(x), zeroRows(y)];
    const positions = Math.min(x.count, y.count);
    const cosines = Array.from({ length: positions }, (_, r) =>
      noneX[r] && noneY[r] ? 1 : dot(x.data, r * x.length, y.data, r * y.length, x.length),
    );
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
