/**
 * Weights that a model computes from constants (a weight times its mask, a direction times its length): which can be computed
 * once and stand as constants, so that a layer has a weight to cut. Says what to compute; who can run a graph does it.
 */
import { type FactsMap, inferShapes } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { isSymbolic } from '../ir/dim.js';
import { byteLength, REAL_TYPES } from '../ir/dtype.js';
import { dropUnused, listInitializers } from '../ir/edit.js';
import { inlineFunctions } from '../ir/inline.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { elementCount, tensorByteLength } from '../ir/numeric.js';
import { usedNames } from '../ir/walk.js';
import { FOLD_BATCH_BYTES, FOLD_EXTRA_BYTES, FOLD_FACTOR, FOLD_WORK, MAX_FOLD_BYTES } from '../limits.js';
import { asksType, isComputable, onlyMoves, TYPE_RULES } from '../rules/computed.js';
import { STRUCTURE_RULES } from '../rules/structure/index.js';
import { ruleFor } from '../rules/table.js';
import { foldBranches } from './fold-branches.js';
import { freezeCounts } from './freeze.js';

/** What can be computed beforehand. */
export interface FoldPlan {
  /** The model as a plain graph, in which the results can stand. */
  readonly model: Model;
  /** Graphs without inputs whose outputs are the results; each of a size that can be held. */
  readonly batches: readonly Model[];
}

/** A node that reads constants only, as it is run by itself. */
interface Computed {
  readonly node: Node;
  readonly alone: Node;
  /** Whether it only shows a constant otherwise. */
  readonly moves: boolean;
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

/**
 * Real values that are more than a constant shown otherwise and that an operator with neurons reads together with what flows.
 * A single number is no weight that somebody else may hold, so that it counts even where it is only shown.
 */
function findRoots(
  { graph, opsets }: Model,
  computed: ReadonlyMap<string, Computed>,
  facts: FactsMap,
): readonly string[] {
  const isComputed = (node: Node) => node.outputs.some((name) => name !== '' && computed.has(name));
  const readers = graph.nodes.filter(
    (node) => !isComputed(node) && ruleFor(STRUCTURE_RULES, node, opsets.get(node.domain) ?? 0),
  );
  const outputs = new Set(graph.outputs.map(({ name }) => name));
  const single = (name: string) => bytesAt(facts, name) === byteLength(facts.get(name)?.dtype ?? 0, 1);
  return [...new Set(readers.flatMap((node) => node.inputs))].filter((name) => {
    const made = computed.get(name);
    const real = REAL_TYPES.has(facts.get(name)?.dtype ?? 0);
    return made !== undefined && real && !outputs.has(name) && (!made.moves || single(name));
  });
}

/** Bytes of a value; undefined where its type or shape is open. */
function bytesAt(facts: FactsMap, name: string): number | undefined {
  const { dtype, shape } = facts.get(name) ?? {};
  if (dtype === undefined || !shape || shape.some(isSymbolic)) return undefined;
  return byteLength(dtype, elementCount(shape as readonly number[]));
}

/** What is run at once. */
interface Batch {
  readonly roots: string[];
  readonly nodes: Set<Node>;
  readonly tensors: Map<string, Tensor>;
  bytes: number;
}

/** Puts results together while they are small. */
function batchesOf(
  model: Model,
  roots: readonly string[],
  computed: ReadonlyMap<string, Computed>,
  constants: ReadonlyMap<string, Tensor>,
  facts: FactsMap,
): readonly Model[] {
  const size = [...constants.values()].reduce((total, tensor) => total + tensorByteLength(tensor), 0);
  const most = FOLD_FACTOR * size + FOLD_EXTRA_BYTES;
  const batches: Batch[] = [];
  let [results, work] = [0, 0];
  for (const root of roots) {
    const last = batches.at(-1);
    const into = last && last.bytes < FOLD_BATCH_BYTES ? last : undefined;
    const result = bytesAt(facts, root) ?? 0;
    if (results + result > most) continue;
    const added = closure(root, into, computed, constants, facts);
    work += added.bytes;
    if (work > FOLD_WORK * most || added.bytes > MAX_FOLD_BYTES) break;
    results += result;
    const batch: Batch = into ?? { roots: [], nodes: new Set(), tensors: new Map(), bytes: 0 };
    if (!into) batches.push(batch);
    batch.roots.push(root);
    for (const node of added.nodes) batch.nodes.add(node);
    for (const tensor of added.tensors) batch.tensors.set(tensor.name, tensor);
    batch.bytes += added.bytes;
  }
  const byOutput = new Map([...computed.values()].map(({ node, alone }) => [node, alone]));
  return batches.map((batch) => asModel(model, batch, byOutput, facts));
}

/** What a result needs beyond what its batch holds. */
function closure(
  root: string,
  batch: Batch | undefined,
  computed: ReadonlyMap<string, Computed>,
  constants: ReadonlyMap<string, Tensor>,
  facts: FactsMap,
): { readonly nodes: ReadonlySet<Node>; readonly tensors: ReadonlySet<Tensor>; readonly bytes: number } {
  const [nodes, tensors] = [new Set<Node>(), new Set<Tensor>()];
  let bytes = 0;
  const open = [root];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const tensor = constants.get(name);
    if (tensor && !tensors.has(tensor) && !batch?.tensors.has(name)) {
      tensors.add(tensor);
      bytes += tensorByteLength(tensor);
    }
    const made = computed.get(name);
    if (!made || nodes.has(made.node) || batch?.nodes.has(made.node)) continue;
    nodes.add(made.node);
    for (const output of made.node.outputs) bytes += bytesAt(facts, output) ?? 0;
    open.push(...made.alone.inputs);
  }
  return { nodes, tensors, bytes };
}

function asModel(model: Model, batch: Batch, alone: ReadonlyMap<Node, Node>, facts: FactsMap): Model {
  const nodes = model.graph.nodes.filter((node) => batch.nodes.has(node)).map((node) => alone.get(node) ?? node);
  const outputs = batch.roots.map((name) => {
    const { dtype, shape } = facts.get(name) ?? {};
    return { name, dtype, shape };
  });
  const graph: Graph = {
    name: 'constants',
    nodes,
    inputs: [],
    outputs,
    valueInfo: [],
    initializers: batch.tensors,
    sparseInitializers: [],
  };
  const { irVersion, opsets, producer } = model;
  const label = `the constants of ${model.label}`;
  // Up to IR 3 initializers would have to be inputs.
  return { label, irVersion: Math.max(4, irVersion), opsets, producer, graph, functions: [], metadata: new Map() };
}

/** The plain graph with results in place of what computed them. */
export function withComputed({ model }: FoldPlan, results: ReadonlyMap<string, Tensor>): Model {
  const { graph } = model;
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
  const initializers = new Map([...graph.initializers, ...made]);
  return listInitializers({
    ...model,
    graph: dropUnused({ ...graph, nodes: nodes.reverse(), initializers }, dropped),
  });
}
