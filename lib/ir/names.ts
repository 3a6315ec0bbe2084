/** New names that collide with nothing. */

/** A function that makes names unlike all in `taken` and unlike each other: `bias`, then `bias.1`, `bias.2`. */
export function freshNames(taken: ReadonlySet<string>): (wish: string) => string {
  const all = new Set(taken);
  // The last number of each wish, so that many names of one wish do not take the square of their number.
  const last = new Map<string, number>();
  return (wish) => {
    let name = wish;
    let number = last.get(wish) ?? 0;
    while (all.has(name)) name = `${wish}.${++number}`;
    last.set(wish, number);
    all.add(name);
    return name;
  };
}
