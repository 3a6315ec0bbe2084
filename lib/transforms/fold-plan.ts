/**
 * Weights that a model computes from constants (a weight times its mask, a direction times its length): which can be computed
 * once and stand as constants, so that a layer has a weight to cut. Says what to compute; who can run a graph does it.
 */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Model, Node, Tensor } from '../ir/model.js';
import { asksType, isComputable, onlyMoves, TYPE_RULES } from '../rules/computed.js';
import { ruleFor } from '../rules/table.js';
import { batchesOf, bytesAt, type Computed } from './fold-batches.js';
import { foldBranches } from './fold-branches.js';
import { findRoots } from './fold-roots.js';
import { freezeCounts } from './freeze.js';

/** What can be computed beforehand. */
export interface FoldPlan {
  /** The model as a plain graph, in which the results can stand. */
  readonly model: Model;
  /** Graphs without inputs whose outputs are the results; each of a size that can be held. */
  readonly batches: readonly Model[];
}

/**
 * The plan, undefined where there is nothing to compute. Results and work are bounded by the size of the model; what goes
 * beyond stays computed by the graph. Throws SHAPE_CONFLICT, TOO_MANY.
 */
export function planFolding(model: Model): FoldPlan | undefined {
  const plain = freezeCounts(foldBranches(inlineFunctions(model)));
  const constants = constantsOf(plain.graph);
  // Most models have no such node, which shows without shapes.
  if (!plain.graph.nodes.some((node) => startsFolding(node, constants))) return undefined;
  const facts = inferShapes(plain);
  const computed = findComputed(plain, constants, facts);
  const roots = findRoots(plain, computed, facts);
  const batches = batchesOf(plain, roots, computed, constants, facts);
  return batches.length === 0 ? undefined : { model: plain, batches };
}

/** Whether a node may read constants only. */
const startsFolding = (node: Node, constants: ReadonlyMap<string, Tensor>): boolean => {
  const read = asksType(node) ? node.inputs.slice(0, 1) : node.inputs;
  return isComputable(node) && read.length > 0 && read.every((name) => name === '' || constants.has(name));
};

/** All nodes that make constants, of a size that is known, of constants, by the names of their outputs. */
function findComputed(
  { graph, opsets }: Model,
  constants: ReadonlyMap<string, Tensor>,
  facts: FactsMap,
): ReadonlyMap<string, Computed> {
  const computed = new Map<string, Computed>();
  const known = (name: string) => name === '' || constants.get(name)?.data !== undefined || computed.has(name);
  const sized = (name: string) => name === '' || bytesAt(facts, name) !== undefined;
  for (const node of graph.nodes) {
    if (node.opType === 'Constant' || !isComputable(node)) continue;
    const typed = ruleFor(TYPE_RULES, node, opsets.get(node.domain) ?? 0);
    const alone = typed ? typed(node, (index) => facts.get(node.inputs[index] ?? '')?.dtype) : node;
    if (!alone?.inputs.every(known) || !node.outputs.every(sized)) continue;
    const [from = ''] = node.inputs;
    const moves = onlyMoves(node) && (constants.has(from) || computed.get(from)?.moves === true);
    for (const name of node.outputs) if (name !== '') computed.set(name, { node, alone, moves });
  }
  return computed;
}
