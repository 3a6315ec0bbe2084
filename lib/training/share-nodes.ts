/**
 * Nodes that differ only in how many outputs they give become one. A backward pass asks the forward node again for what it did not
 * have to tell (the indices of a MaxPool, the mean of a LayerNormalization); ONNX Runtime merges only nodes that are alike in all.
 */
import { amendNode } from '../ir/edit.js';
import type { Graph, Node } from '../ir/model.js';
import { renamedNode } from '../ir/prefix.js';
import { usedNames } from '../ir/walk.js';

/** What these make is another thing each time. */
const CHANCE: ReadonlySet<string> = new Set(['Dropout', 'RandomUniformLike', 'RandomNormalLike', 'Bernoulli']);

/** What these make depends on how many outputs they have. */
const COUNTING: ReadonlySet<string> = new Set(['Split']);

/** The same function. */
export function shareNodes(graph: Graph): Graph {
  const first = new Map<string, number>();
  const renamed = new Map<string, string>();
  const fixed = new Set(graph.outputs.map(({ name }) => name));
  const nodes: Node[] = [];
  for (const each of graph.nodes) {
    const node = withInputs(each, renamed);
    const key = keyOf(node);
    const at = key === undefined ? undefined : first.get(key);
    const before = at === undefined ? undefined : (nodes[at] as Node);
    const joined = before && join(before, node, fixed);
    if (at !== undefined && joined) {
      nodes[at] = joined.node;
      for (const [name, kept] of joined.renamed) renamed.set(name, kept);
      continue;
    }
    if (key !== undefined && at === undefined) first.set(key, nodes.length);
    nodes.push(node);
  }
  return nodes.length === graph.nodes.length ? graph : { ...graph, nodes };
}

function withInputs(node: Node, renamed: ReadonlyMap<string, string>): Node {
  if (!usedNames(node).some((name) => renamed.has(name))) return node;
  return renamedNode(node, (name) => renamed.get(name) ?? name, '');
}

/** The same for nodes that compute the same; undefined where that is not told by plain attributes. */
function keyOf({ opType, domain, inputs, attributes }: Node): string | undefined {
  const plain = [...attributes].map(([name, attribute]) =>
    ['int', 'ints', 'float', 'floats', 'string', 'strings'].includes(attribute.type) && 'value' in attribute
      ? [name, attribute.value]
      : undefined,
  );
  if (CHANCE.has(opType) || COUNTING.has(opType) || inputs.length === 0 || plain.includes(undefined)) return undefined;
  return JSON.stringify([domain, opType, inputs, plain.sort()]);
}

interface Joined {
  readonly node: Node;
  readonly renamed: ReadonlyMap<string, string>;
}

/** The first node with the outputs of both; undefined where there is nothing to be told more, or a name cannot go. */
function join(before: Node, node: Node, fixed: ReadonlySet<string>): Joined | undefined {
  const count = Math.max(before.outputs.length, node.outputs.length);
  const pairs = Array.from({ length: count }, (_, i) => [before.outputs[i] ?? '', node.outputs[i] ?? ''] as const);
  if (before.outputs.length === node.outputs.length || pairs.some(([a, b]) => a !== '' && fixed.has(b)))
    return undefined;
  return {
    node: amendNode(before, { outputs: pairs.map(([a, b]) => a || b) }),
    renamed: new Map(pairs.flatMap(([a, b]) => (a !== '' && b !== '' ? [[b, a] as const] : []))),
  };
}
