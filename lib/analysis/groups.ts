/** Neuron groups: the free classes that live in the same way on the same set of axes are one layer's width. */
import type { Node } from '../ir/model.js';
import type { AxisRef, Layer } from '../rules/structure/relation.js';
import { type AxisSpace, type AxisSpan, type Classes, isVirtual } from './positions.js';
import { type Moves, Roots, signatures } from './signatures.js';

/** A layer and its node. */
export interface NodeLayer extends Layer {
  readonly node: Node;
}

/** The neurons that live in the same way on one set of axes: a layer's width, or that of a residual stream. */
export interface NeuronGroup {
  /** Its place in `Neurons.groups`. */
  readonly id: number;
  /** The weight that makes its neurons first. */
  readonly name: string;
  /** How many neurons it has. */
  readonly size: number;
  /** Every axis on which its neurons lie, tensors and activations alike. */
  readonly axes: readonly AxisRef[];
  /** The output axis of the weight `name`: along it the neurons are counted. */
  readonly reference: AxisRef;
}

/** Which neuron each position of an axis is: its group, and its number in the group; both -1 where it is fixed. */
export interface Labels {
  readonly group: Int32Array;
  readonly neuron: Int32Array;
}

export interface Gathered {
  readonly groups: readonly NeuronGroup[];
  labels(value: string, axis: number): Labels | undefined;
}

/** An axis of a constant along which neurons are made: the outputs of a layer, the entries of a row that is looked up. */
export interface Maker {
  readonly weight: string;
  readonly out: number;
}

interface Draft {
  readonly reference: AxisRef;
  readonly axes: AxisRef[];
  size: number;
}

/** The groups that are made somewhere, in the order of their first maker. Free positions that nothing makes have no group. */
export function gatherGroups(
  space: AxisSpace,
  classes: Classes,
  makers: readonly Maker[],
  moves: readonly Moves[],
): Gathered {
  const roots = new Roots(space, classes);
  const signature = signatures(roots, moves);
  const labels: Labels = {
    group: new Int32Array(space.total).fill(-1),
    neuron: new Int32Array(space.total).fill(-1),
  };
  const drafts: Draft[] = [];
  const groupOf = new Map<number, number>();
  for (const { weight, out } of makers) {
    const reference = { value: weight, axis: out };
    const axis = space.find(reference);
    if (!axis) continue;
    roots.each(axis, (root) => {
      if (labels.group[root] !== -1) return;
      const key = signature[root] as number;
      const group = groupOf.get(key) ?? drafts.push({ reference, axes: [], size: 0 }) - 1;
      groupOf.set(key, group);
      labels.group[root] = group;
      labels.neuron[root] = (drafts[group] as Draft).size++;
    });
  }
  for (const axis of space.axes) {
    if (isVirtual(axis)) continue;
    const present = new Set<number>();
    roots.each(axis, (root) => present.add(labels.group[root] as number));
    for (const group of present) drafts[group]?.axes.push({ value: axis.value, axis: axis.axis });
  }
  return {
    groups: drafts.map(({ reference, size, axes }, id) => ({ id, name: reference.value, reference, size, axes })),
    labels: labeller(roots, labels),
  };
}

/** Labels of single axes, made from those of the roots when they are asked for. */
function labeller({ space, of }: Roots, atRoot: Labels): Gathered['labels'] {
  const made = new Map<number, Labels | undefined>();
  const take = (labels: Int32Array, axis: AxisSpan) =>
    of.subarray(axis.start, axis.start + axis.length).map((root) => (root < 0 ? -1 : (labels[root] as number)));
  const make = (axis: AxisSpan): Labels | undefined => {
    const group = take(atRoot.group, axis);
    return group.some((each) => each >= 0) ? { group, neuron: take(atRoot.neuron, axis) } : undefined;
  };
  return (value, axis) => {
    const span = space.find({ value, axis });
    if (!span) return undefined;
    if (!made.has(span.id)) made.set(span.id, make(span));
    return made.get(span.id);
  };
}
