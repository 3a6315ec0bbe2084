/** Pairs that need no neighbours: nodes with something that as many nodes of the other graph have. */
import type { Evidence, Matching } from './matching.js';
import { kindOf, type Side } from './side.js';

/** What a node is recognised by; '' where it has no such thing. */
type Key = (side: Side, at: number) => string;

const weightNames: Key = ({ nodes, constants, weight }, at) =>
  weight(at) === '' ? '' : (nodes[at]?.inputs.filter((name) => constants.has(name)).join('\u0000') ?? '');

/** The strongest first: weights that are the same survive every renaming, names only that of the rest. */
export const WEIGHT_KEYS: readonly (readonly [Evidence, Key])[] = [
  ['same weights', ({ weight }, at) => weight(at)],
  ['same weight names', weightNames],
];

export const NAME_KEYS: readonly (readonly [Evidence, Key])[] = [
  ['same module', ({ modules }, at) => modules[at] as string],
  ['same name', ({ nodes }, at) => nodes[at]?.name ?? ''],
];

/** The nodes by operator and key. */
function byKey(side: Side, left: readonly number[], key: Key): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const at of left) {
    const own = key(side, at);
    const node = side.nodes[at];
    if (own === '' || !node) continue;
    const full = `${kindOf(node)}\u0000${own}`;
    const known = found.get(full) ?? [];
    known.push(at);
    found.set(full, known);
  }
  return found;
}

/** Pairs nodes without a partner that share a key with equally many of the other graph, in their order. */
export function anchor(matching: Matching, keys: readonly (readonly [Evidence, Key])[]): void {
  for (const [by, key] of keys) {
    const inB = byKey(matching.b, matching.leftB(), key);
    for (const [own, ofA] of byKey(matching.a, matching.leftA(), key)) {
      const ofB = inB.get(own) ?? [];
      if (ofA.length === ofB.length) ofA.forEach((a, i) => matching.add(a, ofB[i] as number, by));
    }
  }
}
