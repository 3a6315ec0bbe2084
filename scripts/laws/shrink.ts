/** Makes a recipe smaller for as long as it still breaks the same law. */

import { buildMembers } from './build.js';
import { ALL_LAWS, checkMembers, type Outcome } from './check.js';
import type { OutputPrint, Recipe } from './recipe.js';

/** Recipes that are tried at most: a graph takes some 50 ms with all laws, and one law less. */
const MAX_TRIALS = 400;

const withoutAt = <T>(items: readonly T[], at: number): readonly T[] => items.filter((_, i) => i !== at);

const replacedAt = <T>(items: readonly T[], at: number, item: T): readonly T[] =>
  items.map((each, i) => (i === at ? item : each));

/** Recipes that are one thing simpler, the ones that drop most first. */
function* simpler(recipe: Recipe): Generator<Recipe> {
  const { setup, steps, outputs, inputs } = recipe;
  const half = steps.length >> 1;
  if (half > 0) {
    yield { ...recipe, steps: steps.slice(half) };
    yield { ...recipe, steps: steps.slice(0, half) };
  }
  if (recipe.dead) yield { ...recipe, dead: false };
  if (outputs.length > 1) for (const at of outputs.keys()) yield { ...recipe, outputs: withoutAt(outputs, at) };
  if (inputs.length > 1) for (const at of inputs.keys()) yield { ...recipe, inputs: withoutAt(inputs, at) };
  for (const at of [...steps.keys()].reverse()) yield { ...recipe, steps: withoutAt(steps, at) };
  for (const [at, output] of outputs.entries()) {
    for (const cut of output.tail.keys()) {
      const shorter: OutputPrint = { ...output, tail: withoutAt(output.tail, cut) };
      yield { ...recipe, outputs: replacedAt(outputs, at, shorter) };
    }
  }
  for (const flag of ['noted', 'listed', 'symbolic'] as const)
    if (setup[flag]) yield { ...recipe, setup: { ...setup, [flag]: false } };
  if (!setup.plain) yield { ...recipe, setup: { ...setup, plain: true } };
  for (const widest of [2, 3, 4, 6]) if (widest < setup.widest) yield { ...recipe, setup: { ...setup, widest } };
  if (setup.opset !== 17) yield { ...recipe, setup: { ...setup, opset: 17 } };
}

/** How a recipe breaks a law; undefined where it does not. */
export type Breaks = (recipe: Recipe) => Promise<Outcome | undefined>;

/** Puts a recipe to one law. */
export const breaksLaw =
  (law: string): Breaks =>
  async (recipe) => {
    const laws = ALL_LAWS.filter(({ name }) => name === law);
    try {
      const outcomes = await checkMembers(buildMembers(recipe), laws);
      return outcomes.find(({ verdict }) => verdict === 'violated');
    } catch {
      // A recipe that cannot be built any more is no smaller case of this fault.
      return undefined;
    }
  };

export interface Shrunk {
  readonly recipe: Recipe;
  readonly outcome: Outcome;
}

/** The smallest recipe that was found to break the same law. */
export async function shrink(recipe: Recipe, outcome: Outcome, breaks = breaksLaw(outcome.law)): Promise<Shrunk> {
  let best: Shrunk = { recipe, outcome };
  let left = MAX_TRIALS;
  for (let progress = true; progress && left > 0; ) {
    progress = false;
    for (const candidate of simpler(best.recipe)) {
      if (left-- <= 0) break;
      const broken = await breaks(candidate);
      if (!broken) continue;
      best = { recipe: candidate, outcome: broken };
      progress = true;
      break;
    }
  }
  return best;
}
