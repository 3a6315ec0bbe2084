/**
 * Neurons of one layer that are the same, or the same up to a factor. Candidates are found by random projections, sorted along
 * the first (Charikar, Similarity estimation techniques from rounding algorithms, STOC 2002, has the idea), and then compared
 * element by element: time grows with the weights, not with the square of the neurons.
 */
import type { Along, Incoming } from '../analysis/incoming.js';
import type { Neurons } from '../analysis/neurons.js';
import { occurrencesAt } from '../analysis/occurrences.js';
import { eachRun, rowLength } from '../analysis/rows.js';
import { normal, seeded } from '../ir/random.js';

/** Neurons that are the same, up to a factor. */
export interface Duplicates {
  /** The neuron group, by the weight that makes its neurons first. */
  readonly group: string;
  /** `equal`: all that makes them is equal; `parallel`: the weights of their layers are, up to a factor of each neuron. */
  readonly kind: 'equal' | 'parallel';
  /** Their numbers in the group, ascending. */
  readonly neurons: readonly number[];
  /** By how much the weights of each are those of the first; negative where they point the other way. */
  readonly factors: readonly number[];
  /** How many neurons the group has. */
  readonly of: number;
}

/** Relative difference up to which rows are equal, and 1 - |cosine| up to which they are parallel. */
const TOLERANCE = 1e-6;

/** Rows of fewer weights are parallel by chance. */
const LEAST_LENGTH = 3;

const PROJECTIONS = 4;

/** Rows of length 1 whose 1 - cosine is within TOLERANCE are 1.4e-3 apart: seven times that in each projection. */
const NEAR = 0.01;

/** For each position on an axis the neuron of the group there (-1 for none), and how many positions of it came before. */
interface Places {
  readonly neuron: Int32Array;
  readonly turn: Int32Array;
  readonly turns: number;
}

function placesOf(neurons: Neurons, { tensor, axis }: Along, group: number): Places {
  const labels = neurons.labels(tensor.name, axis);
  const length = tensor.dims[axis] ?? 0;
  const turn = occurrencesAt(labels, length);
  const neuron = turn.map((_, p) => (labels?.group[p] === group ? (labels.neuron[p] as number) : -1));
  const turns = turn.reduce((most, own, p) => (neuron[p] === -1 ? most : Math.max(most, own + 1)), 0);
  return { neuron, turn, turns };
}

/** Square of the length of each neuron's row, and its projections. */
interface Sketch {
  readonly energy: Float64Array;
  readonly projections: readonly Float64Array[];
  readonly length: number;
}

function sketchOf(neurons: Neurons, { group, layers }: Incoming, size: number): Sketch {
  const energy = new Float64Array(size);
  const projections = Array.from({ length: PROJECTIONS }, () => new Float64Array(size));
  let length = 0;
  layers.forEach((along, number) => {
    const { neuron, turn, turns } = placesOf(neurons, along, group);
    const row = rowLength(along.tensor, along.axis);
    length += row * turns;
    const directions = projections.map((_, k) => randomly(row * turns, number * PROJECTIONS + k));
    eachRun(along.tensor, along.axis, (position, values, from, to, first) => {
      const own = neuron[position] as number;
      if (own < 0) return;
      const start = (turn[position] as number) * row + first - from;
      let total = 0;
      for (let i = from; i < to; i++) total += (values[i] as number) * (values[i] as number);
      energy[own] = (energy[own] as number) + total;
      projections.forEach((projection, k) => {
        const direction = directions[k] as Float64Array;
        let sum = 0;
        for (let i = from; i < to; i++) sum += (values[i] as number) * (direction[start + i] as number);
        projection[own] = (projection[own] as number) + sum;
      });
    });
  });
  return { energy, projections, length };
}

function randomly(length: number, seed: number): Float64Array {
  const random = seeded(seed + 1);
  return Float64Array.from({ length }, () => normal(random));
}

/** Projections of the rows at length 1, turned so that the first is not negative; undefined for a row that has no direction. */
function directionOf({ energy, projections }: Sketch, neuron: number): readonly number[] | undefined {
  const size = Math.sqrt(energy[neuron] as number);
  if (!(size > 0) || !Number.isFinite(size)) return undefined;
  const sign = Math.sign(projections[0]?.[neuron] as number) || 1;
  return projections.map((each) => (sign * (each[neuron] as number)) / size);
}

interface Sketched {
  readonly neuron: number;
  readonly at: readonly number[];
}

/** Neurons whose sketches nearly agree with that of a first one. */
function candidates(sketch: Sketch): readonly (readonly number[])[] {
  const all = [...sketch.energy.keys()].flatMap((neuron): readonly Sketched[] => {
    const at = directionOf(sketch, neuron);
    return at ? [{ neuron, at }] : [];
  });
  const sorted = all.sort((a, b) => (a.at[0] as number) - (b.at[0] as number) || a.neuron - b.neuron);
  const classes: { readonly leader: Sketched; readonly neurons: number[] }[] = [];
  for (const each of sorted) {
    let found: (typeof classes)[number] | undefined;
    for (let c = classes.length - 1; c >= 0 && !found; c--) {
      const known = classes[c] as (typeof classes)[number];
      if ((each.at[0] as number) - (known.leader.at[0] as number) > NEAR) break;
      if (known.leader.at.every((value, k) => Math.abs(value - (each.at[k] as number)) < NEAR)) found = known;
    }
    if (found) found.neurons.push(each.neuron);
    else classes.push({ leader: each, neurons: [each.neuron] });
  }
  return classes.filter(({ neurons }) => neurons.length > 1).map(({ neurons }) => neurons.sort((a, b) => a - b));
}

