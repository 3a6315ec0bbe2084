/** Takes small jogs out of the trunk: LINEAR_SEGMENTS leaves boxes of one chain a few pixels off each other. */
import type { PageEdge } from './data.js';
import type { Box, PageLayout, Route } from './layout-data.js';

/** How far a box may be moved: less than half of the smallest gap between two things, so that nothing can meet. */
const MOST = 8;

/** How far each box moves sideways: to stand below the box above it in the trunk, where that is near. */
function shiftsOf(boxes: readonly Box[], edges: readonly PageEdge[], trunk: readonly boolean[]): readonly number[] {
  const above: (number | undefined)[] = boxes.map(() => undefined);
  for (const [i, { from, to }] of edges.entries()) if (trunk[i] && from < to) above[to] ??= from;
  const middles = boxes.map(([x, , width]) => x + width / 2);
  const shifts: number[] = [];
  for (const [i, from] of above.entries()) {
    const middle = middles[i] ?? 0;
    const wished = from === undefined ? 0 : (middles[from] ?? 0) + (shifts[from] ?? 0) - middle;
    shifts.push(Math.abs(wished) <= MOST ? wished : 0);
  }
  return shifts;
}

/**
 * The route with its ends moved. Its upright first and last stretches move along; a straight line gets a jog where it
 * must.
 */
function moved(route: Route, start: number, end: number): Route {
  if (start === 0 && end === 0) return route;
  const points = [...route];
  const last = points.length - 2;
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [points[0], points[1], points[last], points[last + 1]];
  if (points.length === 4) {
    const middle = (y0 + y1) / 2;
    const [from, to] = [x0 + start, x1 + end];
    return from === to ? [from, y0, to, y1] : [from, y0, from, middle, to, middle, to, y1];
  }
  points[0] = x0 + start;
  points[2] = (points[2] ?? 0) + start;
  points[last] = x1 + end;
  points[last - 2] = (points[last - 2] ?? 0) + end;
  const straight = points.length === 8 && Math.abs((points[0] ?? 0) - (points[last] ?? 0)) < 0.5;
  return straight ? [points[0] ?? 0, y0, points[last] ?? 0, y1] : points;
}

/** The layout with boxes moved by up to 8 pixels and routes with them. `trunk` as of `trunkOf`. */
export function straightened(layout: PageLayout, edges: readonly PageEdge[], trunk: readonly boolean[]): PageLayout {
  const shifts = shiftsOf(layout.boxes, edges, trunk);
  const boxes = layout.boxes.map(([x, y, width, height], i): Box => [x + (shifts[i] ?? 0), y, width, height]);
  const routes = layout.routes.map((route, i) => {
    const { from, to } = edges[i] ?? { from: -1, to: -1 };
    return moved(route, shifts[from] ?? 0, shifts[to] ?? 0);
  });
  return { ...layout, boxes, routes };
}
