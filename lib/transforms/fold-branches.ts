/**
 * Branches that are always taken, in place of the choice: older exporters ask at run time whether an axis has length 1 before
 * they squeeze it, which the shapes tell beforehand.
 */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { makeNode } from '../ir/edit.js';
import type { Graph, Model, Node, Tensor, Value } from '../ir/model.js';
import { freshNames } from '../ir/names.js';
import { renamed } from '../ir/prefix.js';
import { definedNames } from '../ir/walk.js';
import { BRANCH_RULES } from '../rules/branches.js';
import { ruleFor } from '../rules/table.js';

/** The same function without choices that are known. Runs twice to the same result. Throws SHAPE_CONFLICT. */
export function foldBranches(model: Model): Model {
  let made = model;
  // A branch may hold further choices.
  for (let next = foldOnce(made); next !== made; next = foldOnce(made)) made = next;
  return made;
}

function foldOnce(model: Model): Model {
  const { graph, opsets } = model;
  const ruleOf = (node: Node) => ruleFor(BRANCH_RULES, node, opsets.get(node.domain) ?? 0);
  if (!graph.nodes.some(ruleOf)) return model;
  const facts: FactsMap = inferShapes(model);
  const fresh = freshNames(definedNames(graph));
  const initializers = new Map<string, Tensor>(graph.initializers);
  const valueInfo: Value[] = [...graph.valueInfo];
  const nodes = graph.nodes.flatMap((node): readonly Node[] => {
    const taken = ruleOf(node)?.(node, facts.get(node.inputs[0] ?? '')?.content);
    if (!taken || taken.sparseInitializers.length > 0 || taken.inputs.length > 0) return [node];
    const inner = inPlaceOf(node, taken, fresh);
    for (const [name, tensor] of inner.initializers) initializers.set(name, tensor);
    valueInfo.push(...inner.valueInfo);
    return inner.nodes;
  });
  if (nodes.length === graph.nodes.length && nodes.every((node, i) => node === graph.nodes[i])) return model;
  return { ...model, graph: { ...graph, nodes, initializers, valueInfo } };
}

/** A branch with names of its own, whose outputs are those of the node. */
function inPlaceOf(node: Node, branch: Graph, fresh: (wish: string) => string): Graph {
  const prefix = `${node.name || node.outputs.find((name) => name !== '')}/`;
  const names = new Map(
    [...definedNames(branch)].filter((name) => name !== '').map((name) => [name, fresh(prefix + name)]),
  );
  const inner = renamed(branch, (name) => names.get(name) ?? name, prefix);
  const passed = inner.outputs.flatMap(({ name }, i): readonly Node[] => {
    const wanted = node.outputs[i] ?? '';
    return wanted === '' ? [] : [makeNode('Identity', [name], [wanted])];
  });
  return { ...inner, nodes: [...inner.nodes, ...passed] };
}
