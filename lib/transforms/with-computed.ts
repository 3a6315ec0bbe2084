/** What was computed beforehand, in the place of the nodes that computed it. */
import { amendNode, dropUnused, listInitializers } from '../ir/edit.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { allBytes } from '../ir/numeric.js';
import { usedNames } from '../ir/walk.js';
import { BIAS_SLOTS } from '../rules/computed.js';
import { ruleFor } from '../rules/table.js';
import type { FoldPlan } from './fold-plan.js';

/** The plain graph with results in place of what computed them; a bias that came out as zeros is left out. */
export function withComputed({ model }: FoldPlan, results: ReadonlyMap<string, Tensor>): Model {
  const { graph, opsets } = model;
  const needed = new Set(graph.outputs.map(({ name }) => name));
  const dropped = new Set<string>();
  const made = new Map(results);
  const nodes: Node[] = [];
  // Backwards: what only results needed is needed no more.
  for (const node of [...graph.nodes].reverse()) {
    const replaced = node.outputs.some((name) => made.has(name) || dropped.has(name));
    if (replaced && node.outputs.every((name) => made.has(name) || !needed.has(name))) {
      for (const name of node.inputs) dropped.add(name);
      continue;
    }
    nodes.push(node);
    for (const name of usedNames(node)) needed.add(name);
    // A node that stays for another of its outputs goes on making all.
    for (const name of node.outputs) made.delete(name);
  }
  const zeros = zerosAmong(made);
  const bare = nodes.reverse().map((node) => {
    const slot = ruleFor(BIAS_SLOTS, node, opsets.get(node.domain) ?? 0);
    return slot !== undefined && slot === node.inputs.length - 1 && zeros.has(node.inputs[slot] ?? '')
      ? amendNode(node, { inputs: node.inputs.slice(0, slot) })
      : node;
  });
  const initializers = new Map([...graph.initializers, ...made]);
  const unused = new Set([...dropped, ...zeros]);
  return listInitializers({ ...model, graph: dropUnused({ ...graph, nodes: bare, initializers }, unused) });
}

/** Names of the vectors of zeros. */
const zerosAmong = (tensors: ReadonlyMap<string, Tensor>): ReadonlySet<string> =>
  new Set(
    [...tensors.values()]
      .filter(({ dims, data }) => dims.length === 1 && data && allBytes(data).every((byte) => byte === 0))
      .map(({ name }) => name),
  );
