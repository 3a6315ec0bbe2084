/** Which rows of a long list stand in its window. */

/** Height of a row in CSS pixels; the style sheet has the same. */
export const ROW = 44;

/** Rows beyond the window that are there already when it moves. */
const SPARE = 6;

/** First row and the one after the last, of `count`, in a window of `height` that is scrolled by `top`. */
export function rowsInWindow(count: number, top: number, height: number): readonly [first: number, end: number] {
  const first = Math.max(0, Math.floor(top / ROW) - SPARE);
  return [Math.min(first, count), Math.min(count, Math.ceil((top + height) / ROW) + SPARE)];
}

/** How far to scroll so that a row is whole in the window: as little as possible. */
export function scrollFor(row: number, top: number, height: number): number {
  if (row * ROW < top) return row * ROW;
  return Math.max(top, (row + 1) * ROW - height);
}
