/** Gradients of several batches in one update: their mean, in which each batch counts by its samples. */
import { int } from '../ir/attributes.js';
import { FLOAT } from '../ir/dtype.js';
import type { Tensor } from '../ir/model.js';
import { add, mul } from '../rules/gradient/support.js';
import type { GrowingGraph } from './growing.js';
import type { Slot } from './step-graph.js';

/** What a step that accumulates takes beside the rest. */
export interface Sums {
  /** The input that tells which part of the update's samples this batch has: one number. */
  readonly share: string;
  /** The sum of what came before, for each parameter: 0 at first. */
  readonly slots: readonly Slot[];
}

/** Makes each gradient the sum of what came before and its share. */
export function accumulated(
  graph: GrowingGraph,
  trained: readonly Pick<Tensor, 'name' | 'dtype' | 'dims'>[],
  gradients: ReadonlyMap<string, string>,
): { readonly gradients: ReadonlyMap<string, string>; readonly sums: Sums } {
  const share = graph.name('share');
  graph.facts.set(share, { dtype: FLOAT, shape: [] });
  const slots = trained.flatMap(({ name, dtype, dims }): readonly (Slot & { readonly of: string })[] => {
    const gradient = gradients.get(name);
    if (gradient === undefined) return [];
    const sum = graph.name(`${name}.sum`);
    graph.facts.set(sum, { dtype, shape: dims });
    const own = dtype === FLOAT ? share : graph.emit('Cast', [share], int('to', dtype));
    return [{ of: name, name: sum, next: add(graph, sum, mul(graph, gradient, own)), dtype, dims }];
  });
  return { gradients: new Map(slots.map(({ of, next }) => [of, next])), sums: { share, slots } };
}
