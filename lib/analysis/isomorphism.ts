/** Whether two graphs are the same, node by node, up to names: then their constants correspond one to one. */

import { constantsOf } from '../ir/constants.js';
import type { Attribute, Graph, Node, Tensor } from '../ir/model.js';
import { allBytes } from '../ir/numeric.js';

/** Attributes that do not change what a node computes, with their defaults written out by some exporters. */
const plain = (attribute: Attribute): string => {
  if (attribute.type === 'tensor' || attribute.type === 'graph' || attribute.type === 'graphs') return attribute.type;
  return `${attribute.type}:${JSON.stringify(attribute.value)}`;
};

/** Whether two tensors hold the same. Texts, which stay in the file, count as different. */
export function sameTensor(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || String(a.dims) !== String(b.dims) || !a.data || !b.data) return false;
  const [x, y] = [allBytes(a.data), allBytes(b.data)];
  return x.length === y.length && x.every((byte, i) => byte === y[i]);
}

/** What a Constant holds may differ as what an initializer holds may; in other operators a tensor is a setting. */
const sameSetting = (node: Node, a: Attribute, b: Attribute): boolean =>
  plain(a) === plain(b) &&
  (node.opType === 'Constant' || a.type !== 'tensor' || b.type !== 'tensor' || sameTensor(a.value, b.value));

function sameAttributes(a: Node, b: Node): boolean {
  if (a.attributes.size !== b.attributes.size) return false;
  return [...a.attributes].every(([name, attribute]) => {
    const other = b.attributes.get(name);
    // A subgraph would have to be compared as a whole: rather let the numbers decide.
    return (
      other !== undefined &&
      attribute.type !== 'graph' &&
      attribute.type !== 'graphs' &&
      sameSetting(a, attribute, other)
    );
  });
}

/**
 * The names of b's constants by the names of a's, where both graphs have the same nodes in the same order with the same
 * attributes and wiring; else undefined. Shapes and values of constants may differ.
 */
export function isomorphicConstants(a: Graph, b: Graph): ReadonlyMap<string, string> | undefined {
  if (
    a.nodes.length !== b.nodes.length ||
    a.inputs.length !== b.inputs.length ||
    a.outputs.length !== b.outputs.length
  ) {
    return undefined;
  }
  const toB = new Map<string, string>();
  const toA = new Map<string, string>();
  const pair = (x: string, y: string): boolean => {
    if ((x === '') !== (y === '')) return false;
    if (!toB.has(x) && !toA.has(y)) {
      toB.set(x, y);
      toA.set(y, x);
    }
    return toB.get(x) === y && toA.get(y) === x;
  };
  const pairs = (xs: readonly string[], ys: readonly string[]) =>
    xs.length === ys.length && xs.every((x, i) => pair(x, ys[i] as string));
  const names = (values: Graph['inputs']) => values.map((value) => value.name);
  const same =
    pairs(names(a.inputs), names(b.inputs)) &&
    a.nodes.every((node, i) => {
      const other = b.nodes[i] as Node;
      return (
        node.opType === other.opType &&
        node.domain === other.domain &&
        sameAttributes(node, other) &&
        pairs(node.inputs, other.inputs) &&
        pairs(node.outputs, other.outputs)
      );
    }) &&
    pairs(names(a.outputs), names(b.outputs));
  if (!same) return undefined;
  const [ofA, ofB] = [constantsOf(a), constantsOf(b)];
  const constants = [...ofA.keys()].filter((name) => toB.has(name));
  return constants.every((name) => ofB.has(toB.get(name) as string))
    ? new Map(constants.map((name) => [name, toB.get(name) as string]))
    : undefined;
}
