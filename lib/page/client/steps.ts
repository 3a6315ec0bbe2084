/** Going from node to node by keyboard. */
import type { PageEdge, PageNode } from '../data.js';
import type { Box } from '../layout-data.js';

/** Where an arrow key points. */
export type Direction = 'up' | 'down' | 'left' | 'right';

/** For each node those that feed it and those that it feeds. */
export interface Neighbours {
  readonly above: readonly (readonly number[])[];
  readonly below: readonly (readonly number[])[];
}

/** Looked up once. */
export function neighboursOf(count: number, edges: readonly PageEdge[]): Neighbours {
  const above: number[][] = Array.from({ length: count }, () => []);
  const below: number[][] = Array.from({ length: count }, () => []);
  for (const { from, to } of edges) {
    if (!above[to]?.includes(from)) above[to]?.push(from);
    if (!below[from]?.includes(to)) below[from]?.push(to);
  }
  return { above, below };
}

const middle = ([x, , width]: Box): number => x + width / 2;

function nearest(candidates: readonly number[], boxes: readonly Box[], from: Box): number | undefined {
  const distance = (i: number) => {
    const box = boxes[i];
    return box ? Math.abs(middle(box) - middle(from)) + Math.abs(box[1] - from[1]) : Number.POSITIVE_INFINITY;
  };
  return [...candidates].sort((a, b) => distance(a) - distance(b))[0];
}

/**
 * The node that an arrow leads to: up to the nearest one that feeds this one, down to the nearest that it feeds, left
 * and right to the nearest beside it. Undefined where there is none.
 */
export function step(
  at: number,
  direction: Direction,
  { above, below }: Neighbours,
  boxes: readonly Box[],
): number | undefined {
  const from = boxes[at];
  if (!from) return undefined;
  if (direction === 'up') return nearest(above[at] ?? [], boxes, from);
  if (direction === 'down') return nearest(below[at] ?? [], boxes, from);
  const [x, y, width, height] = from;
  const beside = boxes.flatMap((box, i) => {
    const level = box[1] < y + height && box[1] + box[3] > y;
    const there = direction === 'left' ? box[0] + box[2] <= x : box[0] >= x + width;
    return level && there ? [i] : [];
  });
  return nearest(beside, boxes, from);
}

/**
 * The next changed node in topological order (`by` 1), or the one before (-1), round the ends; undefined if there is
 * none.
 */
export function nextChange(nodes: readonly PageNode[], at: number | undefined, by: 1 | -1): number | undefined {
  const count = nodes.length;
  const start = at ?? (by === 1 ? -1 : count);
  for (let away = 1; away <= count; away++) {
    const i = (((start + by * away) % count) + count) % count;
    if (nodes[i]?.change !== 'same') return i;
  }
  return undefined;
}
