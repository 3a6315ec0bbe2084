/**
 * Nodes in layers by the longest path that leads to them: the frame of the plain layout, and a measure of a graph's
 * size.
 */
import type { PageData } from './data.js';

/** The layer of each node, from 0. Edges against the topological order are left out: they lead back up. */
export function layersOf({ nodes, edges }: PageData): readonly number[] {
  const into: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) if (from < to) into[to]?.push(from);
  const layers: number[] = [];
  for (const sources of into) {
    layers.push(sources.reduce((deepest, from) => Math.max(deepest, (layers[from] ?? 0) + 1), 0));
  }
  return layers;
}

/** For each node the longest path that leads away from it, in edges. */
function heightsOf({ nodes, edges }: PageData): readonly number[] {
  const out: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) if (from < to) out[from]?.push(to);
  const heights: number[] = nodes.map(() => 0);
  for (let i = nodes.length - 1; i >= 0; i--) {
    heights[i] = (out[i] ?? []).reduce((most, to) => Math.max(most, (heights[to] ?? 0) + 1), 0);
  }
  return heights;
}

/**
 * Whether each edge lies on the longest way into its target and out of its source: the trunk of a network, which should
 * be straight.
 */
export function trunkOf(data: PageData, layers: readonly number[]): readonly boolean[] {
  const heights = heightsOf(data);
  const step = (values: readonly number[], low: number, high: number) => (values[high] ?? 0) - (values[low] ?? 0) === 1;
  return data.edges.map(({ from, to }) => step(layers, from, to) && step(heights, to, from));
}

/** How many parts a layered layout has to place: the nodes, and for each edge the layers that it crosses. */
export function partsOf({ nodes, edges }: PageData, layers: readonly number[]): number {
  const span = (from: number, to: number) => Math.max(0, Math.abs((layers[to] ?? 0) - (layers[from] ?? 0)) - 1);
  return edges.reduce((sum, { from, to }) => sum + span(from, to), nodes.length);
}
