/** What a gradient case is: a graph, the values that its first output is differentiated by, and the same function in doubles. */
import type { Blueprint } from '../../support/build.js';
import type { GradientOptions } from '../../support/gradients.js';

export interface GradientCase extends Blueprint, GradientOptions {
  /** All inputs and weights that are not integers unless told. */
  readonly by?: readonly string[];
}

/** The case in the words of `expectGradients`. */
export function valuesOf({ inputs, weights, by }: GradientCase): readonly string[] {
  if (by) return by;
  const real = Object.keys(inputs).filter((name) => !name.includes(':'));
  // Dims stand for random real numbers; what a maker makes is a setting.
  const random = Object.entries(weights ?? {}).flatMap(([name, weight]) =>
    typeof weight === 'function' ? [] : [name],
  );
  return [...real, ...random];
}

/** `y = Op(x)` element by element, as a function of one number. */
export const curve = (nodes: string | readonly string[], f: (x: number) => number, rest: Partial<GradientCase> = {}) =>
  ({
    inputs: { x: ['batch', 7] },
    batch: 3,
    nodes: typeof nodes === 'string' ? [nodes] : nodes,
    exact: (value) => value('x').data.map(f),
    ...rest,
  }) satisfies GradientCase;
