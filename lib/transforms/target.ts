/** The least pruning ratio that brings a model down to a size. */

/** Ratios are searched to 2^-40: no group has so many neurons that a smaller step would tell. */
const STEPS = 40;

/** The ratio at which nothing is left but what must stay. */
const ALL = 1 - 2 ** -STEPS;

/** Digits of a ratio that people can type. */
const DIGITS = 12;

/** The ratio that was found and the size there; `met` is false where even the largest ratio leaves more than was asked for. */
export interface Solved {
  readonly ratio: number;
  readonly size: number;
  readonly met: boolean;
}

/**
 * Finds by bisection the least ratio with `sizeAt(ratio) <= most`, as the shortest decimal that gives the same size.
 * `sizeAt` must not rise with the ratio.
 */
export function solveRatio(sizeAt: (ratio: number) => number, most: number): Solved {
  const whole = sizeAt(0);
  if (whole <= most) return { ratio: 0, size: whole, met: true };
  const least = sizeAt(ALL);
  if (least > most) return { ratio: ALL, size: least, met: false };
  let [low, high, size] = [0, ALL, least];
  for (let step = 0; step < STEPS; step++) {
    const middle = (low + high) / 2;
    const there = sizeAt(middle);
    if (there <= most) [high, size] = [middle, there];
    else low = middle;
  }
  return { ratio: shortest(high, (ratio) => sizeAt(ratio) === size), size, met: true };
}

/** The number of fewest decimals from `ratio` up that does the same. */
function shortest(ratio: number, same: (ratio: number) => boolean): number {
  for (let digits = 1; digits <= DIGITS; digits++) {
    const up = Number(`${Math.ceil(ratio * 10 ** digits)}e-${digits}`);
    if (up < 1 && same(up)) return up;
  }
  return ratio;
}
