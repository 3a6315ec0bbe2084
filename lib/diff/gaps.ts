/** What is left between pairs, aligned as texts are: in order, as many likely pairs as possible (Needleman and Wunsch, 1970). */
import type { Matching, NodePair } from './matching.js';
import { kindOf, type Side } from './side.js';

/** Most comparisons of one stretch; beyond that its nodes stay unpaired rather than take minutes. */
const MAX_CELLS = 4_000_000;

/** Whether the k-th inputs of two nodes come from partners, for some k; likewise for who uses their outputs. */
function neighbours(matching: Matching, a: number, b: number): number {
  const before = matching.a.nodes[a]?.inputs.some((name, k) => {
    const [x, y] = [matching.a.maker.get(name), matching.b.maker.get(matching.b.nodes[b]?.inputs[k] ?? '')];
    return x !== undefined && y !== undefined && matching.ofA(x)?.b === y;
  });
  const usersOf = (side: Side, at: number) =>
    (side.nodes[at]?.outputs ?? []).flatMap((name) => side.uses.get(name) ?? []).map(({ node }) => node);
  const usersB = new Set(usersOf(matching.b, b));
  const behind = usersOf(matching.a, a).some((user) => usersB.has(matching.ofA(user)?.b ?? -1));
  return (before ? 1 : 0) + (behind ? 1 : 0);
}

/** Axis lengths of a node's constant operands: layers of one form. */
const formOf = ({ nodes, constants }: Side, at: number): string =>
  (nodes[at]?.inputs ?? []).map((name) => constants.get(name)?.dims.join('x') ?? '').join();

/** How likely two nodes are partners; 0 for no. Another operator can only stand for one between the same neighbours. */
function likeness(matching: Matching, a: number, b: number): number {
  const [x, y] = [matching.a.nodes[a], matching.b.nodes[b]];
  if (!x || !y) return 0;
  const near = neighbours(matching, a, b);
  if (kindOf(x) !== kindOf(y)) return near === 2 ? 1 : 0;
  const named = x.name !== '' && x.name === y.name ? 2 : 0;
  const module = matching.a.modules[a];
  const inModule = module !== '' && module === matching.b.modules[b] ? 1 : 0;
  const form = formOf(matching.a, a) === formOf(matching.b, b) ? 1 : 0;
  return 2 + near + named + inModule + form;
}

/** The pairs of greatest likeness in sum that keep the order. */
function aligned(matching: Matching, ofA: readonly number[], ofB: readonly number[]): readonly (readonly number[])[] {
  const width = ofB.length + 1;
  const best = new Int32Array((ofA.length + 1) * width);
  const like = new Uint8Array(best.length);
  for (let i = ofA.length - 1; i >= 0; i--) {
    for (let j = ofB.length - 1; j >= 0; j--) {
      const at = i * width + j;
      like[at] = likeness(matching, ofA[i] as number, ofB[j] as number);
      const skip = Math.max(best[at + width] as number, best[at + 1] as number);
      const take = like[at] > 0 ? like[at] + (best[at + width + 1] as number) : 0;
      best[at] = Math.max(skip, take);
    }
  }
  const pairs: (readonly number[])[] = [];
  for (let [i, j] = [0, 0]; i < ofA.length && j < ofB.length; ) {
    const at = i * width + j;
    const taken = (like[at] as number) > 0 && best[at] === (like[at] as number) + (best[at + width + 1] as number);
    if (taken) pairs.push([ofA[i++] as number, ofB[j++] as number]);
    else if (best[at] === best[at + width]) i++;
    else j++;
  }
  return pairs;
}

/** Unpaired nodes of both graphs that stand behind the same pair and in front of the next one. */
function* stretches({ a, b }: Matching, kept: readonly NodePair[], leftA: readonly number[], leftB: readonly number[]) {
  let [i, j] = [0, 0];
  for (const pair of [...kept, { a: a.nodes.length, b: b.nodes.length }]) {
    const [fromA, fromB] = [i, j];
    while (i < leftA.length && (leftA[i] as number) < pair.a) i++;
    while (j < leftB.length && (leftB[j] as number) < pair.b) j++;
    yield [leftA.slice(fromA, i), leftB.slice(fromB, j)] as const;
  }
}

/** Pairs that stand in the same order in both graphs, as many as there can be; the others moved. */
export function inOrder(pairs: readonly NodePair[]): readonly NodePair[] {
  const tails: number[] = [];
  const before: number[] = [];
  pairs.forEach(({ b }, at) => {
    let [low, high] = [0, tails.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((pairs[tails[middle] as number]?.b ?? 0) < b) low = middle + 1;
      else high = middle;
    }
    before[at] = low > 0 ? (tails[low - 1] as number) : -1;
    tails[low] = at;
  });
  const kept: NodePair[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = before[at] as number) kept.push(pairs[at] as NodePair);
  return kept.reverse();
}

/** Pairs what is left, stretch by stretch. */
export function fillGaps(matching: Matching): void {
  const kept = inOrder(matching.pairs());
  for (const [ofA, ofB] of stretches(matching, kept, matching.leftA(), matching.leftB())) {
    if (ofA.length === 0 || ofB.length === 0 || ofA.length * ofB.length > MAX_CELLS) continue;
    for (const [a = 0, b = 0] of aligned(matching, ofA, ofB)) matching.add(a, b, 'order');
  }
}
