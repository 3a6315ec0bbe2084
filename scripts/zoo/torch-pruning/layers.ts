/** The nodes of an exported file that are a PyTorch module, and which positions of their inputs and outputs pruning kept. */
import type { Graph, Node } from '../../../lib/ir/model.js';
import type { Pruned } from '../../../lib/transforms/prune.js';

/** Operators that hold their features on the last axis; the others hold channels on axis 1. */
const LAST_AXIS = new Set(['Gemm', 'MatMul', 'LayerNormalization']);

/** The module of a node of the legacy exporter: `/layer3/layer3.1/conv2/Conv` is `layer3.1.conv2`. */
function moduleOfScope(name: string): string {
  const scopes = name.split('/').slice(1, -1);
  return scopes.filter((scope, i) => !scopes[i + 1]?.startsWith(`${scope}.`)).join('.');
}

/** The node that reads `LAYER.weight` or `LAYER.bias`, or that the legacy exporter says comes from this module. */
export function nodeOfLayer({ nodes }: Graph, layer: string): Node | undefined {
  const reader = (name: string) => nodes.find(({ inputs }) => inputs.slice(1).includes(name));
  const biased = reader(`${layer}.bias`);
  return (
    reader(`${layer}.weight`) ??
    // A matrix that the exporter transposed has no name left, but the bias that is added to its product has.
    (biased?.opType === 'Add' ? nodes.find(({ outputs }) => outputs[0] === biased.inputs[0]) : biased) ??
    nodes.find(({ name, inputs }) => inputs.length > 1 && moduleOfScope(name) === layer)
  );
}

/** Positions that stay on one side of a node, and how many there were. Undefined where the axis is not known. */
export function keptOf(
  { neurons, ranking }: Pruned,
  { opType, inputs, outputs }: Node,
  side: 'in' | 'out',
): readonly number[] | undefined {
  const value = (side === 'in' ? inputs : outputs)[0] ?? '';
  const shape = neurons.facts.get(value)?.shape;
  const axis = LAST_AXIS.has(opType) ? (shape?.length ?? 0) - 1 : 1;
  const length = shape?.[axis];
  if (typeof length !== 'number') return undefined;
  const labels = neurons.labels(value, axis);
  const kept = ranking.map((group) => new Set(group.kept));
  return Array.from({ length }, (_, position) => position).filter((position) => {
    const group = labels?.group[position] ?? -1;
    return group < 0 || kept[group]?.has(labels?.neuron[position] ?? -1);
  });
}
