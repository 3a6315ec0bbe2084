/**
 * Where everything of a page lies: plain JSON, made at writing time, read by the page's script. Units are CSS pixels at
 * zoom 1.
 */

/**
 * `layered`: crossings and bends are few. `plain`: layers alone, lines may pass behind boxes; for graphs too large for
 * that.
 */
export type LayoutMode = 'layered' | 'plain';

/** Left, top, width, height. */
export type Box = readonly [x: number, y: number, width: number, height: number];

/** x and y of each point in turn, from the source's border to the target's. */
export type Route = readonly number[];

/** A box for each node and a route for each edge, in the order of the data. */
export interface PageLayout {
  readonly mode: LayoutMode;
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly routes: readonly Route[];
}
