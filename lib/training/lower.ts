/** A graph of onnxruntime's training operators, written in standard ones. */
import { inferShapes } from '../analysis/shapes.js';
import { opUnsupported } from '../errors.js';
import { amendNode, makeNode } from '../ir/edit.js';
import type { Model, Node } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { LOWERING_RULES } from '../rules/lowering/index.js';
import type { LoweringContext } from '../rules/lowering/rule.js';
import { ruleFor } from '../rules/table.js';
import { GrowingGraph } from './growing.js';

/**
 * The model with every operator that has a lowering rule replaced; all values keep their names. Throws OP_UNSUPPORTED where a
 * rule does not cover a node, GRADIENT_MISSING, SHAPE_CONFLICT.
 */
export function lower(model: Model): Model {
  const graph = new GrowingGraph(model, inferShapes(model));
  const producers = new Map(model.graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const used = new Set([...model.graph.nodes.flatMap(usedNames), ...model.graph.outputs.map(({ name }) => name)]);
  for (const node of model.graph.nodes) {
    const rule = ruleFor(LOWERING_RULES, node, model.opsets.get(node.domain) ?? 0);
    if (!rule) {
      graph.push(node);
      continue;
    }
    const from = graph.nodes.length;
    const made = rule(contextOf(graph, node, producers, used));
    takeNames(graph, from, node, made);
  }
  const { nodes } = graph;
  const grown = graph.grown();
  return withoutIdleDomains({ ...model, graph: { ...grown, nodes: [...nodes] } });
}

/** The names of the node's outputs go to what stands in for them. */
function takeNames(graph: GrowingGraph, from: number, node: Node, made: readonly (string | undefined)[]): void {
  const own = new Set(graph.nodes.slice(from).flatMap(({ outputs }) => outputs));
  const renamed = new Map<string, string>();
  const copies: Node[] = [];
  node.outputs.forEach((name, index) => {
    const value = made[index];
    if (name === '' || value === undefined) return;
    if (own.has(value) && !renamed.has(value)) renamed.set(value, name);
    else copies.push(makeNode('Identity', [renamed.get(value) ?? value], [name]));
  });
  const named = (value: string) => renamed.get(value) ?? value;
  for (let i = from; i < graph.nodes.length; i++) {
    const old = graph.nodes[i] as Node;
    graph.nodes[i] = amendNode(old, {
      name: named(old.name),
      inputs: old.inputs.map(named),
      outputs: old.outputs.map(named),
    });
  }
  for (const [value, name] of renamed) graph.facts.set(name, graph.facts.get(value) ?? UNKNOWN);
  for (const copy of copies) graph.push(copy);
}

const UNKNOWN = { dtype: undefined, shape: undefined };

function contextOf(
  graph: GrowingGraph,
  node: Node,
  producers: ReadonlyMap<string, Node>,
  used: ReadonlySet<string>,
): LoweringContext {
  return {
    node,
    opset: graph.opset,
    input: (index) => node.inputs[index] ?? '',
    isUsed: (index) => used.has(node.outputs[index] ?? ''),
    producer: (value) => producers.get(value),
    refuse: (why) => {
      throw opUnsupported(nodeText(node), why);
    },
    emit: (opType, inputs, ...attributes) => graph.emit(opType, inputs, ...attributes),
    emitAll: (opType, inputs, count, ...attributes) => graph.emitAll(opType, inputs, count, ...attributes),
    body: (inputs, make) => graph.body(inputs, make),
    int64s: (values, dims) => graph.int64s(values, dims),
    reals: (values, dims, like) => graph.reals(values, dims, like),
    shape: (value) => graph.shape(value),
    dtype: (value) => graph.dtype(value),
    content: (value) => graph.content(value),
    realContent: (value) => graph.realContent(value),
    isConstant: (value) => graph.isConstant(value),
  };
}

/** Only the operator sets that some node is of: a stock onnxruntime does not know those of the training build. */
function withoutIdleDomains(model: Model): Model {
  const domains = new Set(['', ...model.graph.nodes.map(({ domain }) => domain)]);
  for (const each of model.functions) domains.add(each.domain);
  return { ...model, opsets: new Map([...model.opsets].filter(([domain]) => domains.has(domain))) };
}
