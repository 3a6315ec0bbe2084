/**
 * Importance by distance (filter pruning via geometric median): a neuron that lies near all others can be replaced by them.
 * torch-pruning's FPGMImportance: for each side of a layer the sum of Euclidean distances from a neuron's vector of w^2 to those
 * of all others. In a fusion the vectors are those of the concatenated layer: members have their entries on fixed positions
 * in common and are zero on each other's neurons. Pairwise, so it takes time with the square of the width.
 */
import { dtypeUnsupported, nonfinite } from '../../errors.js';
import { byteLength, dtypeName } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/model.js';
import { elementCount, realsOf } from '../../ir/numeric.js';
import { DISTANCE_BLOCK_BYTES } from '../../limits.js';
import type { NodeLayer } from '../groups.js';
import type { Member } from '../members.js';
import type { Measure, Scene, Term } from './measure.js';
import { closingScale, countedLayers } from './terms.js';

/** One axis of one member's weight as vectors: a vector for each position, an entry for each combination of the others. */
interface Vectors {
  /** The member's name, for messages. */
  readonly model: string;
  readonly tensor: Tensor;
  readonly axis: number;
  /** For each entry, as it stands in the tensor, its place in the vector: entries that members share come first. */
  readonly place: Int32Array;
  readonly scale: Float64Array;
  readonly shared: number;
  readonly sums: Float64Array;
}

/** Differences between two looks at whether to stop: some tenths of a second. */
const BREATH = 2e8;

/** Some vectors in memory, one behind the other. */
interface Block {
  readonly of: Vectors;
  readonly positions: readonly number[];
}

/** The measure with blocks of so many bytes; it holds two. */
export const fpgmInBlocks = (bytes: number): Measure =>
  function* (scene) {
    const { members } = scene.family;
    const terms: Term[][] = members.map(() => []);
    for (const { layer, sides: own } of countedLayers(scene)) {
      for (const axis of own) {
        const sides = members.map((member) => vectorsOf(scene, member, layer, axis));
        if (sides.every((side) => side === undefined)) continue;
        for (const group of groupsOn(members, layer.weight, axis)) {
          yield* addDistances(scene, blocksOf(members, sides, layer.weight, group, bytes));
        }
        sides.forEach((side, m) => {
          if (side) terms[m]?.push({ tensor: layer.weight, axis, sums: side.sums });
        });
      }
    }
    return terms;
  };

export const fpgm: Measure = fpgmInBlocks(DISTANCE_BLOCK_BYTES);

const groupsOn = (members: readonly Member[], weight: string, axis: number): readonly number[] =>
  [...new Set(members.flatMap((member) => [...new Set(member.labels(weight, axis)?.group)]))].filter((id) => id >= 0);

function vectorsOf(scene: Scene, member: Member, layer: NodeLayer, axis: number): Vectors | undefined {
  const tensor = member.tensor(layer.weight);
  if (!tensor || !member.labels(layer.weight, axis)) return undefined;
  const { dims } = tensor;
  const others = [...dims.keys()].filter((each) => each !== axis);
  const length = elementCount(others.map((each) => dims[each] as number));
  const labels = others.map((each) => member.labels(layer.weight, each));
  const weigh = closingScale(scene, member, tensor, layer, 2);
  const [place, scale] = [new Int32Array(length), new Float64Array(length).fill(1)];
  const own: number[] = [];
  let shared = 0;
  for (let entry = 0; entry < length; entry++) {
    let rest = entry;
    let isOwn = false;
    for (let i = others.length - 1; i >= 0; i--) {
      const dim = dims[others[i] as number] as number;
      const at = rest % dim;
      rest = (rest - at) / dim;
      if ((labels[i]?.group[at] ?? -1) >= 0) isOwn = true;
      if (others[i] === layer.out && weigh) scale[entry] = weigh[at] as number;
    }
    if (isOwn) own.push(entry);
    else place[entry] = shared++;
  }
  own.forEach((entry, i) => {
    place[entry] = shared + i;
  });
  return {
    model: member.model.label,
    tensor,
    axis,
    place,
    scale,
    shared,
    sums: new Float64Array(dims[axis] as number),
  };
}

