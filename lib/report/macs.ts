/** Multiply-accumulates of one run, from the inferred shapes, of the operators that multiply by matrices. */
import type { FactsMap } from '../analysis/shapes.js';
import { isSymbolic, type Shape } from '../ir/dim.js';
import type { Graph, Node } from '../ir/model.js';
import { flagOf, intOf, stringOf } from '../ir/nodes.js';
import { parseEquation } from '../rules/einsum.js';

/** Multiply-accumulates of one run. */
export interface MacsReport {
  /** Open lengths (symbols that no size was given for) counted as 1: a lower bound where others than the batch are open. */
  readonly total: number;
  /** Nodes of these operators whose shapes are unknown, which `total` leaves out. */
  readonly unknown: number;
}

/** Elements of a shape, symbols counted as 1; NaN where it is unknown. */
export const elementsOf = (shape: Shape | undefined): number =>
  shape?.reduce<number>((total, dim) => total * (isSymbolic(dim) ? dim.coefficient : dim), 1) ?? Number.NaN;

type ShapeOf = (name: string | undefined) => Shape | undefined;

type Count = (node: Node, shape: ShapeOf) => number;

const axisOf = (shape: Shape | undefined, axis: number): number => elementsOf(shape?.slice(axis).slice(0, 1));

/** Each output element of a convolution takes one weight row: [out, in / group, kernel..]. */
const conv =
  (weight: number): Count =>
  ({ inputs, outputs }, shape) =>
    elementsOf(shape(outputs[0])) * elementsOf(shape(inputs[weight])?.slice(1));

/** Each input element of a transposed convolution takes one weight row: [in, out / group, kernel..]. */
const convTranspose: Count = ({ inputs }, shape) =>
  elementsOf(shape(inputs[0])) * elementsOf(shape(inputs[1])?.slice(1));

/** Each output element takes a row of A, whose inner axis is the last but where it is transposed. */
const matMul =
  (transposed?: string): Count =>
  (node, shape) => {
    const a = shape(node.inputs[0]);
    const inner = transposed !== undefined && flagOf(node, transposed) ? (a?.length ?? 0) - 2 : (a?.length ?? 0) - 1;
    return elementsOf(shape(node.outputs[0])) * elementsOf(a?.slice(inner, inner + 1));
  };

/** Quantised weights of packed form: their inner length is an attribute. */
const matMulNBits: Count = (node, shape) => elementsOf(shape(node.outputs[0])) * intOf(node, 'K', Number.NaN);

/** One multiplication less than operands for every combination of all letters: without an order of contraction, an upper bound. */
const einsum: Count = (node, shape) => {
  const shapes = node.inputs.map(shape);
  const ranks = shapes.flatMap((each) => each?.length ?? []);
  const equation = ranks.length === shapes.length ? parseEquation(stringOf(node, 'equation', ''), ranks) : undefined;
  if (!equation) return Number.NaN;
  const lengths = new Map<string, number>();
  equation.operands.forEach((names, i) => {
    names.forEach((name, axis) => {
      lengths.set(name, Math.max(lengths.get(name) ?? 1, axisOf(shapes[i], axis)));
    });
  });
  return [...lengths.values()].reduce((a, b) => a * b, 1) * Math.max(1, shapes.length - 1);
};

/** Every step of every sequence takes all of W [directions, gates * hidden, in] and of R [directions, gates * hidden, hidden]. */
const recurrent: Count = ({ inputs }, shape) => {
  const x = shape(inputs[0]);
  return elementsOf(x?.slice(0, 2)) * (elementsOf(shape(inputs[1])) + elementsOf(shape(inputs[2])));
};

/** Each query meets each key and takes of each value: Q [.., queries, d] or [batch, queries, heads * d], Y likewise. */
const attention: Count = ({ inputs, outputs }, shape) => {
  const past = inputs[4] ? axisOf(shape(inputs[4]), -2) : 0;
  const keys = axisOf(shape(inputs[1]), -2) + past;
  return keys * (elementsOf(shape(inputs[0])) + elementsOf(shape(outputs[0])));
};

const MICROSOFT = 'com.microsoft::';

const COUNTS: ReadonlyMap<string, Count> = new Map([
  ['Conv', conv(1)],
  ['ConvInteger', conv(1)],
  ['QLinearConv', conv(3)],
  ['ConvTranspose', convTranspose],
  ['Gemm', matMul('transA')],
  ['MatMul', matMul()],
  ['MatMulInteger', matMul()],
  ['QLinearMatMul', matMul()],
  ['Einsum', einsum],
  ['LSTM', recurrent],
  ['GRU', recurrent],
  ['RNN', recurrent],
  ['Attention', attention],
  [`${MICROSOFT}FusedConv`, conv(1)],
  [`${MICROSOFT}FusedGemm`, matMul('transA')],
  [`${MICROSOFT}FusedMatMul`, matMul('transA')],
  [`${MICROSOFT}MatMulNBits`, matMulNBits],
]);

/** The operators whose multiply-accumulates are counted. */
export const MAC_OPERATORS: readonly string[] = [...COUNTS.keys()];

const keyOf = ({ domain, opType }: Node): string => (domain === '' ? opType : `${domain}::${opType}`);

/** Multiply-accumulates of one node; NaN where a shape is unknown, undefined for an operator that is not counted. */
export function macsOf(node: Node, facts: FactsMap): number | undefined {
  return COUNTS.get(keyOf(node))?.(node, (name) => facts.get(name ?? '')?.shape);
}

/** Counts the nodes of a graph; those of its subgraphs run an unknown number of times and are left out. */
export function countMacs(graph: Graph, facts: FactsMap): MacsReport {
  const counts = graph.nodes.flatMap((node) => macsOf(node, facts) ?? []);
  const known = counts.filter(Number.isFinite);
  return { total: known.reduce((a, b) => a + b, 0), unknown: counts.length - known.length };
}
