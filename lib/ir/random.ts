/** Random numbers that are the same on every machine for one seed. Not for secrets. */

/** Makes the next number, in [0, 1) with 32 bits. */
export type Random = () => number;

/** A generator for a seed, of which integers up to 2^53 are told apart. */
export const seeded = (seed: number): Random => seededAt(Math.floor(seed / 2 ** 32), seed);

/**
 * A generator for number `index` of a seed: sfc32 (Chris Doty-Humphrey, PractRand), started from both and warmed up. Their lower
 * 32 bits count: as one number they would run into each other beyond 2^53.
 */
export function seededAt(seed: number, index: number): Random {
  let [a, b, c, counter] = [0x9e3779b9, seed | 0, index | 0, 1];
  const next = () => {
    const made = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + made) | 0;
    return (made >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 16; i++) next();
  return next;
}

/** The numbers 0 to count - 1 in random order (Fisher and Yates). */
export function shuffledIndices(count: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const moved = order[i] as number;
    order[i] = order[j] as number;
    order[j] = moved;
  }
  return order;
}

/** A number of the standard normal distribution (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
