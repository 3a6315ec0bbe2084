/** The longest common subsequence of two lists of words. */

/** Words of one list times words of the other that are compared; beyond, only the equal ends of both lists are common. */
const MAX_COMPARED = 2 ** 24;

/** Pairs of positions (in `a`, in `b`), both rising. Takes the product of what lies between the equal ends in time and bytes. */
export function commonSequence(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  const shorter = Math.min(a.length, b.length);
  let front = 0;
  while (front < shorter && a[front] === b[front]) front++;
  let back = 0;
  while (back < shorter - front && a[a.length - 1 - back] === b[b.length - 1 - back]) back++;
  const middle = between(a.slice(front, a.length - back), b.slice(front, b.length - back));
  return [
    ...Array.from({ length: front }, (_, i) => [i, i] as const),
    ...middle.map(([i, j]) => [i + front, j + front] as const),
    ...Array.from({ length: back }, (_, i) => [a.length - back + i, b.length - back + i] as const),
  ];
}

/** Which way leads to the longest common rest. */
const [BOTH, SKIP_A, SKIP_B] = [0, 1, 2];

function between(a: readonly string[], b: readonly string[]): readonly (readonly [number, number])[] {
  if (a.length * b.length > MAX_COMPARED) return [];
  const ways = waysOf(a, b);
  const pairs: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const way = ways[i * b.length + j];
    if (way === BOTH) pairs.push([i, j]);
    if (way !== SKIP_B) i++;
    if (way !== SKIP_A) j++;
  }
  return pairs;
}

/** From the back: lengths of the common rests, of which two rows are kept, and the way to each. */
function waysOf(a: readonly string[], b: readonly string[]): Uint8Array {
  const ways = new Uint8Array(a.length * b.length);
  let below = new Uint32Array(b.length + 1);
  for (let i = a.length - 1; i >= 0; i--) {
    const row = new Uint32Array(b.length + 1);
    for (let j = b.length - 1; j >= 0; j--) {
      const [skipA, skipB] = [below[j] as number, row[j + 1] as number];
      const both = a[i] === b[j] ? (below[j + 1] as number) + 1 : -1;
      row[j] = Math.max(both, skipA, skipB);
      ways[i * b.length + j] = both === row[j] ? BOTH : skipA === row[j] ? SKIP_A : SKIP_B;
    }
    below = row;
  }
  return ways;
}
