/** Why a model has no neurons: which axis is fixed, by what. */
import type { Neurons } from '../analysis/neurons.js';
import { quoted } from '../errors.js';
import { nodeText } from '../ir/nodes.js';

/** How many reasons one line takes. */
const SHOWN = 3;

/** Layers that end at the model's outputs are fixed in every model: what else is fixed says more. */
const USUAL = 'an axis of a graph output';

/** The reasons in the order of the layers, each with the first weight that it holds for. */
export function whyNone(neurons: Neurons): string {
  const layers = neurons.layers.filter(({ out }) => out >= 0);
  const weights = new Map(layers.map(({ weight, out }) => [weight, { weight, axis: out }]));
  const byReason = new Map<string, { weight: string; axis: number; others: number }>();
  for (const { weight, axis } of weights.values()) {
    const why = neurons.fixedWhy(weight, axis) ?? 'a part of it is tied to a fixed axis';
    const known = byReason.get(why);
    if (known) known.others++;
    else byReason.set(why, { weight, axis, others: 0 });
  }
  const reasons = [...byReason].filter(([why]) => why !== USUAL);
  if (reasons.length === 0) return withoutReasons(neurons, layers.length > 0);
  const told = reasons.slice(0, SHOWN).map(([why, { weight, axis, others }]) => {
    const more = others === 0 ? '' : `, and so are those of ${others} more ${others === 1 ? 'weight' : 'weights'}`;
    return `axis ${axis} of ${quoted(weight)} is fixed (${why})${more}`;
  });
  const rest = reasons.length - told.length;
  return `${told.join('; ')}${rest > 0 ? `; and ${rest} more such ${rest === 1 ? 'axis' : 'axes'}` : ''}`;
}

/** Where all layers lead to outputs, or no weight is a constant: nodes that no rule covers, if there are any. */
function withoutReasons({ unsupported }: Neurons, layers: boolean): string {
  const [first] = unsupported;
  if (!first) {
    const which = layers ? 'no layer' : 'no layer with a constant weight';
    return `${which} stands between its inputs and its outputs`;
  }
  const [node, why] = first;
  const others = unsupported.size - 1;
  return `${nodeText(node)}: ${why}${others > 0 ? `; ${others} more of its nodes have no rule` : ''}`;
}
