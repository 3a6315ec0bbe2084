/**
 * Reverse-mode differentiation of a graph: from the loss back to the parameters, along the nodes between them and no others.
 * Rules say what a node's backward pass is; here gradients are summed where a value is used twice, and along the axes to which it
 * was broadcast.
 */
import { gradientMissing } from '../errors.js';
import type { Shape } from '../ir/dim.js';
import { isSymbolic, sameDim } from '../ir/dim.js';
import { FLOAT, REAL_TYPES } from '../ir/dtype.js';
import type { Node } from '../ir/model.js';
import { nodeText } from '../ir/nodes.js';
import { usedNames } from '../ir/walk.js';
import { GRADIENT_RULES } from '../rules/gradient/index.js';
import type { GradientContext } from '../rules/gradient/rule.js';
import { stop } from '../rules/gradient/stops.js';
import { reduceSum } from '../rules/gradient/support.js';
import { ruleFor } from '../rules/table.js';
import type { GrowingGraph } from './growing.js';

/** A node that stands between the loss and a parameter and has no rule. */
export interface Gap {
  readonly node: Node;
  readonly why: string;
}

/** The values that depend on the parameters through real numbers, in the graph's nodes and those added so far. */
function dependents(graph: GrowingGraph, parameters: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(parameters);
  for (const node of [...graph.model.graph.nodes, ...graph.nodes]) {
    if (!usedNames(node).some((name) => found.has(name)) || ruleOf(graph, node) === stop) continue;
    for (const name of node.outputs) if (name !== '' && isReal(graph, name)) found.add(name);
  }
  return found;
}

const isReal = (graph: GrowingGraph, name: string): boolean => REAL_TYPES.has(graph.dtype(name) ?? FLOAT);

const ruleOf = (graph: GrowingGraph, node: Node) =>
  ruleFor(GRADIENT_RULES, node, graph.model.opsets.get(node.domain) ?? 0);

/** The nodes through which the loss depends on the parameters, last first. */
function path(graph: GrowingGraph, ends: Iterable<string>, varying: ReadonlySet<string>): readonly Node[] {
  const seen = new Set(ends);
  return [...graph.model.graph.nodes, ...graph.nodes].reverse().filter((node) => {
    const counts = node.outputs.some((name) => seen.has(name) && varying.has(name));
    if (counts) for (const name of usedNames(node)) if (varying.has(name)) seen.add(name);
    return counts;
  });
}

/** What stands in the way of a gradient, for `train --check`: empty where nothing does. */
export const findGaps = (graph: GrowingGraph, ends: Iterable<string>, parameters: Iterable<string>): readonly Gap[] =>
  path(graph, ends, dependents(graph, new Set(parameters))).flatMap((node): readonly Gap[] =>
    ruleOf(graph, node) ? [] : [{ node, why: NO_RULE }],
  );

const NO_RULE = 'no rule tells its backward pass';

/**
 * Adds the backward pass to the graph. `seeds` names the loss's gradient by each value that it is computed from (of the loss itself:
 * 1). Answers the name of the gradient for each parameter, in the parameter's shape; a parameter on which the loss does not depend
 * has none. Throws GRADIENT_MISSING.
 */
export function differentiate(
  graph: GrowingGraph,
  seeds: ReadonlyMap<string, string>,
  parameters: readonly string[],
): ReadonlyMap<string, string> {
  const varying = dependents(graph, new Set(parameters));
  const nodes = path(graph, seeds.keys(), varying);
  const arrived = new Map([...seeds].map(([name, gradient]) => [name, [gradient]]));
  const gradientOf = (name: string): string | undefined => {
    const all = arrived.get(name);
    if (all && all.length > 1) arrived.set(name, [graph.emit('Sum', all)]);
    return arrived.get(name)?.[0];
  };
  for (const node of nodes) {
    const rule = ruleOf(graph, node);
    if (!rule) throw gradientMissing(nodeText(node), NO_RULE);
    const gradients = new Map(node.outputs.map((name) => [name, name === '' ? undefined : gradientOf(name)]));
    if ([...gradients.values()].every((each) => each === undefined)) continue;
    const made = rule(contextOf(graph, node, varying, gradients));
    node.inputs.forEach((name, index) => {
      const gradient = made[index];
      if (gradient === undefined || !varying.has(name)) return;
      arrived.set(name, [...(arrived.get(name) ?? []), summedTo(graph, gradient, name, node)]);
    });
  }
  return new Map(
    parameters.flatMap((name) => {
      const gradient = gradientOf(name);
      return gradient === undefined ? [] : [[name, gradient] as const];
    }),
  );
}

function contextOf(
  graph: GrowingGraph,
  node: Node,
  varying: ReadonlySet<string>,
  gradients: ReadonlyMap<string, string | undefined>,
): GradientContext {
  const output = (index: number) => node.outputs[index] ?? '';
  return {
    node,
    opset: graph.opset,
    input: (index) => node.inputs[index] ?? '',
    output,
    gradient: (index) => gradients.get(output(index)),
    wants: (index) => varying.has(node.inputs[index] ?? ''),
    refuse: (why) => {
      throw gradientMissing(nodeText(node), why);
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

/** The gradient in the shape of the value that it belongs to: summed along the axes to which that was broadcast. */
function summedTo(graph: GrowingGraph, gradient: string, value: string, node: Node): string {
  const [from, into] = [graph.shape(gradient), graph.shape(value)];
  const extra = from.length - into.length;
  const stretched = into.flatMap((dim, axis) => (dim === 1 && from[axis + extra] !== 1 ? [axis + extra] : []));
  const wrong = extra < 0 || into.some((dim, axis) => dim !== 1 && !fits(from[axis + extra], dim));
  if (extra === 0 && stretched.length === 0 && !wrong) return gradient;
  if (wrong && from.length === 0) return graph.emit('Expand', [gradient, graph.emit('Shape', [value])]);
  if (wrong) throw gradientMissing(nodeText(node), 'its gradient has another shape than its input');
  const leading = Array.from({ length: extra }, (_, axis) => axis);
  const kept = reduceSum(graph, gradient, stretched, true);
  return leading.length === 0 ? kept : reduceSum(graph, kept, leading, false);
}

/** Open lengths of other names may be equal when the model runs; a wrong one is found there. */
const fits = (made: Shape[number] | undefined, wanted: Shape[number]): boolean =>
  made !== undefined && (sameDim(made, wanted) || isSymbolic(made) || isSymbolic(wanted));
