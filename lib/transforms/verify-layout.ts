/**
 * Whether the nodes of an assembled graph move its neurons as the layout of its constants says. At another width a Reshape
 * or Transpose may lead elsewhere than the template's pattern does when it is continued (channels last, then split into
 * heads): the numbers would be wrong without any shape being so.
 */
import { findNeurons, type Neurons } from '../analysis/neurons.js';
import { layoutUnsupported, quoted } from '../errors.js';
import type { Model } from '../ir/model.js';
import type { Layout } from './layout.js';

/** More neurons than a group can have. */
const GROUP = 2 ** 28;

/** Stands for all positions that are no neurons. */
const FIXED = -1;

/**
 * Finds the neurons of `made` and compares: positions of one neuron must have been given to one slot. Throws
 * LAYOUT_UNSUPPORTED at the first axis where they were not.
 */
export function verifyLayout(
  template: Neurons,
  made: Model,
  widths: readonly number[],
  layoutOf: (value: string, axis: number) => Layout,
): void {
  const neurons = findNeurons(made);
  const slots = new Map<number, number>();
  for (const [value, { shape }] of template.facts) {
    for (const axis of (shape ?? []).keys()) {
      if (!template.labels(value, axis)) continue;
      const layout = layoutOf(value, axis);
      const labels = neurons.labels(value, axis);
      const fits = (position: number): boolean => {
        const [group, slot] = [layout.group[position] as number, layout.slot[position] as number];
        const is = labels?.group[position] ?? -1;
        // A single neuron may be lost from sight: its axis looks like one that is only there to broadcast.
        if (is < 0) return group < 0 || widths[group] === 1;
        const [neuron, given] = [
          is * GROUP + (labels?.neuron[position] as number),
          group < 0 ? FIXED : group * GROUP + slot,
        ];
        if (!slots.has(neuron)) slots.set(neuron, given);
        return slots.get(neuron) === given;
      };
      const sameLength = labels === undefined || labels.group.length === layout.group.length;
      if (sameLength && layout.group.every((_, position) => fits(position))) continue;
      throw layoutUnsupported(
        `axis ${axis} of ${quoted(value)}`,
        'its neurons would stand in another order at the new width',
      );
    }
  }
}
