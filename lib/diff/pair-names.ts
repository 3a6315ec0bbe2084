/** Inputs and outputs of two graphs beside each other. */

/** Names of one side paired with those of the other: the same name, or where that is missing the same place. */
export function pairNames(a: readonly string[], b: readonly string[]): readonly (readonly [string, string])[] {
  const [inA, inB] = [new Set(a), new Set(b)];
  const restA = a.filter((name) => !inB.has(name));
  const restB = b.filter((name) => !inA.has(name));
  return [
    ...a.filter((name) => inB.has(name)).map((name) => [name, name] as const),
    ...restA.slice(0, restB.length).map((name, i) => [name, restB[i] as string] as const),
  ];
}
