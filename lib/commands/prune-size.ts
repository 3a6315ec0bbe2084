/** Sizes before and after pruning, and sizes to prune to. */
import type { Neurons } from '../analysis/neurons.js';
import type { FactsMap } from '../analysis/shapes.js';
import { quoted, usage } from '../errors.js';
import type { Model } from '../ir/model.js';
import { countParameters } from '../report/contents.js';
import { countMacs } from '../report/macs.js';
import type { Target } from '../transforms/prune.js';

/** How large a model is. */
export interface ModelSize {
  readonly parameters: number;
  /** Multiply-accumulates of one run, symbolic dimensions counted as 1. */
  readonly macs: number;
}

/** A size to reach: a number, or a share of what the model has, such as `50%`. */
export type SizeWish = number | string;

/** What to bring a model down to; one of them. */
export interface SizeWishes {
  readonly targetParams?: SizeWish | undefined;
  readonly targetMacs?: SizeWish | undefined;
}

/** The size of a graph whose values have these shapes. */
export const sizeOf = (model: Model, facts: FactsMap): ModelSize => ({
  parameters: countParameters(model, facts),
  macs: countMacs(model.graph, facts).total,
});

const WISHES = [
  { name: 'targetParams', option: '--target-params', what: 'parameters' },
  { name: 'targetMacs', option: '--target-macs', what: 'macs' },
] as const;

const SHARE = /^([\d.]+(?:e[+-]?\d+)?)\s*%$/i;

/** Which size is wished for, and how large, of a model of size `whole`. Throws USAGE. */
function numberOf(option: string, wish: SizeWish, whole: number): number {
  const [, share] = SHARE.exec(String(wish).trim()) ?? [];
  const number = share === undefined ? Number(wish) : (Number(share) / 100) * whole;
  if (number > 0 && Number.isFinite(number) && String(wish).trim() !== '') return Math.floor(number);
  throw usage(
    `${option} takes a number from 1 up or a share, not ${quoted(String(wish))}`,
    `For example ${option} 50%, or ${option} 1000000.`,
  );
}

/** The wish that was given, if any. Throws USAGE for two, and for what is no size. */
export function wishOf(wishes: SizeWishes) {
  const [wish, second] = WISHES.filter(({ name }) => wishes[name] !== undefined);
  if (wish && second) throw usage(`${wish.option} and ${second.option} exclude each other`, 'Give one of them.');
  if (!wish) return undefined;
  const value = wishes[wish.name] as SizeWish;
  numberOf(wish.option, value, 1e9);
  return { ...wish, value };
}

/** The target that a wish means for a model, `parameters` being those of its file. */
export function targetOf(wishes: SizeWishes, neurons: Neurons, parameters: number): Target | undefined {
  const wish = wishOf(wishes);
  if (!wish) return undefined;
  const { what } = wish;
  const whole = what === 'macs' ? sizeOf(neurons.model, neurons.facts).macs : parameters;
  return {
    what: what === 'macs' ? 'MACs' : what,
    most: numberOf(wish.option, wish.value, whole),
    count: (model, facts) => sizeOf(model, facts)[what],
  };
}
