/** What is left between pairs, aligned as texts are: in order, as many likely pairs as possible (Needleman and Wunsch, 1970). */
import type { Graph, Node } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import type { Matching, NodePair } from './matching.js';
import { pairNames } from './pair-names.js';
import { kindOf, type Side } from './side.js';

/** Most comparisons of one stretch; beyond that its nodes stay unpaired rather than take minutes. */
const MAX_CELLS = 25_000_000;

/** What is compared of a node, in terms of the second graph. */
interface Clue {
  readonly kind: string;
  readonly name: string;
  readonly module: string;
  /** Axis lengths of its constant operands: layers of one form. */
  readonly form: string;
  /** For each operand the node that makes it, or that node's partner; NOBODY where there is none. */
  readonly makers: readonly number[];
  /** The nodes that use its outputs, or their partners. */
  readonly users: ReadonlySet<number>;
}

/** No node. Below it stand the graph's inputs and outputs, which are neighbours too. */
const NOBODY = -1;

/** Numbers of the values at the ends of a graph: those of one place or name have the same in both. */
type Ends = ReadonlyMap<string, number>;

/** The ends of both graphs, the paired ones under one number. */
function endsOf({ a, b }: Matching): readonly [Ends, Ends] {
  const names = (graph: Graph) => [fedInputs(graph).map(({ name }) => name), graph.outputs.map(({ name }) => name)];
  const [ofA, ofB] = [names(a.graph), names(b.graph)];
  const pairs = ofA.flatMap((own, k) => pairNames(own, ofB[k] ?? []));
  return [
    new Map(pairs.map(([name], i) => [name, NOBODY - 1 - i])),
    new Map(pairs.map(([, name], i) => [name, NOBODY - 1 - i])),
  ];
}

function clueOf(side: Side, at: number, ends: Ends, own: (node: number) => number): Clue {
  const { nodes, constants, maker, uses, modules } = side;
  const node = nodes[at] as Node;
  const users = node.outputs.flatMap((name) => [
    ...(uses.get(name) ?? []).map((use) => own(use.node)),
    ends.get(name) ?? NOBODY,
  ]);
  return {
    kind: kindOf(node),
    name: node.name,
    module: modules[at] ?? '',
    form: node.inputs.map((name) => constants.get(name)?.dims.join('x') ?? '').join(),
    makers: node.inputs.map((name) => ends.get(name) ?? own(maker.get(name) ?? NOBODY)),
    users: new Set(users.filter((user) => user !== NOBODY)),
  };
}

/** How likely two nodes are partners; 0 for no. Another operator can only stand for one between the same neighbours. */
function likeness(a: Clue, b: Clue): number {
  const behind = a.users.size > 0 && [...a.users].some((user) => b.users.has(user));
  const before = a.makers.some((from, k) => from !== NOBODY && from === b.makers[k]);
  if (a.kind !== b.kind) return before && behind ? 1 : 0;
  const named = a.name !== '' && a.name === b.name ? 2 : 0;
  const inModule = a.module !== '' && a.module === b.module ? 1 : 0;
  return 2 + (before ? 1 : 0) + (behind ? 1 : 0) + named + inModule + (a.form === b.form ? 1 : 0);
}

/** The pairs of greatest likeness in sum that keep the order. */
function aligned(matching: Matching, ofA: readonly number[], ofB: readonly number[]): readonly (readonly number[])[] {
  const width = ofB.length + 1;
  const [endsA, endsB] = endsOf(matching);
  const cluesA = ofA.map((at) => clueOf(matching.a, at, endsA, (node) => matching.ofA(node)?.b ?? NOBODY));
  const cluesB = ofB.map((at) => clueOf(matching.b, at, endsB, (node) => node));
  const best = new Int32Array((ofA.length + 1) * width);
  const like = new Uint8Array(best.length);
  for (let i = ofA.length - 1; i >= 0; i--) {
    for (let j = ofB.length - 1; j >= 0; j--) {
      const at = i * width + j;
      like[at] = likeness(cluesA[i] as Clue, cluesB[j] as Clue);
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
