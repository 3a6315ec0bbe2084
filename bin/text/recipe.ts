/** What a transform did to make a file, as people read it. */
import type { Recipe } from '../../lib/commands/recipe.js';
import { bare, shortened } from './table.js';

/** Longest text of a recipe that is none of ours. */
const LONGEST = 400;

/** Digits of a hash that tell files apart. */
const DIGITS = 12;

const isRecipe = (recipe: unknown): recipe is Recipe =>
  typeof recipe === 'object' &&
  recipe !== null &&
  'tool' in recipe &&
  'command' in recipe &&
  'options' in recipe &&
  'inputs' in recipe &&
  typeof recipe.options === 'object' &&
  recipe.options !== null &&
  Array.isArray(recipe.inputs) &&
  recipe.inputs.every((input: unknown) => typeof input === 'object' && input !== null && 'name' in input);

const valueText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** The tool and command, the options, and each input with the start of its hash; another text as it is. */
export function recipeLines(recipe: unknown): readonly string[] {
  if (!isRecipe(recipe)) return [bare(shortened(valueText(recipe), LONGEST))];
  const options = Object.entries(recipe.options).map(([name, value]) => `${name} ${valueText(value)}`);
  const inputs = recipe.inputs.map(({ name, sha256 }) => {
    const hash = Array.isArray(sha256) ? String(sha256[0] ?? '').slice(0, DIGITS) : '';
    return `${String(name)}${hash === '' ? '' : ` (sha256 ${hash}..)`}`;
  });
  const from = inputs.length > 0 ? ` of ${inputs.join(', ')}` : '';
  const how = options.length > 0 ? [bare(shortened(options.join(', '), LONGEST))] : [];
  return [bare(`${String(recipe.command)}${from}, by ${String(recipe.tool)}`), ...how];
}
