/** Reading nodes and graphs: attributes with their defaults, names for messages, inputs that are fed. */
import { quoted } from '../errors.js';
import type { Graph, Node, Tensor, Value } from './model.js';

/** `Conv "conv1" (makes "x")`: the node as messages name it. */
export function nodeText(node: Node): string {
  const op = node.domain === '' ? node.opType : `${node.domain}::${node.opType}`;
  const made = node.outputs.find((name) => name !== '');
  return [op, node.name === '' ? '' : ` ${quoted(node.name)}`, made ? ` (makes ${quoted(made)})` : ''].join('');
}

/** The inputs that a caller feeds: up to IR 3 initializers stand among the graph's inputs too. */
export const fedInputs = (graph: Graph): readonly Value[] =>
  graph.inputs.filter((value) => !graph.initializers.has(value.name));

/** The integer attribute `name`, or `otherwise`. */
export function intOf<T>(node: Node, name: string, otherwise: T): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'int' ? attribute.value : otherwise;
}

/** Whether the integer attribute `name` is there and not 0: what ONNX Runtime takes for true. */
export const flagOf = (node: Node, name: string): boolean => intOf(node, name, 0) !== 0;

/** The float attribute `name`, or `otherwise`. */
export function floatOf<T>(node: Node, name: string, otherwise: T): number | T {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'float' ? attribute.value : otherwise;
}

/** The string attribute `name`, or `otherwise`. */
export function stringOf<T>(node: Node, name: string, otherwise: T): string | T {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'string' ? attribute.value : otherwise;
}

/** The list attribute `name`, or undefined. */
export function intsOf(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'ints' ? attribute.value : undefined;
}

/** The graph attribute `name`, or undefined. */
export function graphOf(node: Node, name: string): Graph | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'graph' ? attribute.value : undefined;
}

/** The list of real numbers `name`, or undefined. */
export function floatsOf(node: Node, name: string): readonly number[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'floats' ? attribute.value : undefined;
}

/** The list of strings `name`, or undefined. */
export function stringsOf(node: Node, name: string): readonly string[] | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'strings' ? attribute.value : undefined;
}

/** The tensor attribute `name`, or undefined. */
export function tensorOf(node: Node, name: string): Tensor | undefined {
  const attribute = node.attributes.get(name);
  return attribute?.type === 'tensor' ? attribute.value : undefined;
}
