/** Pairs lead to pairs: what makes the inputs of two partners, and what uses their outputs, in the same place. */
import type { Matching } from './matching.js';
import { kindOf, type Side, type Use } from './side.js';

const opAt = ({ nodes }: Side, at: number): string => {
  const node = nodes[at];
  return node ? kindOf(node) : '';
};

/** The unpaired nodes that use a value, by operator and operand. */
function usersOf(side: Side, value: string, isLeft: (at: number) => boolean): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, number[]>();
  for (const { node, operand } of side.uses.get(value) ?? ([] as readonly Use[])) {
    if (!isLeft(node)) continue;
    const key = `${opAt(side, node)} ${operand}`;
    const known = found.get(key) ?? [];
    known.push(node);
    found.set(key, known);
  }
  return found;
}

/** Pairs the users of two values that are each other's counterpart. */
export function spreadDown(matching: Matching, valueA: string, valueB: string): void {
  const usersB = usersOf(matching.b, valueB, (at) => !matching.ofB(at));
  for (const [key, ofA] of usersOf(matching.a, valueA, (at) => !matching.ofA(at))) {
    const ofB = usersB.get(key) ?? [];
    if (ofA.length === ofB.length) ofA.forEach((a, i) => matching.add(a, ofB[i] as number, 'same place'));
  }
}

/** Pairs the makers of two values that are each other's counterpart. */
export function spreadUp(matching: Matching, valueA: string, valueB: string): void {
  const [a, b] = [matching.a.maker.get(valueA), matching.b.maker.get(valueB)];
  if (a === undefined || b === undefined || matching.ofA(a) || matching.ofB(b)) return;
  const isSame = opAt(matching.a, a) === opAt(matching.b, b) && matching.a.weight(a) === matching.b.weight(b);
  // A layer with other weights next to a partner is its counterpart only if no other layer can be; the gaps decide that.
  if (isSame) matching.add(a, b, 'same place');
}

/** Spreads from all fresh pairs until nothing is new. */
export function spread(matching: Matching): void {
  for (let pair = matching.fresh.pop(); pair; pair = matching.fresh.pop()) {
    const [a, b] = [matching.a.nodes[pair.a], matching.b.nodes[pair.b]];
    a?.inputs.forEach((name, k) => {
      spreadUp(matching, name, b?.inputs[k] ?? '');
    });
    a?.outputs.forEach((name, k) => {
      spreadDown(matching, name, b?.outputs[k] ?? '');
    });
  }
}
