/** Sentences for screen readers and labels. */
import type { Change, PageData, PageNode } from '../data.js';

/** `Conv, conv1, changed, node 3 of 120`. */
export function spoken(node: PageNode, index: number, count: number): string {
  const what = node.kind === 'node' ? node.op : node.kind;
  const parts = [what, node.name, node.change === 'same' ? '' : node.change, `node ${index + 1} of ${count}`];
  return parts.filter((part) => part !== '').join(', ');
}

/** What the list says below the operator. */
export const listed = ({ kind, name, op, detail }: PageNode): string =>
  kind === 'node' ? [name, detail].filter((text) => text !== '').join(' \u00b7 ') : `${kind}, ${op}`;

/** How many nodes have each change. */
export function changeCounts(nodes: readonly PageNode[]): ReadonlyMap<Change, number> {
  const counts = new Map<Change, number>();
  for (const { change } of nodes) counts.set(change, (counts.get(change) ?? 0) + 1);
  return counts;
}

/** What the canvas is, for who cannot see it. */
export const graphLabel = ({ title, nodes, edges }: PageData): string =>
  `Graph of ${title}: ${nodes.length.toLocaleString('en')} nodes, ${edges.length.toLocaleString('en')} edges. ` +
  'The list beside it holds the same nodes. Arrow keys move; press question mark for all keys.';
