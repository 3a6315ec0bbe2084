/** A step in operators that GPUs have: what an execution provider lacks, ONNX Runtime sends to the CPU and back. */
import { inferShapes } from '../analysis/shapes.js';
import { int } from '../ir/attributes.js';
import { amendNode, makeNode } from '../ir/edit.js';
import type { Model, Node } from '../ir/model.js';
import { intsOf, stringOf } from '../ir/nodes.js';
import { CPU } from '../runtime/providers.js';
import { GrowingGraph } from './growing.js';

type Makers = ReadonlyMap<string, Node>;

/**
 * The same function, for an execution provider other than the CPU: the gradient of MaxPool spread by ScatterElements in place of
 * MaxUnpool, which none of them has, and over zeros that are made there. Beside MaxUnpool, ONNX Runtime would put on the CPU all
 * that is computed of its output and of parameters: 5 ms of the 13 of a LeNet's step. Source: onnxruntime 1.30,
 * GetCpuPreferredNodes.
 */
export function deviceForm(model: Model, ep: string | undefined): Model {
  if ((ep ?? CPU) === CPU) return model;
  const { nodes } = model.graph;
  const makers = new Map(
    nodes.flatMap((node) => node.outputs.filter((name) => name !== '').map((name) => [name, node] as const)),
  );
  const spread = new Map(
    nodes.flatMap((node) => {
      const pool = pooledBy(node, makers);
      return pool === undefined ? [] : [[node, pool] as const];
    }),
  );
  if (spread.size === 0) return model;
  const graph = new GrowingGraph(model, inferShapes(model));
  for (const node of nodes) {
    const pooled = spread.get(node);
    if (pooled === undefined) graph.nodes.push(node);
    else if (node.opType === 'MaxUnpool') scatter(graph, node, pooled);
    else graph.nodes.push(amendNode(node, { inputs: [zerosLike(graph, pooled), ...node.inputs.slice(1)] }));
  }
  return { ...model, graph: { ...graph.grown(), nodes: [...graph.nodes] } };
}

/** What the MaxPool took whose gradient a node spreads; undefined for all other nodes. */
function pooledBy(node: Node, makers: Makers): string | undefined {
  if (node.domain !== '') return undefined;
  const makerOf = (name: string | undefined) => makers.get(name ?? '');
  if (node.opType === 'MaxUnpool') return isByPlaceAlone(node) ? poolOf(node.inputs[1], makers) : undefined;
  if (node.opType !== 'ScatterElements' || stringOf(node, 'reduction', 'none') !== 'add') return undefined;
  const [empty, places] = [makerOf(node.inputs[0]), makerOf(node.inputs[1])];
  return empty?.opType === 'Expand' && places?.opType === 'Reshape' ? poolOf(places.inputs[0], makers) : undefined;
}

/** With a kernel of ones and the length given, a place is one of the whole output, whatever the windows were. */
const isByPlaceAlone = (node: Node): boolean =>
  node.inputs.length === 3 &&
  ['kernel_shape', 'strides'].every((name) => (intsOf(node, name) ?? []).every((n) => n === 1));

/** The input of the MaxPool that tells these places, or of which these are some. */
function poolOf(places: string | undefined, makers: Makers): string | undefined {
  let name = places ?? '';
  let maker = makers.get(name);
  while (maker?.opType === 'Slice') {
    name = maker.inputs[0] ?? '';
    maker = makers.get(name);
  }
  return maker?.opType === 'MaxPool' && maker.outputs[1] === name ? maker.inputs[0] : undefined;
}

/** Zeros, as many as a value has elements, in a row. They are made of it, since what is made of its shape is made on the CPU. */
function zerosLike(graph: GrowingGraph, value: string): string {
  const zeros = graph.emit('Cast', [graph.emit('Less', [value, value])], int('to', graph.dtype(value) as number));
  return inARow(graph, zeros);
}

const inARow = (graph: GrowingGraph, value: string): string => graph.emit('Reshape', [value, graph.int64s([-1])]);

function scatter(graph: GrowingGraph, node: Node, pooled: string): void {
  const [gradient = '', places = '', shape = ''] = node.inputs;
  const inputs = [zerosLike(graph, pooled), inARow(graph, places), inARow(graph, gradient)];
  const made = graph.emit('ScatterElements', inputs, int('axis', 0));
  graph.push({ ...makeNode('Reshape', [made, shape], node.outputs), name: node.name });
}