/** The positions of a group in all members, in blocks of one member each. */
function blocksOf(
  members: readonly Member[],
  sides: readonly (Vectors | undefined)[],
  weight: string,
  group: number,
  bytes: number,
): readonly Block[] {
  return sides.flatMap((of, m): readonly Block[] => {
    const labels = of && members[m]?.labels(weight, of.axis);
    if (!of || !labels) return [];
    const positions = [...labels.group.keys()].filter((p) => labels.group[p] === group);
    const size = Math.max(1, Math.floor(bytes / 8 / Math.max(1, of.place.length)));
    return Array.from({ length: Math.ceil(positions.length / size) }, (_, i) => ({
      of,
      positions: positions.slice(i * size, (i + 1) * size),
    }));
  });
}

/** Adds to each position its distance from all others. */
function* addDistances(scene: Scene, blocks: readonly Block[]): Generator<void, void> {
  const norms = new Map<Block, Float64Array>();
  const load = (block: Block): Float64Array => {
    const data = loadBlock(scene, block);
    if (!norms.has(block)) norms.set(block, ownNorms(block, data));
    return data;
  };
  for (const [i, a] of blocks.entries()) {
    const data = load(a);
    yield* addPairs(a, data, a, data, norms);
    for (const b of blocks.slice(i + 1)) yield* addPairs(a, data, b, load(b), norms);
  }
}

/** Reads vectors in one pass over the tensor. Throws NONFINITE. */
function loadBlock({ options }: Scene, { of, positions }: Block): Float64Array {
  const { tensor, axis, place, scale } = of;
  const { dims, data, dtype, name } = tensor;
  const size = byteLength(dtype, 1);
  if (!data || !size) throw dtypeUnsupported(name, dtypeName(dtype), 'score it');
  const [length, inner, count] = [dims[axis] as number, elementCount(dims.slice(axis + 1)), place.length];
  const loaded = new Float64Array(positions.length * count);
  let outer = 0;
  for (const piece of data.pieces(size * length * inner)) {
    const values = realsOf(piece, dtype, name);
    for (let start = 0; start < values.length; start += length * inner, outer++) {
      for (const [row, position] of positions.entries()) {
        for (let k = 0; k < inner; k++) {
          const entry = outer * inner + k;
          const value = values[start + position * inner + k] as number;
          if (!Number.isFinite(value) && !options.allowNonfinite) throw nonfinite(of.model, name);
          const square = Number.isFinite(value) ? value * value * (scale[entry] as number) : 0;
          loaded[row * count + (place[entry] as number)] = square;
        }
      }
    }
  }
  return loaded;
}

/** The squared length of the part of each vector that other members do not share. */
function ownNorms({ of, positions }: Block, data: Float64Array): Float64Array {
  const count = of.place.length;
  return Float64Array.from(positions, (_, row) =>
    data.subarray(row * count + of.shared, (row + 1) * count).reduce((sum, each) => sum + each * each, 0),
  );
}

/** Adds the distances between the vectors of two blocks on both sides; of a block with itself each pair once. */
function* addPairs(
  a: Block,
  x: Float64Array,
  b: Block,
  y: Float64Array,
  norms: ReadonlyMap<Block, Float64Array>,
): Generator<void, void> {
  const [countA, countB] = [a.of.place.length, b.of.place.length];
  const alike = a.of === b.of;
  const together = alike ? countA : Math.min(a.of.shared, b.of.shared);
  const [normsA, normsB] = [norms.get(a), norms.get(b)];
  let work = 0;
  for (const [i, p] of a.positions.entries()) {
    work += (together + 1) * b.positions.length;
    if (work > BREATH) {
      work = 0;
      yield;
    }
    for (let j = a === b ? i + 1 : 0; j < b.positions.length; j++) {
      let sum = alike ? 0 : (normsA?.[i] ?? 0) + (normsB?.[j] ?? 0);
      for (let k = 0, s = i * countA, t = j * countB; k < together; k++, s++, t++) {
        const apart = (x[s] as number) - (y[t] as number);
        sum += apart * apart;
      }
      const distance = Math.sqrt(sum);
      const q = b.positions[j] as number;
      a.of.sums[p] = (a.of.sums[p] as number) + distance;
      b.of.sums[q] = (b.of.sums[q] as number) + distance;
    }
  }
}
