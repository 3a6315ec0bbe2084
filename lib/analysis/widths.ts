/** What a graph's shapes are at other widths of its neuron groups, told without building it. */
import { type Dim, isSymbolic } from '../ir/dim.js';
import type { Labels } from './groups.js';
import type { Neurons } from './neurons.js';
import type { FactsMap } from './shapes.js';

/** An axis with neurons: its fixed positions, and how often each neuron of a group stands on it. */
interface Makeup {
  readonly fixed: number;
  readonly groups: readonly (readonly [group: number, times: number])[];
}

function makeupOf(labels: Labels, sizes: readonly number[]): Makeup {
  const counts = new Map<number, number>();
  for (const group of labels.group) counts.set(group, (counts.get(group) ?? 0) + 1);
  const groups = [...counts].filter(([group]) => group >= 0);
  return {
    fixed: counts.get(-1) ?? 0,
    groups: groups.map(([group, count]) => [group, count / (sizes[group] as number)]),
  };
}

const lengthOf = ({ fixed, groups }: Makeup, widths: readonly number[]): number =>
  groups.reduce((sum, [group, times]) => sum + times * (widths[group] as number), fixed);

/** A function from widths, by group, to the facts of all values: other shapes, the same types. */
export function factsAtWidths({ facts, groups, labels }: Neurons): (widths: readonly number[]) => FactsMap {
  const sizes = groups.map(({ size }) => size);
  const values = [...new Set(groups.flatMap(({ axes }) => axes.map(({ value }) => value)))];
  const changing = values.map((value) => {
    const shape = facts.get(value)?.shape ?? [];
    const makeups = shape.map((_, axis) => {
      const own = labels(value, axis);
      return own && makeupOf(own, sizes);
    });
    return { value, shape, makeups };
  });
  return (widths) => {
    const made = new Map(facts);
    for (const { value, shape, makeups } of changing) {
      const dims = shape.map((dim, axis): Dim => {
        const makeup = makeups[axis];
        if (!makeup) return dim;
        const length = lengthOf(makeup, widths);
        return isSymbolic(dim) ? { ...dim, coefficient: length } : length;
      });
      made.set(value, { dtype: facts.get(value)?.dtype, shape: dims });
    }
    return made;
  };
}
