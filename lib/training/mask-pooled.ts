/**
 * A Relu in front of a MaxPool: the gradient is masked where it is small, before it is spread over the larger image. Where a window's
 * largest number lies Relu gave what MaxPool took, so the mask of the pool's output is the mask of those places, and elsewhere the
 * spread gradient is 0.
 */
import { amendNode } from '../ir/edit.js';
import type { Graph, Node } from '../ir/model.js';
import { usedNames } from '../ir/walk.js';

/** How the mask of a Relu is made of its output; any function of each element by itself would do. */
const MASKS: ReadonlySet<string> = new Set(['HardSigmoid', 'Sign']);

/** The same function. */
export function maskPooled(graph: Graph): Graph {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));
  const uses = new Map<string, number>();
  for (const name of [...graph.nodes.flatMap(usedNames), ...graph.outputs.map((each) => each.name)])
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const isOnce = (name: string) => uses.get(name) === 1;
  const replaced = new Map<Node, readonly Node[]>();
  for (const node of graph.nodes) {
    const found = node.opType === 'Mul' && node.domain === '' ? spreadOf(node, makers) : undefined;
    if (!found || !isOnce(found.spread.outputs[0] as string) || !isOnce(found.mask.outputs[0] as string)) continue;
    const { spread, mask, pooled } = found;
    const masked = spread.outputs[0] as string;
    const [gradient = '', ...places] = spread.inputs;
    replaced.set(mask, []);
    replaced.set(spread, []);
    replaced.set(node, [
      amendNode(mask, { inputs: [pooled] }),
      amendNode(node, { name: masked, inputs: [gradient, mask.outputs[0] as string], outputs: [masked] }),
      amendNode(spread, { name: node.name, inputs: [masked, ...places], outputs: node.outputs }),
    ]);
  }
  if (replaced.size === 0) return graph;
  return { ...graph, nodes: graph.nodes.flatMap((node) => replaced.get(node) ?? [node]) };
}

interface Spread {
  /** MaxUnpool of the gradient. */
  readonly spread: Node;
  /** What makes the mask of what the MaxPool took. */
  readonly mask: Node;
  /** What the MaxPool gave. */
  readonly pooled: string;
}

/** Mul(MaxUnpool(gradient, places, ..), mask(y)), where MaxPool(y) gave the places. */
function spreadOf(node: Node, makers: ReadonlyMap<string, Node>): Spread | undefined {
  const [spread, mask] = node.inputs.map((name) => makers.get(name));
  if (spread?.opType !== 'MaxUnpool' || !MASKS.has(mask?.opType ?? '')) return undefined;
  const pool = makers.get(spread.inputs[1] ?? '');
  const [pooled] = pool?.outputs ?? [];
  const isOfIt =
    pool?.opType === 'MaxPool' && pool.inputs[0] === mask?.inputs[0] && pool.outputs[1] === spread.inputs[1];
  return isOfIt && pooled && mask ? { spread, mask, pooled } : undefined;
}
