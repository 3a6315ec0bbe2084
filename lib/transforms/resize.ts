/** Rewrites what names a width in the nodes of a graph, by the resize rules. */
import type { Neurons } from '../analysis/neurons.js';
import { virtualName } from '../analysis/positions.js';
import { constantsOf } from '../ir/constants.js';
import { dropUnused } from '../ir/edit.js';
import type { Graph, Node, Tensor } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { definedNames } from '../ir/walk.js';
import { RESIZE_RULES } from '../rules/resize/index.js';
import type { ResizeContext } from '../rules/resize/rule.js';
import type { AxisRef } from '../rules/structure/relation.js';
import { ruleFor } from '../rules/table.js';
import { rewriteNode } from './rewrite.js';

/** The axes of the output. */
export interface NewAxes extends Pick<ResizeContext, 'after' | 'boundary' | 'picked'> {
  /** True where every axis keeps its length: then nothing is rewritten. */
  readonly unchanged: boolean;
  /** The new length of an axis that was `before` long, whether a value has it or only a rule. */
  lengthAt(at: AxisRef, before: number): number;
}

/** The graph with every node fitted to the new lengths. Throws LAYOUT_UNSUPPORTED. */
export function resizeNodes(neurons: Neurons, { unchanged, after, boundary, picked, lengthAt }: NewAxes): Graph {
  const { graph, opsets } = neurons.model;
  if (unchanged) return graph;
  const fresh = freshNames(definedNames(graph));
  const made = new Map<string, Tensor>();
  const replaced = new Set<string>();
  const constants = constantsOf(graph);
  const before = (value: string) => neurons.facts.get(value)?.shape ?? [];
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const opset = opsets.get(node.domain) ?? 0;
    const rule = neurons.unsupported.has(node) ? undefined : ruleFor(RESIZE_RULES, node, opset);
    const rewrite = rule?.({
      node,
      opset,
      before,
      after,
      boundary,
      picked,
      factor: (name, length) => lengthAt({ value: virtualName(node, name), axis: 0 }, length),
      isConstant: (i) => constants.has(node.inputs[i] ?? ''),
      content: (i) => neurons.facts.get(node.inputs[i] ?? '')?.content,
    });
    return rewrite ? rewriteNode(node, rewrite, { fresh, made, replaced }) : [node];
  });
  if (nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i])) return graph;
  return dropUnused({ ...graph, nodes, initializers: new Map([...graph.initializers, ...made]) }, replaced);
}
