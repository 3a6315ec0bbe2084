/** A layout in one pass for graphs too large for a fine one: layers, in each the nodes below those that feed them. */
import type { PageData } from './data.js';
import type { Box, PageLayout, Route } from './layout-data.js';

const GAP_X = 24;
const GAP_Y = 56;

/** Middle of the nodes that feed each node of a layer, the node's own number where none does. */
function centreAbove(index: number, sources: readonly number[], boxes: readonly (Box | undefined)[]): number {
  const middles = sources.flatMap((from) => {
    const box = boxes[from];
    return box ? [box[0] + box[2] / 2] : [];
  });
  return middles.length > 0 ? middles.reduce((sum, x) => sum + x, 0) / middles.length : index;
}

function sourcesOf({ nodes, edges }: PageData): readonly (readonly number[])[] {
  const into: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) if (from < to) into[to]?.push(from);
  return into;
}

function inLayers(layers: readonly number[]): readonly (readonly number[])[] {
  const rows: number[][] = [];
  for (const [node, layer] of layers.entries()) {
    const row = rows[layer] ?? [];
    rows[layer] = row;
    row.push(node);
  }
  return rows;
}

/** Leaves the bottom of one box and enters the top of the other; upwards for an edge that leads back. */
function routeOf(from: Box, to: Box): Route {
  const down = from[1] <= to[1];
  const start = [from[0] + from[2] / 2, down ? from[1] + from[3] : from[1]];
  const end = [to[0] + to[2] / 2, down ? to[1] : to[1] + to[3]];
  return [...start, ...end];
}

/** Lays out in linear time but for the sorting of each layer. `sizes` are the boxes' widths and heights. */
export function plainLayout(
  data: PageData,
  sizes: readonly (readonly [number, number])[],
  layers: readonly number[],
): PageLayout {
  const sources = sourcesOf(data);
  const boxes: (Box | undefined)[] = data.nodes.map(() => undefined);
  let y = 0;
  let width = 0;
  for (const row of inLayers(layers)) {
    const wished = row.map((node) => ({ node, x: centreAbove(node, sources[node] ?? [], boxes) }));
    wished.sort((a, b) => a.x - b.x || a.node - b.node);
    let x = 0;
    let tallest = 0;
    for (const { node, x: middle } of wished) {
      const [w, h] = sizes[node] ?? [0, 0];
      const left = Math.max(x, Math.round(row.length === 1 ? middle - w / 2 : x));
      boxes[node] = [left, y, w, h];
      x = left + w + GAP_X;
      tallest = Math.max(tallest, h);
    }
    width = Math.max(width, x - GAP_X);
    y += tallest + GAP_Y;
  }
  const placed = boxes.map((box): Box => box ?? [0, 0, 0, 0]);
  const at = (node: number): Box => placed[node] ?? [0, 0, 0, 0];
  const routes = data.edges.map(({ from, to }) => routeOf(at(from), at(to)));
  return { mode: 'plain', width, height: Math.max(0, y - GAP_Y), boxes: placed, routes };
}
