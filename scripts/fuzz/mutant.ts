/** One mutant for each number: the same seed and the same fixtures give the same bytes on every machine. */
import { type Random, seededAt } from '../../lib/ir/random.js';
import type { Fixture } from './corpus.js';
import { BYTE_MUTATIONS } from './mutate-bytes.js';
import { TREE_MUTATIONS } from './mutate-tree.js';
import { below, pick } from './pick.js';
import { type Item, parseTree, treeBytes } from './tree.js';

export interface Mutant {
  /** The fixture that it was made of. */
  readonly original: Fixture;
  readonly bytes: Uint8Array;
}

/** 1, 2, 3, ... each half as likely as the one before, 6 at most. */
function several(random: Random): number {
  let count = 1;
  while (count < 6 && random() < 0.5) count++;
  return count;
}

function mutateTree(items: Item[], random: Random, other: Item[]): Uint8Array {
  for (let left = several(random); left > 0; left--) pick(random, TREE_MUTATIONS)(items, random, other);
  return treeBytes(items);
}

function mutateBytes(bytes: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  let made = bytes;
  for (let left = several(random); left > 0; left--) made = pick(random, BYTE_MUTATIONS)(made, random, other);
  return made;
}

/** Mutant number `index` of a seed: four in five keep the lengths right, so that they get beyond the scanner. */
export function mutantOf(corpus: readonly Fixture[], seed: number, index: number): Mutant {
  const random = seededAt(seed, index);
  const sound = corpus.filter(({ path }) => !path.startsWith('refused/'));
  // Mutants of what is refused are mostly refused for the same reason: one in four is enough.
  const original = pick(random, random() < 0.25 ? corpus : sound);
  const other = pick(random, corpus);
  const tree = random() < 0.8 ? parseTree(original.bytes) : undefined;
  const whole = tree ? mutateTree(tree, random, parseTree(other.bytes) ?? []) : original.bytes;
  const bytes = !tree || below(random, 20) === 0 ? mutateBytes(whole, random, other.bytes) : whole;
  return { original, bytes };
}
