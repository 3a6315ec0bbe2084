/**
 * The assembly: one model out of a family and a selection. Each constant of the template is gathered from the members,
 * and what names a width (a Reshape target, a noted shape) is rewritten. Nothing is computed until it is written.
 */
import type { NodeLayer } from '../analysis/groups.js';
import type { Family } from '../analysis/members.js';
import type { Roles } from '../analysis/roles.js';
import { membersDiffer, quoted } from '../errors.js';
import { constantsOf } from '../ir/constants.js';
import type { Dim } from '../ir/dim.js';
import { REAL_TYPES } from '../ir/dtype.js';
import { listInitializers, replaceConstants } from '../ir/edit.js';
import type { Graph, Model, Tensor, Value } from '../ir/model.js';
import { AxisLayouts } from './axis-layouts.js';
import { gatherBytes } from './gather.js';
import { planTensor, type Source } from './plan.js';
import { inOrder } from './reorder.js';
import { resizeNodes } from './resize.js';
import type { Selection } from './select.js';

/** A member's share in the mean that a closing layer makes, or in that of constants that belong to no neuron. */
export type ShareOf = (layer: NodeLayer | undefined, member: number) => number;

/** Puts the selected neurons of the members into the template. Throws MEMBERS_DIFFER, LAYOUT_UNSUPPORTED, DTYPE_UNSUPPORTED. */
export function assemble(family: Family, roles: Roles, selection: Selection, shareOf: ShareOf): Model {
  const { template } = family;
  const widths = template.groups.map((group) => selection[group.id]?.length ?? 0);
  const axes = new AxisLayouts(template, widths);
  const constants = new Map<string, Tensor>();
  for (const [name, tensor] of constantsOf(template.model.graph)) {
    const made = assembleConstant(family, tensor, axes, selection, roles, shareOf);
    if (made) constants.set(name, made);
  }
  const resized = resizeNodes(template, {
    unchanged: axes.unchanged,
    after: (value) => axes.dimsOf(value),
    boundary: (value, axis, at) => axes.boundary(value, axis, at),
    picked: (from, to, picks, length) => axes.picked(from, to, picks, length),
    lengthAt: (at, before) => axes.lengthAt(at, before),
  });
  const graph = replaceConstants(withShapes(resized, axes), constants);
  const made = { ...template.model, graph };
  return listInitializers(axes.unchanged ? made : inOrder(made, widths, (at) => axes.layoutOf(at)));
}

/** The constant as the output has it; undefined where the template's own stays. */
function assembleConstant(
  family: Family,
  tensor: Tensor,
  axes: AxisLayouts,
  selection: Selection,
  roles: Roles,
  shareOf: ShareOf,
): Tensor | undefined {
  const { name, dims, dtype } = tensor;
  const hasNeurons = dims.some((_, axis) => family.template.labels(name, axis) !== undefined);
  if (!hasNeurons && !REAL_TYPES.has(dtype)) return undefined;
  const averaged = roles.averaged.get(name);
  const isMean = averaged !== undefined || roles.blended.has(name);
  const sources = family.members.flatMap((member, index): readonly Source[] => {
    const own = member.tensor(name);
    return own ? [{ member, tensor: own, share: isMean ? shareOf(averaged?.layer, index) : 1 }] : [];
  });
  if (!hasNeurons && sources.every((source) => source.tensor === tensor)) return undefined;
  if (sources.length !== family.members.length) {
    // Scalars (the bounds of a Clip) and tables that one exporter writes and another computes are not matched: members of one
    // architecture have the same, as the proof shows. The mean of a scalar that all have is that scalar.
    if (!hasNeurons && (!averaged || dims.length === 0)) return undefined;
    throw membersDiffer(`the constant ${quoted(name)} has no counterpart in every member`);
  }
  for (const source of sources) {
    if (source.tensor.dims.length === dims.length && source.tensor.dtype === dtype) continue;
    throw membersDiffer(`the constant ${quoted(name)} has another rank or type in ${source.member.model.label}`);
  }
  const layouts = dims.map((length, axis) => axes.layout(name, axis, length));
  const plan = planTensor(tensor, layouts, sources, selection, roles);
  return { ...tensor, dims: plan.dims, data: gatherBytes(plan) };
}

/** The noted shapes of inner values at their new widths. */
function withShapes(graph: Graph, axes: AxisLayouts): Graph {
  const resize = (value: Value): Value => {
    const { shape } = value;
    if (!shape) return value;
    const dims = axes.dimsOf(value.name);
    const known =
      dims.length === shape.length && dims.some((dim, axis) => typeof dim === 'number' && dim !== shape[axis]);
    return known
      ? { ...value, shape: shape.map((dim, axis) => (typeof dims[axis] === 'number' ? (dims[axis] as Dim) : dim)) }
      : value;
  };
  const inputs = graph.inputs.map((value) => (graph.initializers.has(value.name) ? resize(value) : value));
  const valueInfo = graph.valueInfo.map(resize);
  return { ...graph, inputs, valueInfo };
}
