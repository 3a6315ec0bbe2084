/** Finding nodes by words. */
import type { Change, PageNode } from '../data.js';

/** All that a node is found by, in lower case. A value is found at the node that makes it, not at all that read it. */
function wordsOf({ name, op, detail, kind, notes, tensors, outputs, attributes }: PageNode): string {
  const values = outputs.flatMap(({ heading, lines }) => [heading, ...lines]);
  const settings = attributes.map((attribute) => attribute.name);
  const weights = tensors.flatMap((tensor) => [tensor.name, tensor.type]);
  return [name, op, detail, kind, ...notes, ...weights, ...values, ...settings].join('\n').toLowerCase();
}

/** The texts of all nodes, made once. */
export const searchTexts = (nodes: readonly PageNode[]): readonly string[] => nodes.map(wordsOf);

/** Numbers of the nodes that hold every word of the query, in order; all of them for an empty query. */
export function search(texts: readonly string[], query: string): readonly number[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  return texts.flatMap((text, i) => (words.every((word) => text.includes(word)) ? [i] : []));
}

/** Which nodes the list shows. */
export interface Choice {
  readonly query: string;
  /** Changes that are not shown. */
  readonly hidden: ReadonlySet<Change>;
  readonly changesFirst: boolean;
}

/** Numbers of the nodes to list, in topological order, or with the changed ones before the others. */
export function chosen(
  nodes: readonly PageNode[],
  texts: readonly string[],
  { query, hidden, changesFirst }: Choice,
): readonly number[] {
  const found = search(texts, query).filter((i) => !hidden.has(nodes[i]?.change ?? 'same'));
  if (!changesFirst) return found;
  const isSame = (i: number) => nodes[i]?.change === 'same';
  return [...found.filter((i) => !isSame(i)), ...found.filter(isSame)];
}
