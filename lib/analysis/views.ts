/** Values that are a constant seen otherwise (a transposed weight), by the rules of rules/views. */
import { constantsOf } from '../ir/constants.js';
import type { Model } from '../ir/model.js';
import { ruleFor } from '../rules/table.js';
import { VIEW_RULES } from '../rules/views.js';

/** A constant as a value shows it. */
export interface View {
  /** The name of the constant. */
  readonly root: string;
  /** For each axis of the value the axis of the constant. */
  readonly axes: readonly number[];
}

/** All views of constants by the name of the value; a constant is not among them. */
export function findViews(model: Model): ReadonlyMap<string, View> {
  const constants = constantsOf(model.graph);
  const views = new Map<string, View>();
  for (const node of model.graph.nodes) {
    const [from = '', to = ''] = [node.inputs[0], node.outputs[0]];
    const rank = constants.get(from)?.dims.length ?? views.get(from)?.axes.length;
    const rule = rank === undefined ? undefined : ruleFor(VIEW_RULES, node, model.opsets.get(node.domain) ?? 0);
    if (rank === undefined || !rule || to === '') continue;
    const axes = rule(node, rank);
    const seen = views.get(from);
    views.set(to, { root: seen?.root ?? from, axes: axes.map((axis) => seen?.axes[axis] ?? axis) });
  }
  return views;
}
