/** Hashes of words, for telling things apart and not against attackers. */

/** Mixes the bits of a word so that sums of mixed words tell multisets apart (the finaliser of MurmurHash3). */
export function mixed(word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Two words as one; their order counts. */
export const joined = (a: number, b: number): number => mixed(Math.imul(a, 31) ^ mixed(b + 0x165667b1));
