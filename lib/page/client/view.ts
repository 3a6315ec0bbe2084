/**
 * What part of the graph is seen: a point (x, y) of the graph stands at (x * scale + left, y * scale + top) of the
 * canvas.
 */

/** Immutable; each movement makes another one. */
export interface View {
  readonly scale: number;
  readonly left: number;
  readonly top: number;
}

/** A rectangle in either space. */
export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Width and height in CSS pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Largest zoom. */
export const CLOSEST = 4;

/** Distance of a fitted graph from the canvas's sides. */
const MARGIN = 28;

/** Below this zoom texts are too small to read, so a page does not open with it. */
export const READABLE = 0.55;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The zoom at which the whole graph is seen, at most 1.25. */
export function fitScale(graph: Size, canvas: Size): number {
  const across = (canvas.width - 2 * MARGIN) / Math.max(1, graph.width);
  const down = (canvas.height - 2 * MARGIN) / Math.max(1, graph.height);
  return Math.max(1e-4, Math.min(1.25, across, down));
}

/** The whole graph, in the middle. */
export function wholeView(graph: Size, canvas: Size): View {
  const scale = fitScale(graph, canvas);
  return { scale, left: (canvas.width - graph.width * scale) / 2, top: (canvas.height - graph.height * scale) / 2 };
}

/**
 * What a page opens with: the whole graph where that can be read, else its top, with `around` (x of the graph) in the
 * middle.
 */
export function firstView(graph: Size, canvas: Size, around: number): View {
  const whole = wholeView(graph, canvas);
  if (whole.scale >= READABLE) return whole;
  const scale = clamp((canvas.width - 2 * MARGIN) / Math.max(1, graph.width), READABLE, 1);
  return { scale, left: canvas.width / 2 - around * scale, top: MARGIN };
}

/** Nearer (`factor` above 1) or farther; the point of the graph under (x, y) of the canvas stays where it is. */
export function zoomAt(view: View, x: number, y: number, factor: number, farthest: number): View {
  const scale = clamp(view.scale * factor, Math.min(farthest, view.scale), CLOSEST);
  const by = scale / view.scale;
  return { scale, left: x - (x - view.left) * by, top: y - (y - view.top) * by };
}

/** Moves the graph by CSS pixels. */
export const panBy = (view: View, dx: number, dy: number): View => ({
  ...view,
  left: view.left + dx,
  top: view.top + dy,
});

/** The same view, moved back as far as needed for some of the graph to stay in sight. */
export function keptInSight(view: View, graph: Size, canvas: Size): View {
  const room = Math.min(120, canvas.width / 3, canvas.height / 3);
  return {
    scale: view.scale,
    left: clamp(view.left, room - graph.width * view.scale, canvas.width - room),
    top: clamp(view.top, room - graph.height * view.scale, canvas.height - room),
  };
}

/** Puts a point of the graph in the middle of the part of the canvas that nothing covers, at `scale`. */
export function centredOn(x: number, y: number, scale: number, clear: Rect): View {
  return { scale, left: clear.x + clear.width / 2 - x * scale, top: clear.y + clear.height / 2 - y * scale };
}

/** The part of the graph that a rectangle of the canvas shows. */
export function seen({ scale, left, top }: View, { x, y, width, height }: Rect): Rect {
  return { x: (x - left) / scale, y: (y - top) / scale, width: width / scale, height: height / scale };
}

/** From one view to another: `t` from 0 to 1. Zoom goes by equal factors; the middle of the canvas moves evenly. */
export function between(from: View, to: View, t: number, canvas: Size): View {
  const [cx, cy] = [canvas.width / 2, canvas.height / 2];
  const scale = from.scale * (to.scale / from.scale) ** t;
  const share = from.scale === to.scale ? t : (1 / scale - 1 / from.scale) / (1 / to.scale - 1 / from.scale);
  const middle = (view: View) => [(cx - view.left) / view.scale, (cy - view.top) / view.scale] as const;
  const [[ax, ay], [bx, by]] = [middle(from), middle(to)];
  return { scale, left: cx - (ax + (bx - ax) * share) * scale, top: cy - (ay + (by - ay) * share) * scale };
}
