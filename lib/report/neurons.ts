/** The neurons of a model, told so that a user sees every coupled axis, and for each layer without neurons the reason. */
import type { NodeLayer } from '../analysis/groups.js';
import type { Neurons } from '../analysis/neurons.js';
import { constantsOf } from '../ir/constants.js';
import { nodeText } from '../ir/nodes.js';

/** One axis on which the neurons of a group lie. */
export interface AxisReport {
  readonly value: string;
  readonly axis: number;
  /** Whether the value is a weight that a transform would cut, and not an activation. */
  readonly initializer: boolean;
}

/** One neuron group and all its axes. */
export interface NeuronGroupReport {
  readonly name: string;
  readonly size: number;
  readonly axes: readonly AxisReport[];
}

/** Output positions of a layer that are no neurons. */
export interface FixedReport {
  readonly weight: string;
  readonly axis: number;
  readonly node: string;
  readonly positions: number;
  /** How many positions the axis has. */
  readonly of: number;
  readonly why: string;
}

/** A node that no structure rule covers: the neurons that touch it stay as they are. */
export interface UncoveredNode {
  readonly node: string;
  readonly op: string;
  readonly why: string;
}

/** Every neuron group, and what is no neuron and why. */
export interface NeuronsReport {
  readonly groups: readonly NeuronGroupReport[];
  readonly fixed: readonly FixedReport[];
  /** Places where neurons of one value influence each other, so that side by side is not exact. */
  readonly mixes: readonly { readonly value: string; readonly axis: number; readonly why: string }[];
}

function fixedOf(neurons: Neurons, { weight, out, node }: NodeLayer): readonly FixedReport[] {
  const shape = neurons.facts.get(weight)?.shape;
  const of = shape?.[out];
  if (typeof of !== 'number') return [];
  const group = neurons.labels(weight, out)?.group;
  const positions = group ? group.filter((each) => each < 0).length : of;
  if (positions === 0) return [];
  const why = neurons.fixedWhy(weight, out) ?? 'a part of it is tied to a fixed axis';
  return [{ weight, axis: out, node: nodeText(node), positions, of, why }];
}

/** Layers by weight, each once. */
export const layersByWeight = (neurons: Neurons): ReadonlyMap<string, NodeLayer> =>
  new Map([...neurons.layers].reverse().map((layer) => [layer.weight, layer]));

/** Groups with all their axes, and what is fixed and why. */
export function neuronsReport(neurons: Neurons): NeuronsReport {
  const constants = constantsOf(neurons.model.graph);
  const once = [...layersByWeight(neurons).values()].reverse();
  return {
    groups: neurons.groups.map(({ name, size, axes }) => ({
      name,
      size,
      axes: axes.map(({ value, axis }) => ({ value, axis, initializer: constants.has(value) })),
    })),
    fixed: once.flatMap((layer) => fixedOf(neurons, layer)),
    mixes: neurons.mixes
      .filter(({ at }) => neurons.labels(at.value, at.axis) !== undefined)
      .map(({ at, why }) => ({ value: at.value, axis: at.axis, why })),
  };
}

/** Nodes that no rule covers, in order. */
export const uncoveredNodes = (neurons: Neurons): readonly UncoveredNode[] =>
  [...neurons.unsupported].map(([node, why]) => ({
    node: nodeText(node),
    op: node.domain === '' ? node.opType : `${node.domain}::${node.opType}`,
    why,
  }));
