/** "Did you mean ..?" */

/** Letters to add, drop, change or swap with their neighbour to get from one word to the other (Damerau, restricted). */
function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, j) => j)];
  const at = (i: number, j: number) => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= a.length; i++) {
    rows.push([i]);
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const ways = [at(i - 1, j) + 1, at(i, j - 1) + 1, at(i - 1, j - 1) + change];
      rows[i]?.push(Math.min(...ways, swapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY));
    }
  }
  return at(a.length, b.length);
}

/** Longer words are no slips of a finger, and would take long to compare. */
const LONGEST = 40;

/** The word most like this one: a third of its letters may be wrong, or it may stop early. Undefined if none is near. */
export function closest(word: string, words: readonly string[]): string | undefined {
  if (word === '' || word.length > LONGEST) return undefined;
  const ranked = words
    .map((each) => ({ each, apart: distance(word.toLowerCase(), each) }))
    .sort((a, b) => a.apart - b.apart);
  const [best] = ranked;
  if (best && best.apart <= Math.max(1, Math.floor(word.length / 3))) return best.each;
  const started = words.filter((each) => each.startsWith(word.toLowerCase()));
  return started.length === 1 ? started[0] : undefined;
}
