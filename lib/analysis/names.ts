/** The neuron groups that a name means: of a group, an initializer or value on whose axes they lie, or a node that makes them. */
import type { NeuronGroup } from './groups.js';
import type { Neurons } from './neurons.js';

/** All groups that `name` means; none for a name that means nothing. */
export function groupsNamed(
  { model, groups }: Pick<Neurons, 'model' | 'groups'>,
  name: string,
): readonly NeuronGroup[] {
  if (name === '') return [];
  const made = new Set(model.graph.nodes.flatMap((node) => (node.name === name ? node.outputs : [])));
  return groups.filter(
    (group) => group.name === name || group.axes.some(({ value }) => value === name || made.has(value)),
  );
}