/** The rows of some neurons, all constants one behind the other. */
function rowsOf(
  neurons: Neurons,
  along: readonly Along[],
  group: number,
  wanted: readonly number[],
): ReadonlyMap<number, Float64Array> {
  const places = along.map((each) => placesOf(neurons, each, group));
  const lengths = along.map((each, i) => rowLength(each.tensor, each.axis) * (places[i] as Places).turns);
  const total = lengths.reduce((a, b) => a + b, 0);
  const rows = new Map(wanted.map((neuron) => [neuron, new Float64Array(total)]));
  let start = 0;
  along.forEach(({ tensor, axis }, i) => {
    const { neuron, turn } = places[i] as Places;
    const row = rowLength(tensor, axis);
    eachRun(tensor, axis, (position, values, from, to, first) => {
      rows
        .get(neuron[position] as number)
        ?.set(values.subarray(from, to), start + (turn[position] as number) * row + first);
    });
    start += lengths[i] as number;
  });
  return rows;
}

/** Of two rows: the factor that takes the first nearest to the second, 1 - |cosine|, and how far apart they are, relative. */
function compare(a: Float64Array, b: Float64Array) {
  let [aa, ab, bb, apart] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    aa += x * x;
    ab += x * y;
    bb += y * y;
    apart += (x - y) ** 2;
  }
  const scale = Math.max(aa, bb);
  return {
    factor: ab / aa,
    slant: 1 - Math.abs(ab) / Math.sqrt(aa * bb),
    difference: scale === 0 ? 0 : Math.sqrt(apart / scale),
  };
}

type Found = Omit<Duplicates, 'group' | 'of'>;

/** How many different neurons of one class of candidates the others are compared with: all pairs of thousands take minutes. */
const MAX_FIRSTS = 256;

/** The neurons of a class that are the first one, equal or parallel, and those that are not. */
function settle(
  [first = 0, ...others]: readonly number[],
  layers: ReadonlyMap<number, Float64Array>,
  rest: ReadonlyMap<number, Float64Array>,
  length: number,
): { readonly found: readonly Found[]; readonly left: readonly number[] } {
  const row = (rows: ReadonlyMap<number, Float64Array>, neuron: number) => rows.get(neuron) as Float64Array;
  const compared = others.map((neuron) => {
    const weights = compare(row(layers, first), row(layers, neuron));
    const beside = compare(row(rest, first), row(rest, neuron));
    const equal = weights.difference <= TOLERANCE && beside.difference <= TOLERANCE;
    const parallel = !equal && length >= LEAST_LENGTH && weights.slant <= TOLERANCE;
    return { neuron, factor: equal ? 1 : weights.factor, kind: equal ? 'equal' : parallel ? 'parallel' : undefined };
  });
  const found = (['equal', 'parallel'] as const).flatMap((kind): readonly Found[] => {
    const same = compared.filter((each) => each.kind === kind);
    const neurons = [first, ...same.map(({ neuron }) => neuron)];
    return same.length > 0 ? [{ kind, neurons, factors: [1, ...same.map(({ factor }) => factor)] }] : [];
  });
  return { found, left: compared.filter(({ kind }) => kind === undefined).map(({ neuron }) => neuron) };
}

/** Splits a class of candidates into what is equal, and what is parallel. */
function settleAll(
  candidates: readonly number[],
  layers: ReadonlyMap<number, Float64Array>,
  rest: ReadonlyMap<number, Float64Array>,
  length: number,
): readonly Found[] {
  const all: Found[] = [];
  let left = candidates;
  for (let firsts = 0; left.length > 1 && firsts < MAX_FIRSTS; firsts++) {
    const settled = settle(left, layers, rest, length);
    all.push(...settled.found);
    left = settled.left;
  }
  return all;
}

/** The duplicates among the neurons of one group; none where its neurons do not take in the same inputs. */
export function duplicatesIn(neurons: Neurons, incoming: Incoming): readonly Duplicates[] {
  const { group, layers, rest, comparable } = incoming;
  const own = neurons.groups[group];
  if (!comparable || !own) return [];
  const sketch = sketchOf(neurons, incoming, own.size);
  const found = candidates(sketch);
  if (found.length === 0) return [];
  const wanted = found.flat();
  const [rows, others] = [rowsOf(neurons, layers, group, wanted), rowsOf(neurons, rest, group, wanted)];
  return found
    .flatMap((each) => settleAll(each, rows, others, sketch.length))
    .map((each) => ({ group: own.name, ...each, of: own.size }));
}
