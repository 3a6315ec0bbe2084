/** One of the two models of a comparison: its nodes without those that only hold constants, and who makes and uses what. */
import { constantsOf } from '../ir/constants.js';
import type { Graph, Node, Tensor } from '../ir/model.js';
import { usedNames } from '../ir/walk.js';
import { isSetting } from '../rules/as-inputs.js';
import { LINEAR } from '../rules/families.js';
import { fingerprint } from './fingerprint.js';
import { modulePath, type NoteOf } from './module-path.js';

/** Where a value goes in: the node, and the number of its operand. */
export interface Use {
  readonly node: number;
  readonly operand: number;
}

/** A graph as the alignment sees it. Nodes are told by their place in `nodes`. */
export interface Side {
  readonly graph: Graph;
  readonly nodes: readonly Node[];
  readonly constants: ReadonlyMap<string, Tensor>;
  /** The node that makes a value. */
  readonly maker: ReadonlyMap<string, number>;
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** The module of the network that each node belongs to, as its exporter wrote it: `layer1.0.conv1`; '' where it did not. */
  readonly modules: readonly string[];
  /** What tells a node's weight from others', whatever it is called; '' for a node without. Reads the weight when it is first asked for. */
  readonly weight: (at: number) => string;
}

/** Nodes of one kind may be partners: the operator, all linear layers alike. */
export const kindOf = (node: Node): string => (node.domain === '' && LINEAR.has(node.opType) ? 'linear' : opText(node));

/** `Conv`, or `com.microsoft::FusedConv`. */
export const opText = ({ domain, opType }: Node): string => (domain === '' ? opType : `${domain}::${opType}`);

/** What a node's largest constant operand holds, where that is more than one number; a bias may stand in another node. */
function weightOf(node: Node, constants: ReadonlyMap<string, Tensor>, print: (tensor: Tensor) => string): string {
  const sizeOf = (tensor: Tensor): number => tensor.data?.length ?? 0;
  const held = node.inputs.flatMap((name, operand) => {
    const tensor = isSetting(node, operand) ? undefined : constants.get(name);
    return tensor && sizeOf(tensor) > 8 ? [tensor] : [];
  });
  const most = Math.max(0, ...held.map(sizeOf));
  const largest = held.find((tensor) => sizeOf(tensor) === most);
  return largest ? print(largest) : '';
}

/** Prepares a graph for comparing. `noteOf` is what the exporter noted beside a node. */
export function sideOf(graph: Graph, noteOf: NoteOf): Side {
  const constants = constantsOf(graph);
  const nodes = graph.nodes.filter((node) => !constants.has(node.outputs[0] ?? ''));
  const maker = new Map(
    nodes.flatMap((node, at) => node.outputs.filter((name) => name !== '').map((name) => [name, at] as const)),
  );
  const uses = new Map<string, Use[]>();
  nodes.forEach((node, at) => {
    usedNames(node).forEach((name) => {
      const known = uses.get(name) ?? [];
      known.push({ node: at, operand: node.inputs.indexOf(name) });
      uses.set(name, known);
    });
  });
  const prints = new Map<Tensor, string>();
  const print = (tensor: Tensor): string => {
    const known = prints.get(tensor) ?? fingerprint(tensor);
    prints.set(tensor, known);
    return known;
  };
  return {
    graph,
    nodes,
    constants,
    maker,
    uses,
    modules: nodes.map((node) => modulePath(node, noteOf)),
    weight: (at) => weightOf(nodes[at] as Node, constants, print),
  };
}
