/**
 * The parameters of a model in a form that does not depend on the exporter: the operators that hold constants, in order of
 * execution, every linear layer as weight and bias whether it is Gemm or MatMul and Add.
 */
import { constantsOf } from '../ir/constants.js';
import { FLOAT, REAL_TYPES } from '../ir/dtype.js';
import type { Graph, Node, Tensor } from '../ir/model.js';
import { floatOf, intOf, intsOf, nodeText } from '../ir/nodes.js';
import type { NodeLayer } from './groups.js';
import type { Neurons } from './neurons.js';

/** One operator with constants. */
export interface Parametric {
  readonly node: Node;
  /** What must agree between members: kind and settings, as text. */
  readonly kind: string;
  /** Its constants in a fixed order; undefined where an optional one is left out. */
  readonly constants: readonly (ParameterRef | undefined)[];
}

export interface ParameterRef {
  readonly name: string;
  /** The axes as they stand, told in canonical order: for a weight [out, in, rest..]. */
  readonly order: readonly number[];
  readonly dims: readonly number[];
}

/**
 * Which constants count as parameters: all real ones; without scalars (bounds, factors); or only those on which neurons lie and the
 * weights and biases of layers.
 */
export type Breadth = 'numbers' | 'parameters' | 'neurons';

/**
 * Lists the layers of a model and every other real-valued constant that an operator holds. What the other constants do is not
 * compared: exporters write a normalisation as one operator or as many.
 */
export function listParametric(neurons: Neurons, breadth: Breadth): readonly Parametric[] {
  const { graph } = neurons.model;
  const constants = realConstants(graph, breadth === 'numbers');
  const counts = (name: string): boolean =>
    breadth !== 'neurons' ||
    (constants.get(name)?.dims ?? []).some((_, axis) => neurons.labels(name, axis) !== undefined);
  const layerOf = new Map([...neurons.layers].reverse().map((layer) => [layer.node, layer]));
  const biases = separateBiases(graph, neurons, constants);
  const taken = new Set([...biases.values()].map((bias) => bias.node));
  return graph.nodes.flatMap((node): readonly Parametric[] => {
    if (taken.has(node) || node.opType === 'Constant') return [];
    const layer = layerOf.get(node);
    const held = node.inputs.filter((name) => constants.has(name));
    // Layers with more constants than weight and bias (recurrent ones) are told constant by constant.
    const plain = layer && held.every((name) => name === layer.weight || name === node.inputs[2]);
    if (plain && constants.has(layer.weight)) return [ofLayer(layer, constants, biases.get(node)?.name)];
    // Of a weight that is measured or turned for its layer, only the layer counts.
    if (neurons.views.has(node.outputs[0] ?? '') || !isReal(neurons, node)) return [];
    return held.filter(counts).map((name) => ({
      node,
      kind: constants.get(name)?.dims.length === 0 ? `number of ${node.opType}` : 'parameter',
      constants: [refOf(constants, name)],
    }));
  });
}

const realConstants = (graph: Graph, scalars: boolean): ReadonlyMap<string, Tensor> =>
  new Map(
    [...constantsOf(graph)].filter(([, { dtype, dims }]) => REAL_TYPES.has(dtype) && (scalars || dims.length > 0)),
  );

/** Whether a node makes real numbers, as far as it is known. */
const isReal = (neurons: Neurons, node: Node): boolean =>
  REAL_TYPES.has(neurons.facts.get(node.outputs[0] ?? '')?.dtype ?? FLOAT);

function refOf(constants: ReadonlyMap<string, Tensor>, name: string, first: readonly number[] = []): ParameterRef {
  const dims = constants.get(name)?.dims ?? [];
  return { name, dims, order: [...first, ...[...dims.keys()].filter((axis) => !first.includes(axis))] };
}

function ofLayer(layer: NodeLayer, constants: ReadonlyMap<string, Tensor>, separate: string | undefined): Parametric {
  const bias = separate ?? layer.node.inputs[2];
  return {
    node: layer.node,
    kind: `${layer.family}${settings(layer.node, constants.get(layer.weight)?.dims ?? [])}`,
    constants: [
      refOf(constants, layer.weight, [layer.out, layer.in]),
      bias && constants.has(bias) ? refOf(constants, bias) : undefined,
    ],
  };
}

/** Settings of a layer that change its function, defaults left out. How many groups there are is a width; padding may be an operator. */
function settings(node: Node, dims: readonly number[]): string {
  const group = intOf(node, 'group', 1);
  const said = [
    ['alpha', floatOf(node, 'alpha', 1) === 1 ? '' : floatOf(node, 'alpha', 1)],
    ['beta', floatOf(node, 'beta', 1) === 1 ? '' : floatOf(node, 'beta', 1)],
    ['groups of', group === 1 ? '' : [(dims[0] ?? 1) / group, dims[1]]],
    ['strides', intsOf(node, 'strides')?.some((each) => each !== 1) ? intsOf(node, 'strides') : ''],
    ['dilations', intsOf(node, 'dilations')?.some((each) => each !== 1) ? intsOf(node, 'dilations') : ''],
  ].filter(([, value]) => value !== '');
  return said.length === 0 ? '' : ` ${said.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ')}`;
}

/** Biases that stand in an Add behind a layer without one, by the layer's node. */
function separateBiases(
  graph: Graph,
  neurons: Neurons,
  constants: ReadonlyMap<string, Tensor>,
): ReadonlyMap<Node, { readonly node: Node; readonly name: string }> {
  const users = new Map<string, Node[]>();
  const usersOf = (name: string): Node[] => {
    const known = users.get(name) ?? [];
    users.set(name, known);
    return known;
  };
  for (const node of graph.nodes) for (const name of node.inputs) usersOf(name).push(node);
  const found = new Map<Node, { node: Node; name: string }>();
  for (const layer of neurons.layers) {
    if (layer.node.inputs[2]) continue;
    const use = singleUse(layer.output.value, users);
    if (use?.node.opType !== 'Add') continue;
    const name = use.node.inputs.find((each) => each !== use.value);
    const dims = constants.get(name ?? '')?.dims;
    if (name && dims?.slice(0, -1).every((dim) => dim === 1)) found.set(layer.node, { node: use.node, name });
  }
  return found;
}

/** The one node that uses a value, behind nodes that only pass it on; undefined where there is none or several. */
function singleUse(
  value: string,
  users: ReadonlyMap<string, readonly Node[]>,
): { readonly node: Node; readonly value: string } | undefined {
  const [node, ...others] = users.get(value) ?? [];
  if (!node || others.length > 0) return undefined;
  const passes = node.domain === '' && (node.opType === 'Identity' || node.opType === 'Dropout');
  return passes ? singleUse(node.outputs[0] ?? '', users) : { node, value };
}

/** One operator as messages show it: `linear, weight [120, 400], bias [120] (Gemm "fc1" ..)`. */
export function parametricText(entry: Parametric | undefined): string {
  if (!entry) return 'nothing';
  const shapes = entry.constants.map((ref) =>
    ref ? `[${ref.order.map((axis) => ref.dims[axis]).join(', ')}]` : 'none',
  );
  return `${entry.kind} with ${shapes.join(' and ')}, in ${nodeText(entry.node)}`;
}
