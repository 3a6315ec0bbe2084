/** Whether two graphs are the same, node by node, up to names: then their constants correspond one to one. */

import { constantsOf, constantTensor } from '../ir/constants.js';
import { REAL_TYPES } from '../ir/dtype.js';
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

/** A tensor is a setting here: that of a Constant, which may differ as an initializer may, is not compared. */
const sameSetting = (a: Attribute, b: Attribute): boolean =>
  plain(a) === plain(b) && (a.type !== 'tensor' || b.type !== 'tensor' || sameTensor(a.value, b.value));

function sameAttributes(a: Node, b: Node): boolean {
  if (a.attributes.size !== b.attributes.size) return false;
  return [...a.attributes].every(([name, attribute]) => {
    const other = b.attributes.get(name);
    // A subgraph would have to be compared as a whole: rather let the numbers decide.
    return (
      other !== undefined && attribute.type !== 'graph' && attribute.type !== 'graphs' && sameSetting(attribute, other)
    );
  });
}

/** The nodes that compute: a constant is one whether a node or an initializer holds it. */
const computing = ({ nodes }: Graph): readonly Node[] => nodes.filter((node) => constantTensor(node) === undefined);

/** Two graphs that are the same up to names. */
export interface Isomorphism {
  /** The names of b's constants by the names of a's. */
  readonly constants: ReadonlyMap<string, string>;
  /** False where one graph holds integers (a shape) that the other computes. */
  readonly whole: boolean;
}

/** Pairs names one to one as they are met; answers whether the pairs still fit. */
class Pairs {
  readonly toB = new Map<string, string>();
  private readonly toA = new Map<string, string>();
  whole = true;

  constructor(
    private readonly ofA: ReadonlyMap<string, Tensor>,
    private readonly ofB: ReadonlyMap<string, Tensor>,
  ) {}

  one(x: string, y: string): boolean {
    if ((x === '') !== (y === '')) return false;
    if (!this.toB.has(x) && !this.toA.has(y)) {
      this.toB.set(x, y);
      this.toA.set(y, x);
    }
    return this.toB.get(x) === y && this.toA.get(y) === x;
  }

  all(xs: readonly string[], ys: readonly string[]): boolean {
    return xs.length === ys.length && xs.every((x, i) => this.one(x, ys[i] as string));
  }

  /** Inputs of a node: integers may be held by one graph and computed by the other, as a fusion leaves them. */
  inputs(xs: readonly string[], ys: readonly string[]): boolean {
    if (xs.length !== ys.length) return false;
    return xs.every((x, i) => {
      const y = ys[i] as string;
      const [ours, theirs] = [this.ofA.get(x), this.ofB.get(y)];
      const held = ours ?? theirs;
      if (!held || (ours && theirs) || REAL_TYPES.has(held.dtype) || x === '' || y === '') return this.one(x, y);
      this.whole = false;
      return true;
    });
  }
}

/**
 * How two graphs correspond that have the same nodes in the same order with the same attributes and wiring; undefined for
 * others. Shapes and values of constants may differ.
 */
export function isomorphism(a: Graph, b: Graph): Isomorphism | undefined {
  const [ours, theirs] = [computing(a), computing(b)];
  if (ours.length !== theirs.length) return undefined;
  const [ofA, ofB] = [constantsOf(a), constantsOf(b)];
  const pairs = new Pairs(ofA, ofB);
  const names = (values: Graph['inputs']) => values.map((value) => value.name);
  const same =
    pairs.all(names(a.inputs), names(b.inputs)) &&
    ours.every((node, i) => {
      const other = theirs[i] as Node;
      return (
        node.opType === other.opType &&
        node.domain === other.domain &&
        sameAttributes(node, other) &&
        pairs.inputs(node.inputs, other.inputs) &&
        pairs.all(node.outputs, other.outputs)
      );
    }) &&
    pairs.all(names(a.outputs), names(b.outputs));
  if (!same) return undefined;
  const constants = [...ofA.keys()].flatMap((name) => {
    const other = pairs.toB.get(name);
    return other === undefined ? [] : [[name, other] as const];
  });
  return constants.every(([, other]) => ofB.has(other))
    ? { constants: new Map(constants), whole: pairs.whole }
    : undefined;
}
