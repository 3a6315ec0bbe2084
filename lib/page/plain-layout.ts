/** A layout in one pass for graphs too large for a fine one: layers, in each the nodes below those that feed them. */
import type { PageData } from './data.js';
import type { Box, PageLayout, Route } from './layout-data.js';

const GAP_X = 24;
const GAP_Y = 56;

/** Mean of the middles of the nodes that feed a node; 0 in the first layer, where none does. */
function middleAbove(sources: readonly number[], boxes: readonly (Box | undefined)[]): number {
  const sum = sources.reduce((total, from) => {
    const [x, , width] = boxes[from] ?? [0, 0, 0];
    return total + x + width / 2;
  }, 0);
  return sources.length === 0 ? 0 : sum / sources.length;
}

/** Of what feeds each node, what stands in the layer above. */
function sourcesOf({ nodes, edges }: PageData, layers: readonly number[]): readonly (readonly number[])[] {
  const into: number[][] = nodes.map(() => []);
  for (const { from, to } of edges) if ((layers[to] ?? 0) - (layers[from] ?? 0) === 1) into[to]?.push(from);
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

/**
 * How far a line that passes layers bends to the right: the farther it goes, the more, so that lines lie beside each
 * other.
 */
const sideways = (span: number): number => 90 + 4 * Math.min(span, 30);

/** Leaves the bottom of one box and enters the top of the other; upwards for an edge that leads back. */
function routeOf(from: Box, to: Box, span: number): Route {
  const down = from[1] <= to[1];
  const [x0, y0] = [from[0] + from[2] / 2, down ? from[1] + from[3] : from[1]];
  const [x1, y1] = [to[0] + to[2] / 2, down ? to[1] : to[1] + to[3]];
  if (span <= 1) return [x0, y0, x1, y1];
  const side = Math.max(x0, x1) + sideways(span);
  const bend = down ? GAP_Y / 2 : -GAP_Y / 2;
  return [x0, y0, side, y0 + bend, side, y1 - bend, x1, y1];
}

/** Widths and heights of boxes. */
type Sizes = readonly (readonly [width: number, height: number])[];

const toHalf = (value: number): number => Math.round(2 * value) / 2;

/**
 * The boxes of one layer side by side at `y`, in the order of what feeds them, around the middle of it; left sides may
 * be negative.
 */
function placeRow(
  row: readonly number[],
  y: number,
  sizes: Sizes,
  sources: readonly (readonly number[])[],
  boxes: (Box | undefined)[],
): void {
  const wished = row.map((node) => ({ node, x: middleAbove(sources[node] ?? [], boxes) }));
  wished.sort((a, b) => a.x - b.x || a.node - b.node);
  const width = row.reduce((sum, node) => sum + (sizes[node]?.[0] ?? 0) + GAP_X, -GAP_X);
  let x = toHalf(wished.reduce((sum, each) => sum + each.x, 0) / row.length - width / 2);
  for (const { node } of wished) {
    const [w, h] = sizes[node] ?? [0, 0];
    boxes[node] = [x, y, w, h];
    x += w + GAP_X;
  }
}

/** Lays out in linear time but for the sorting of each layer. */
export function plainLayout(data: PageData, sizes: Sizes, layers: readonly number[]): PageLayout {
  const sources = sourcesOf(data, layers);
  const boxes: (Box | undefined)[] = data.nodes.map(() => undefined);
  let y = 0;
  for (const row of inLayers(layers)) {
    placeRow(row, y, sizes, sources, boxes);
    y += GAP_Y + row.reduce((tallest, node) => Math.max(tallest, sizes[node]?.[1] ?? 0), 0);
  }
  const left = boxes.reduce((least, box) => Math.min(least, box?.[0] ?? 0), 0);
  const placed = boxes.map((box): Box => (box ? [box[0] - left, box[1], box[2], box[3]] : [0, 0, 0, 0]));
  const at = (node: number): Box => placed[node] ?? [0, 0, 0, 0];
  const span = (from: number, to: number) => Math.abs((layers[to] ?? 0) - (layers[from] ?? 0));
  const routes = data.edges.map(({ from, to }) => routeOf(at(from), at(to), span(from, to)));
  const right = placed.reduce((most, [x, , width]) => Math.max(most, x + width), 0);
  const width = routes.reduce((most, route) => Math.max(most, route[2] ?? 0), right);
  return { mode: 'plain', width, height: Math.max(0, y - GAP_Y), boxes: placed, routes };
}
