/** Which boxes and lines lie in a rectangle: a grid of square cells, each with the numbers of what touches it. */
import type { Box, Route } from '../layout-data.js';
import type { Rect } from './view.js';

/** Sides of a cell, in pixels of the graph. */
const CELL = 512;

/** Rectangles over more cells than this are answered by looking at everything, which is faster then. */
const MANY = 4096;

/** A part that touches more cells than this is always looked at instead. */
const LARGE = 1024;

/** An index of rectangles. */
export interface Grid {
  readonly count: number;
  /** Parts that lie in no cell because they would lie in too many. */
  readonly large: readonly number[];
  readonly cells: ReadonlyMap<string, readonly number[]>;
}

const cellsOf = (rect: Rect): readonly [number, number, number, number] => [
  Math.floor(rect.x / CELL),
  Math.floor(rect.y / CELL),
  Math.floor((rect.x + rect.width) / CELL),
  Math.floor((rect.y + rect.height) / CELL),
];

function gridOf(parts: readonly (readonly Rect[])[]): Grid {
  const cells = new Map<string, number[]>();
  const large: number[] = [];
  for (const [index, rects] of parts.entries()) {
    for (const rect of rects) {
      const [x0, y0, x1, y1] = cellsOf(rect);
      if ((x1 - x0 + 1) * (y1 - y0 + 1) > LARGE) {
        large.push(index);
        continue;
      }
      for (let y = y0; y <= y1; y++) {
        for (let x = x0; x <= x1; x++) {
          const key = `${x} ${y}`;
          const cell = cells.get(key);
          if (!cell) cells.set(key, [index]);
          else if (cell.at(-1) !== index) cell.push(index);
        }
      }
    }
  }
  return { count: parts.length, large, cells };
}

/** An index of boxes. */
export const gridOfBoxes = (boxes: readonly Box[]): Grid =>
  gridOf(boxes.map(([x, y, width, height]) => [{ x, y, width, height }]));

function segmentsOf(route: Route): readonly Rect[] {
  const rects: Rect[] = [];
  for (let i = 0; i + 3 < route.length; i += 2) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = route.slice(i, i + 4);
    rects.push({ x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) });
  }
  return rects;
}

/** An index of lines, segment by segment. */
export const gridOfRoutes = (routes: readonly Route[]): Grid => gridOf(routes.map(segmentsOf));

/** Numbers of all that may lie in `rect`, ascending, each once. What touches no cell of it is never among them. */
export function within({ count, large, cells }: Grid, rect: Rect): readonly number[] {
  const [x0, y0, x1, y1] = cellsOf(rect);
  if ((x1 - x0 + 1) * (y1 - y0 + 1) > MANY) return Array.from({ length: count }, (_, i) => i);
  const found = new Set<number>(large);
  for (let y = y0; y <= y1; y++) {
    for (let x = x0; x <= x1; x++) for (const index of cells.get(`${x} ${y}`) ?? []) found.add(index);
  }
  return [...found].sort((a, b) => a - b);
}

/** The box at a point of the graph, or undefined. */
export function boxAt(grid: Grid, boxes: readonly Box[], x: number, y: number): number | undefined {
  return within(grid, { x, y, width: 0, height: 0 }).find((index) => {
    const [left, top, width, height] = boxes[index] ?? [0, 0, -1, -1];
    return x >= left && x <= left + width && y >= top && y <= top + height;
  });
}
