/** Shape cases of graphs inside nodes. */
import type { Graph, Value } from '../../../lib/ir/model.js';
import { type Blueprint, buildGraph } from '../../support/build.js';
import { bools, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

/** A graph whose outputs are declared with these shapes. */
function inner(print: Blueprint, shapes: readonly Value['shape'][]): Graph {
  const graph = buildGraph(print);
  return { ...graph, outputs: graph.outputs.map((value, i) => ({ ...value, shape: shapes[i] })) };
}

const branch = (node: string, shape: readonly number[]): Graph => inner({ inputs: {}, nodes: [node] }, [shape]);

/** One turn: the state doubled, and a row of it. */
const turn = inner(
  {
    inputs: { 'i: int64': [], 'go: bool': [], s: [3] },
    outputs: ['on: bool', 't', 'r'],
    nodes: ['on = Identity(go)', 't = Add(s, s)', 'r = Identity(t)'],
  },
  [[], [3], [3]],
);

const step = inner({ inputs: { s: [3], e: [3] }, outputs: ['t', 'r'], nodes: ['t = Add(s, e)', 'r = Identity(t)'] }, [
  [3],
  [3],
]);

export const controlCases: readonly ShapeCase[] = [
  {
    inputs: { x: [2, 3] },
    weights: { yes: bools([1], []) },
    parts: { a: branch('a = Relu(x)', [2, 3]), b: branch('b = Neg(x)', [2, 3]) },
    nodes: ['y = If(yes) {then_branch: @a, else_branch: @b}'],
  },
  {
    inputs: { x: [2, 3] },
    weights: { yes: bools([1], []) },
    parts: { a: branch('a = Relu(x)', [2, 3]), b: branch('b = Concat(x, x) {axis: 0}', [4, 3]) },
    nodes: ['y = If(yes) {then_branch: @a, else_branch: @b}'],
    open: ['y'],
  },
  {
    inputs: { x: [3] },
    weights: { n: int64s([4], []), yes: bools([1], []) },
    parts: { body: turn },
    nodes: ['y, rows = Loop(n, yes, x) {body: @body}'],
    open: ['rows'],
  },
  {
    inputs: { x: [3], e: [5, 3] },
    parts: { body: step },
    nodes: ['y, rows = Scan(x, e) {body: @body, num_scan_inputs: 1}'],
  },
  {
    inputs: { x: [3], e: [3, 5] },
    parts: { body: step },
    nodes: ['y, rows = Scan(x, e) {body: @body, num_scan_inputs: 1, scan_input_axes: [1], scan_output_axes: [-1]}'],
  },
];
