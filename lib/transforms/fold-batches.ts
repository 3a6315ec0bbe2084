/** Constants that are computed, cut into graphs without inputs that are small enough to be run. */
import type { FactsMap } from '../analysis/shapes.js';
import { isSymbolic } from '../ir/dim.js';
import { byteLength } from '../ir/dtype.js';
import type { Graph, Model, Node, Tensor } from '../ir/model.js';
import { elementCount, tensorByteLength } from '../ir/numeric.js';
import {
  FOLD_BATCH_BYTES,
  FOLD_EXTRA_BYTES,
  FOLD_FACTOR,
  FOLD_WORK,
  MAX_FOLD_BYTES,
  MAX_INLINED_NODES,
} from '../limits.js';

/** A node that reads constants only, as it is run by itself. */
export interface Computed {
  readonly node: Node;
  readonly alone: Node;
  /** Whether it only shows a constant otherwise. */
  readonly moves: boolean;
}

/** Bytes of a value; undefined where its type or shape is open. */
export function bytesAt(facts: FactsMap, name: string): number | undefined {
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

/**
 * Puts results together while they are small. Leaves out those that are too large, alone or with those before, for a model of
 * this size.
 */
export function batchesOf(
  model: Model,
  roots: readonly string[],
  computed: ReadonlyMap<string, Computed>,
  constants: ReadonlyMap<string, Tensor>,
  facts: FactsMap,
): readonly Model[] {
  const size = [...constants.values()].reduce((total, tensor) => total + tensorByteLength(tensor), 0);
  const most = FOLD_FACTOR * size + FOLD_EXTRA_BYTES;
  const batches: Batch[] = [];
  let [results, work, walked] = [0, 0, 0];
  for (const root of roots) {
    const last = batches.at(-1);
    const into = last && last.bytes < FOLD_BATCH_BYTES ? last : undefined;
    const result = bytesAt(facts, root) ?? 0;
    if (results + result > most || walked > MAX_INLINED_NODES) continue;
    const added = closure(root, into, computed, constants, facts);
    walked += added.nodes.size;
    if (work + added.bytes > FOLD_WORK * most || added.bytes > MAX_FOLD_BYTES) continue;
    work += added.bytes;
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
