/** One frame of the canvas: only what is seen, with as much detail as the zoom can show. */
import { SURFACES } from '../palette.js';
import { drawBoxes } from './draw-boxes.js';
import { drawEdges } from './draw-edges.js';
import { within } from './grid.js';
import type { Picture } from './picture.js';
import { type Rect, type Size, seen, type View } from './view.js';

/** Texts and outlines reach a little over their boxes. */
const OVER = 12;

function visible(view: View, { width, height }: Size): Rect {
  return seen(view, { x: -OVER, y: -OVER, width: width + 2 * OVER, height: height + 2 * OVER });
}

/** Draws on a canvas of `size` CSS pixels with `ratio` device pixels each. */
export function draw(context: CanvasRenderingContext2D, picture: Picture, size: Size, ratio: number): void {
  const { scene, view, theme } = picture;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = SURFACES.desk[theme];
  context.fillRect(0, 0, size.width, size.height);
  context.setTransform(ratio * view.scale, 0, 0, ratio * view.scale, ratio * view.left, ratio * view.top);
  const rect = visible(view, size);
  const edges = within(scene.routeGrid, rect);
  drawEdges(context, picture, edges, rect);
  drawBoxes(context, picture, within(scene.boxGrid, rect));
}
