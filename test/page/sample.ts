/** Small contents of pages. */
import type { PageData, PageEdge, PageNode } from '../../lib/page/data.js';

/** A node with a name, its other fields empty unless given. */
export const pageNode = (name: string, rest: Partial<PageNode> = {}): PageNode => ({
  name,
  kind: 'node',
  op: 'Relu',
  detail: '',
  change: 'same',
  notes: [],
  attributes: [],
  inputs: [],
  outputs: [],
  tensors: [],
  neurons: [],
  ...rest,
});

/** A page of nodes and edges, edges as pairs of numbers. */
export const pageData = (nodes: readonly PageNode[], pairs: readonly (readonly [number, number])[]): PageData => ({
  title: 'a.onnx',
  verdict: 'An example.',
  facts: [],
  members: [],
  nodes,
  edges: pairs.map(([from, to]): PageEdge => ({ from, to, label: `v${from}`, change: 'same' })),
});
