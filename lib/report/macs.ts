/** Multiply-accumulates of one run, counted in Conv, ConvTranspose, Gemm and MatMul from the inferred shapes. */
import type { FactsMap } from '../analysis/shapes.js';
import { isSymbolic, type Shape } from '../ir/dim.js';
import type { Graph, Node } from '../ir/model.js';
import { flagOf } from '../ir/nodes.js';

/** Multiply-accumulates of one run. */
export interface MacsReport {
  /** Symbolic lengths counted as 1, so for a batch of one: a lower bound where other axes are symbolic too. */
  readonly total: number;
  /** Nodes of these operators whose shapes are unknown, which `total` leaves out. */
  readonly unknown: number;
}

/** Elements of a shape, symbols counted as 1; NaN where it is unknown. */
const elements = (shape: Shape | undefined): number =>
  shape?.reduce<number>((total, dim) => total * (isSymbolic(dim) ? dim.coefficient : dim), 1) ?? Number.NaN;

type Count = (node: Node, shape: (name: string | undefined) => Shape | undefined) => number;

/** Each output element of a convolution takes one weight row: [out, in / group, kernel..]. */
const conv: Count = ({ inputs, outputs }, shape) => {
  const weight = shape(inputs[1]);
  return elements(shape(outputs[0])) * elements(weight?.slice(1));
};

/** Each input element of a transposed convolution takes one weight row: [in, out / group, kernel..]. */
const convTranspose: Count = ({ inputs }, shape) => elements(shape(inputs[0])) * elements(shape(inputs[1])?.slice(1));

const gemm: Count = (node, shape) => {
  const a = shape(node.inputs[0]);
  const inner = a?.[flagOf(node, 'transA') ? 0 : 1];
  return elements(shape(node.outputs[0])) * elements(inner === undefined ? undefined : [inner]);
};

const matMul: Count = ({ inputs, outputs }, shape) =>
  elements(shape(outputs[0])) * elements(shape(inputs[0])?.slice(-1));

const COUNTS: ReadonlyMap<string, Count> = new Map([
  ['Conv', conv],
  ['ConvTranspose', convTranspose],
  ['Gemm', gemm],
  ['MatMul', matMul],
]);

/** Counts the nodes of a graph; those of its subgraphs run an unknown number of times and are left out. */
export function countMacs(graph: Graph, facts: FactsMap): MacsReport {
  const counts = graph.nodes.flatMap((node) => {
    const count = node.domain === '' ? COUNTS.get(node.opType) : undefined;
    return count ? [count(node, (name) => facts.get(name ?? '')?.shape)] : [];
  });
  const known = counts.filter(Number.isFinite);
  return { total: known.reduce((a, b) => a + b, 0), unknown: counts.length - known.length };
}
