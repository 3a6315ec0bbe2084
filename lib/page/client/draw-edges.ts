/** The lines between boxes. */
import type { PageEdge } from '../data.js';
import type { Route } from '../layout-data.js';
import { CHANGES, SURFACES } from '../palette.js';
import { MARKS } from './marks.js';
import { DETAILS, FAINT, type Picture } from './picture.js';
import type { Rect } from './view.js';

type Context = CanvasRenderingContext2D;

/** Radius of a line's corners. */
const CORNER = 8;

const ARROW = 6;

function trace(context: Context, route: Route, rounded: boolean): void {
  const last = route.length - 2;
  context.moveTo(route[0] ?? 0, route[1] ?? 0);
  for (let i = 2; i < last; i += 2) {
    const [x = 0, y = 0, nextX = 0, nextY = 0] = [route[i], route[i + 1], route[i + 2], route[i + 3]];
    if (!rounded) {
      context.lineTo(x, y);
      continue;
    }
    const before = Math.hypot(x - (route[i - 2] ?? 0), y - (route[i - 1] ?? 0));
    const after = Math.hypot(nextX - x, nextY - y);
    context.arcTo(x, y, nextX, nextY, Math.min(CORNER, before / 2, after / 2));
  }
  context.lineTo(route[last] ?? 0, route[last + 1] ?? 0);
}

/** A triangle whose tip is the end of the route. */
function arrow(context: Context, route: Route): void {
  const [x0 = 0, y0 = 0, x = 0, y = 0] = route.slice(-4);
  const length = Math.hypot(x - x0, y - y0) || 1;
  const [dx, dy] = [((x - x0) / length) * ARROW, ((y - y0) / length) * ARROW];
  context.moveTo(x, y);
  context.lineTo(x - dx - dy * 0.55, y - dy + dx * 0.55);
  context.lineTo(x - dx + dy * 0.55, y - dy - dx * 0.55);
}

interface Style {
  readonly color: string;
  /** In CSS pixels of the canvas. */
  readonly width: number;
  readonly dashes: readonly number[];
  readonly opacity: number;
}

function styleOf({ scene, theme, selected, shown }: Picture, { from, to, change }: PageEdge): Style {
  const touched = selected !== undefined && (from === selected || to === selected);
  const color = touched
    ? SURFACES.accent[theme]
    : change === 'same'
      ? SURFACES.wire[theme]
      : CHANGES[change].strong[theme];
  const left = shown && !(shown.has(from) && shown.has(to));
  const width = touched ? 2.2 : change !== 'same' ? 2 : scene.differs ? 1.1 : 1.3;
  return { color, width, dashes: MARKS[change].dashes, opacity: left && !touched ? FAINT : 1 };
}

/** Lines of one look are one path: a stroke for each of thousands would be slow. */
function byStyle(picture: Picture, edges: readonly number[]): ReadonlyMap<string, { style: Style; edges: number[] }> {
  const groups = new Map<string, { style: Style; edges: number[] }>();
  for (const index of edges) {
    const edge = picture.scene.data.edges[index];
    if (!edge) continue;
    const style = styleOf(picture, edge);
    const key = `${style.width} ${style.color} ${style.opacity} ${style.dashes.length}`;
    const group = groups.get(key) ?? { style, edges: [] };
    groups.set(key, group);
    group.edges.push(index);
  }
  return groups;
}

/** Draws the edges with these numbers; `rect` is what of the graph is seen. */
export function drawEdges(context: Context, picture: Picture, edges: readonly number[], rect: Rect): void {
  const { scene, view } = picture;
  const routes = scene.layout.routes;
  const groups = [...byStyle(picture, edges).values()].sort((a, b) => a.style.width - b.style.width);
  for (const { style, edges: group } of groups) {
    context.globalAlpha = style.opacity;
    context.strokeStyle = style.color;
    context.fillStyle = style.color;
    context.lineWidth = Math.max(style.width, (style.width * 0.75) / view.scale);
    context.setLineDash([...style.dashes]);
    context.beginPath();
    for (const index of group) trace(context, routes[index] ?? [], view.scale >= DETAILS.round);
    context.stroke();
    if (view.scale < DETAILS.arrow) continue;
    context.setLineDash([]);
    context.beginPath();
    for (const index of group) arrow(context, routes[index] ?? []);
    context.fill();
  }
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (view.scale >= DETAILS.label) drawLabels(context, picture, edges, rect);
}

/** Least length of a stretch that a label stands beside. */
const ROOM = 14;

/**
 * The middle of the first upright stretch that is seen, which a label stands beside; never of the last one of several,
 * which lines of other values share.
 */
function labelPlace(route: Route, rect: Rect): readonly [x: number, y: number] | undefined {
  const end = Math.max(4, route.length - 2);
  for (let i = 0; i + 3 < end; i += 2) {
    const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = route.slice(i, i + 4);
    const [top, bottom] = [Math.max(rect.y, Math.min(y0, y1)), Math.min(rect.y + rect.height, Math.max(y0, y1))];
    if (Math.abs(x1 - x0) <= 1 && bottom - top > ROOM) return [x0, (top + bottom) / 2];
  }
  return undefined;
}

/** Each label once: a value that flows to several nodes is written at the first of its lines. */
function drawLabels(context: Context, { scene, theme }: Picture, edges: readonly number[], rect: Rect): void {
  const written = new Set<string>();
  context.font = '8px system-ui, sans-serif';
  context.textAlign = 'left';
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  for (const index of edges) {
    const { from = -1, label = '' } = scene.data.edges[index] ?? {};
    const place = labelPlace(scene.layout.routes[index] ?? [], rect);
    if (!place || written.has(`${from} ${label}`)) continue;
    written.add(`${from} ${label}`);
    const text = label.length > 48 ? `${label.slice(0, 47)}\u2026` : label;
    context.strokeStyle = SURFACES.desk[theme];
    context.strokeText(text, place[0] + 4, place[1]);
    context.fillStyle = SURFACES.soft[theme];
    context.fillText(text, place[0] + 4, place[1]);
  }
}
