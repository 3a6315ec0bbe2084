/** Why a model has no neurons, for people who must do something about it. */
import type { Neurons } from '../analysis/neurons.js';
import { nodeText } from '../ir/nodes.js';

/** One line, for a model without neuron groups. */
export function whyNone({ unsupported, layers, fixedWhy }: Neurons): string {
  const [first] = unsupported;
  if (first) {
    const more = unsupported.size > 1 ? `, and ${unsupported.size - 1} more nodes are not followed` : '';
    return `${nodeText(first[0])}: ${first[1]}${more}`;
  }
  const reasons = layers.flatMap(({ weight, out }) => (out < 0 ? [] : (fixedWhy(weight, out) ?? [])));
  if (reasons.length === 0)
    return 'no operator multiplies by a weight that stands in the file (one that the model computes is none; remove parametrizations such as weight_norm before exporting)';
  const commonest = [...new Set(reasons)].sort((a, b) => countOf(reasons, b) - countOf(reasons, a))[0];
  return `what its ${layers.length === 1 ? 'layer makes is' : `${layers.length} layers make is`} fixed: ${commonest}`;
}

const countOf = (all: readonly string[], one: string): number => all.filter((each) => each === one).length;
