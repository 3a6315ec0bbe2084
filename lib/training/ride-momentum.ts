/**
 * Momentum on the product that makes the gradient: momentum * v + a b is one Gemm with v as its summand, so that the gradient is
 * never written down and read again.
 */
import { float } from '../ir/attributes.js';
import { amendNode } from '../ir/edit.js';
import type { Graph, Node, Tensor } from '../ir/model.js';
import { tensorReals } from '../ir/numeric.js';
import { usedNames } from '../ir/walk.js';

/** The same function. */
export function rideMomentum(graph: Graph): Graph {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const uses = useCounts(graph);
  const gone = new Set<Node>();
  const nodes = graph.nodes.map((node) => {
    const made = riding(node, graph, makers, uses);
    if (!made) return node;
    for (const each of made.gone) gone.add(each);
    return made.node;
  });
  return gone.size === 0 ? graph : { ...graph, nodes: nodes.filter((node) => !gone.has(node)) };
}

function useCounts(graph: Graph): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(usedNames), ...graph.outputs.map((each) => each.name)])
    counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

interface Riding {
  readonly node: Node;
  readonly gone: readonly Node[];
}

/** Add(Mul(v, number), Gemm(a, b)), of which nothing else sees the parts, as one Gemm. */
function riding(
  node: Node,
  graph: Graph,
  makers: ReadonlyMap<string, Node>,
  uses: ReadonlyMap<string, number>,
): Riding | undefined {
  const [scaled, product] = node.inputs.map((name) => makers.get(name));
  if (node.opType !== 'Add' || scaled?.opType !== 'Mul' || product?.opType !== 'Gemm') return undefined;
  if (product.inputs.length !== 2 || node.inputs.some((name) => uses.get(name) !== 1)) return undefined;
  const factor = numberIn(graph.initializers.get(scaled.inputs[1] ?? ''));
  if (factor === undefined) return undefined;
  const inputs = [...product.inputs, scaled.inputs[0] as string];
  const attributes = new Map([...product.attributes, float('beta', factor)]);
  return { node: amendNode(product, { inputs, attributes, outputs: node.outputs }), gone: [scaled, product] };
}

function numberIn(tensor: Tensor | undefined): number | undefined {
  return tensor?.dims.length === 0 ? tensorReals(tensor)[0] : undefined;
}
