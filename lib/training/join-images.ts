/**
 * Convolutions over very small images see the whole batch as one image. ONNX Runtime computes a convolution image by image, as a
 * product of as many columns as an image has places: with a handful of them it runs at a fifth of its speed.
 */
import type { FactsMap } from '../analysis/shapes.js';
import { ints } from '../ir/attributes.js';
import { isSymbolic, type Shape } from '../ir/dim.js';
import { FLOAT } from '../ir/dtype.js';
import { amendNode } from '../ir/edit.js';
import type { Model, Node } from '../ir/model.js';
import { intOf, intsOf, stringOf } from '../ir/nodes.js';
import { squeeze, transpose, unsqueeze } from '../rules/gradient/support.js';
import { spatialOf } from '../rules/gradient/windows.js';
import { GrowingGraph } from './growing.js';

/** Places of an image up to which, and weights of one place from which on, joining is faster (measured at 4 to 64, 256 to 262,144). */
const FEW_PLACES = 49;
const MANY_WEIGHTS = 4096;

/**
 * The same function: [batch, C, ..] * [M, C, ..] as [1, C, batch, ..] * [M, C, 1, ..]. `facts` are those of the graph's values; where
 * they do not tell a shape the node stays as it is.
 */
export function joinImages(model: Model, facts: FactsMap): Model {
  const { nodes } = model.graph;
  if (!nodes.some((node) => isSmall(node, facts))) return model;
  const graph = new GrowingGraph(model, facts);
  for (const node of nodes) {
    if (isSmall(node, facts)) join(graph, node);
    else graph.nodes.push(node);
  }
  return { ...model, graph: { ...graph.grown(), nodes: [...graph.nodes] } };
}

/** A convolution of many channels, one or two spatial axes and a handful of places. */
function isSmall(node: Node, facts: FactsMap): boolean {
  if (node.opType !== 'Conv' || node.domain !== '' || intOf(node, 'group', 1) !== 1) return false;
  if (stringOf(node, 'auto_pad', 'NOTSET') !== 'NOTSET') return false;
  const [x, weight, y] = [node.inputs[0], node.inputs[1], node.outputs[0]].map((name) => facts.get(name ?? ''));
  if (!x?.shape || !weight?.shape || !y?.shape || x.dtype !== FLOAT) return false;
  return (
    (x.shape.length === 3 || x.shape.length === 4) &&
    countOf(spatialOf(x.shape)) <= FEW_PLACES &&
    countOf(spatialOf(y.shape)) <= FEW_PLACES &&
    !weight.shape.some(isSymbolic) &&
    countOf(weight.shape.slice(0, 2)) >= MANY_WEIGHTS
  );
}

/** The product of lengths; infinite where one is open. */
const countOf = (lengths: Shape): number =>
  lengths.reduce<number>((all, length) => all * (isSymbolic(length) ? Number.POSITIVE_INFINITY : length), 1);

function join(graph: GrowingGraph, node: Node): void {
  const [x = '', weight = '', ...bias] = node.inputs;
  const rank = graph.shape(x).length;
  const swap = Array.from({ length: rank }, (_, axis) => (axis < 2 ? 1 - axis : axis));
  const images = unsqueeze(graph, transpose(graph, x, swap), [0]);
  const made = graph.name(`${node.outputs[0]}.joined`);
  const attributes = new Map([
    ...[...node.attributes].filter(([name]) => name !== 'kernel_shape'),
    ints('strides', [1, ...(intsOf(node, 'strides') ?? Array(rank - 2).fill(1))]),
    ints('dilations', [1, ...(intsOf(node, 'dilations') ?? Array(rank - 2).fill(1))]),
    ints('pads', withPoint(intsOf(node, 'pads') ?? Array(2 * (rank - 2)).fill(0))),
  ]);
  const inputs = [images, unsqueeze(graph, weight, [2]), ...bias];
  graph.push(amendNode(node, { name: made, inputs, outputs: [made], attributes }));
  transpose(graph, squeeze(graph, made, [0]), swap);
  const last = graph.nodes.pop() as Node;
  graph.nodes.push(amendNode(last, { name: node.name, outputs: node.outputs }));
}

/** Padding in front and behind of all axes, with none for one more in front of them. */
const withPoint = (pads: readonly number[]): readonly number[] => {
  const half = pads.length / 2;
  return [0, ...pads.slice(0, half), 0, ...pads.slice(half)];
};
