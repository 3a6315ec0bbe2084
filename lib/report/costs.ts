/** What each node costs, and how much memory activations take while the nodes run in the order of the file. */
import type { FactsMap } from '../analysis/shapes.js';
import { constantsOf } from '../ir/constants.js';
import { byteLength, REAL_TYPES } from '../ir/dtype.js';
import type { Graph, Node, Tensor } from '../ir/model.js';
import { fedInputs } from '../ir/nodes.js';
import { elementCount } from '../ir/numeric.js';
import { usedNames } from '../ir/walk.js';
import { dimReport } from './contents.js';
import { elementsOf, macsOf } from './macs.js';

/** What one node of the graph costs. */
export interface NodeCost {
  /** Its name; '' where it has none. */
  readonly name: string;
  /** `Conv`, or with its domain `com.microsoft::FusedConv`. */
  readonly op: string;
  /** The names of its outputs. */
  readonly outputs: readonly string[];
  /** The shape of its first output, a text for an open length; null where it is unknown. */
  readonly shape: readonly (number | string)[] | null;
  /** Multiply-accumulates; null for an operator that is not counted, and where a shape is unknown. */
  readonly macs: number | null;
  /** Bytes of all its outputs; null where a shape or type is unknown. 0 for constants. */
  readonly bytes: number | null;
  /** Elements of real types in constants that it reads; what several nodes read counts at the first. */
  readonly parameters: number;
}

/** Memory that activations take: of each value from the node that makes it to the last that reads it. */
export interface ActivationReport {
  /** Bytes of all inputs and of all outputs of nodes together. */
  readonly total: number;
  /** Most bytes that are alive at once. What a runtime reuses in place makes it less, work space of its operators more. */
  readonly peak: number;
  /** The node during which that is, as its place in the graph; -1 where there is no node. */
  readonly at: number;
  /** Values of unknown shape or type, which both leave out. */
  readonly unknown: number;
}

/** Bytes of a value, open lengths counted as 1; NaN where they are unknown. */
function bytesOf(name: string, facts: FactsMap): number {
  const { dtype, shape } = facts.get(name) ?? {};
  const elements = elementsOf(shape);
  const bytes = dtype === undefined ? undefined : byteLength(dtype, elements);
  return bytes !== undefined && Number.isFinite(bytes) ? bytes : Number.NaN;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

const finite = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;

/** Parameters at the first node that reads them. */
function parametersOf(graph: Graph, constants: ReadonlyMap<string, Tensor>): readonly number[] {
  const seen = new Set<string>();
  return graph.nodes.map((node) => {
    const fresh = [...new Set(usedNames(node))].filter((name) => constants.has(name) && !seen.has(name));
    for (const name of fresh) seen.add(name);
    return sum(fresh.map((name) => parameters(constants.get(name) as Tensor)));
  });
}

const parameters = ({ dtype, dims }: Tensor): number => (REAL_TYPES.has(dtype) ? elementCount(dims) : 0);

const named = (names: readonly string[]): readonly string[] => names.filter((name) => name !== '');

/** The cost of every node, in the order of the file. */
export function nodeCosts(graph: Graph, facts: FactsMap): readonly NodeCost[] {
  const constants = constantsOf(graph);
  const weights = parametersOf(graph, constants);
  return graph.nodes.map((node, at): NodeCost => {
    const outputs = named(node.outputs);
    const bytes = sum(outputs.filter((name) => !constants.has(name)).map((name) => bytesOf(name, facts)));
    return {
      name: node.name,
      op: opOf(node),
      outputs,
      shape: facts.get(outputs[0] ?? '')?.shape?.map(dimReport) ?? null,
      macs: finite(macsOf(node, facts)),
      bytes: finite(bytes),
      parameters: weights[at] ?? 0,
    };
  });
}

const opOf = ({ domain, opType }: Node): string => (domain === '' ? opType : `${domain}::${opType}`);

/** The place of the last node that reads each value; outputs of the graph are read behind the last. */
function lastUses(graph: Graph): ReadonlyMap<string, number> {
  const uses = graph.nodes.flatMap((node, at) => usedNames(node).map((name) => [name, at] as const));
  return new Map([...uses, ...graph.outputs.map(({ name }) => [name, graph.nodes.length] as const)]);
}

/** Inputs are alive until they are last read, and outputs of the graph to the end. Nothing reads some values: they go at once. */
export function activationsOf(graph: Graph, facts: FactsMap): ActivationReport {
  const constants = constantsOf(graph);
  const last = lastUses(graph);
  const inputs = fedInputs(graph).map(({ name }) => name);
  const made = graph.nodes.map((node) => named(node.outputs).filter((name) => !constants.has(name)));
  const all = [...inputs, ...made.flat()].map((name) => bytesOf(name, facts));
  const known = (name: string) => bytesOf(name, facts) || 0;
  const freed = new Map<number, number>();
  const free = (name: string, at: number) => freed.set(at, (freed.get(at) ?? 0) + known(name));
  for (const name of inputs) free(name, last.get(name) ?? -1);
  let alive = sum(inputs.map(known)) - (freed.get(-1) ?? 0);
  let [peak, place] = [alive, -1];
  made.forEach((names, at) => {
    for (const name of names) free(name, last.get(name) ?? at);
    alive += sum(names.map(known));
    if (alive > peak) [peak, place] = [alive, at];
    alive -= freed.get(at) ?? 0;
  });
  const unknown = all.filter(Number.isNaN).length;
  return { total: sum(all.filter((bytes) => !Number.isNaN(bytes))), peak, at: place, unknown };
}
