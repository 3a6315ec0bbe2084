/** The boxes of nodes. */
import { DETAIL_SIZE, PADDING, STRIP, TITLE_SIZE } from '../box-text.js';
import type { Change } from '../data.js';
import type { Box } from '../layout-data.js';
import { CHANGES, FAMILIES, type Shade, SURFACES } from '../palette.js';
import { cornersAt, MARKS } from './marks.js';
import { memberColor } from './member-color.js';
import { DETAILS, FAINT, type Picture } from './picture.js';

type Context = CanvasRenderingContext2D;

const RADIUS = 7;

/** Width of the bar that tells the family. */
const BAR = 4;

/** Boxes of fewer CSS pixels than this have their change's shape drawn over them. */
const TINY = 10;

/** Radius of these shapes, in CSS pixels. */
const SHAPE = 6;

/** Corners of an input or output are half circles. */
const radiusOf = (picture: Picture, index: number, height: number): number =>
  picture.scene.data.nodes[index]?.kind === 'node' ? RADIUS : height / 2;

const changeOf = ({ scene }: Picture, index: number): Change => scene.data.nodes[index]?.change ?? 'same';

function outline(context: Context, picture: Picture, index: number, [x, y, width, height]: Box): void {
  const { theme, selected, hovered, view } = picture;
  const change = changeOf(picture, index);
  const thin = Math.max(1, 0.8 / view.scale);
  context.setLineDash([...MARKS[change].dashes]);
  context.strokeStyle = change === 'same' ? SURFACES.outline[theme] : CHANGES[change].strong[theme];
  context.lineWidth = change === 'same' ? thin : 2 * thin;
  if (index === hovered && change === 'same') context.strokeStyle = SURFACES.soft[theme];
  context.stroke();
  context.setLineDash([]);
  if (index !== selected) return;
  const gap = 3.5 * Math.max(1, 0.5 / view.scale);
  context.beginPath();
  context.roundRect(x - gap, y - gap, width + 2 * gap, height + 2 * gap, radiusOf(picture, index, height) + gap);
  context.strokeStyle = SURFACES.accent[theme];
  context.lineWidth = 2.5 * thin;
  context.stroke();
}

/** The bar at the left, and where the neurons came from at the bottom, within the box's corners. */
function inside(context: Context, picture: Picture, index: number, [x, y, width, height]: Box): void {
  const { scene, theme } = picture;
  const shares = scene.shares[index] ?? [];
  const isNode = scene.data.nodes[index]?.kind === 'node';
  if (!isNode && shares.length === 0) return;
  context.save();
  context.clip();
  if (isNode) {
    const change = changeOf(picture, index);
    const shade =
      scene.differs && change !== 'same' ? CHANGES[change].strong : FAMILIES[scene.families[index] ?? 'other'];
    context.fillStyle = shade[theme];
    context.fillRect(x, y, BAR, height);
  }
  for (const { member, from, to } of shares) {
    context.fillStyle = memberColor(member, theme);
    context.fillRect(x + from * width, y + height - STRIP, (to - from) * width, STRIP);
  }
  context.restore();
}

/** A change's letter on a plate at the top right corner. */
function letter(context: Context, picture: Picture, index: number, [x, y, width]: Box): void {
  const change = changeOf(picture, index);
  if (change === 'same') return;
  context.fillStyle = CHANGES[change].strong[picture.theme];
  context.beginPath();
  context.roundRect(x + width - 12, y - 6, 17, 15, 5);
  context.fill();
  context.fillStyle = SURFACES.onAccent[picture.theme];
  context.font = '700 11px system-ui, sans-serif';
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillText(MARKS[change].letter, x + width - 3.5, y + 2);
}

function write(context: Context, picture: Picture, index: number, [x, y, width, height]: Box): void {
  const { scene, theme, view } = picture;
  const text = scene.texts[index];
  if (!text || view.scale < DETAILS.title) return;
  const strip = (scene.shares[index]?.length ?? 0) > 0 ? STRIP : 0;
  const two = text.detail !== '' && view.scale >= DETAILS.detail;
  const middle = y + (height - strip) / 2;
  context.textAlign = 'center';
  context.textBaseline = 'middle';
  context.fillStyle = SURFACES.ink[theme];
  context.font = `600 ${TITLE_SIZE}px system-ui, sans-serif`;
  context.fillText(text.title, x + width / 2, two ? middle - 7.5 : middle, width - PADDING);
  if (!two) return;
  context.fillStyle = SURFACES.soft[theme];
  context.font = `${DETAIL_SIZE}px system-ui, sans-serif`;
  context.fillText(text.detail, x + width / 2, middle + 8.5, width - PADDING);
}

function drawWhole(context: Context, picture: Picture, index: number, box: Box): void {
  const [x, y, width, height] = box;
  const { theme, scene } = picture;
  const change = changeOf(picture, index);
  context.beginPath();
  context.roundRect(x, y, width, height, radiusOf(picture, index, height));
  const plain = scene.data.nodes[index]?.kind === 'node' ? SURFACES.box : SURFACES.raised;
  context.fillStyle = (change === 'same' ? plain : CHANGES[change].tint)[theme];
  context.fill();
  inside(context, picture, index, box);
  outline(context, picture, index, box);
  write(context, picture, index, box);
  letter(context, picture, index, box);
}

const boxOf = ({ scene }: Picture, index: number): Box => scene.layout.boxes[index] ?? [0, 0, 0, 0];

/** Opacity of a changed box far away, below its shape. */
const BLOCK = 0.4;

/** The colour of a box far away: of its change, grey beside changes, else of its family. */
function blockShade({ scene }: Picture, index: number, change: Change): Shade {
  if (change !== 'same') return CHANGES[change].strong;
  return scene.differs ? SURFACES.outline : FAMILIES[scene.families[index] ?? 'other'];
}

/** Far away a box is a plain rectangle in one colour; those of one colour are one path. */
function drawBlocks(context: Context, picture: Picture, boxes: readonly number[], opacity: number): void {
  const least = 1.2 / picture.view.scale;
  const blocks = new Map<Shade, { readonly path: Path2D; readonly opacity: number }>();
  for (const index of boxes) {
    const change = changeOf(picture, index);
    const shade = blockShade(picture, index, change);
    const block = blocks.get(shade) ?? { path: new Path2D(), opacity: change === 'same' ? opacity : opacity * BLOCK };
    blocks.set(shade, block);
    const [x, y, width, height] = boxOf(picture, index);
    block.path.rect(x, y, Math.max(least, width), Math.max(least, height));
  }
  for (const [shade, block] of blocks) {
    context.globalAlpha = block.opacity;
    context.fillStyle = shade[picture.theme];
    context.fill(block.path);
  }
  context.globalAlpha = opacity;
}

/** Shapes of changes, as large on the screen however far away. */
function drawShapes(context: Context, picture: Picture, boxes: readonly number[]): void {
  const { theme, view } = picture;
  const radius = SHAPE / view.scale;
  for (const index of boxes) {
    const change = changeOf(picture, index);
    const [x, y, width, height] = boxOf(picture, index);
    if (change === 'same' || height * view.scale >= TINY) continue;
    context.beginPath();
    for (const [cx, cy] of cornersAt(MARKS[change].shape, x + width / 2, y + height / 2, radius))
      context.lineTo(cx, cy);
    context.closePath();
    context.strokeStyle = SURFACES.desk[theme];
    context.lineWidth = 2.5 / view.scale;
    context.stroke();
    context.fillStyle = CHANGES[change].strong[theme];
    context.fill();
  }
}

function drawGroup(context: Context, picture: Picture, boxes: readonly number[], opacity: number): void {
  context.globalAlpha = opacity;
  if (picture.view.scale >= DETAILS.round) {
    for (const index of boxes) drawWhole(context, picture, index, boxOf(picture, index));
  } else drawBlocks(context, picture, boxes, opacity);
  drawShapes(context, picture, boxes);
}

/** Where the chosen node is, however small it is. */
function drawChosen(context: Context, picture: Picture, boxes: readonly number[]): void {
  const { selected, view, theme } = picture;
  if (selected === undefined || view.scale >= DETAILS.round || !boxes.includes(selected)) return;
  const [x, y, width, height] = boxOf(picture, selected);
  context.strokeStyle = SURFACES.accent[theme];
  context.lineWidth = 2.5 / view.scale;
  context.beginPath();
  context.arc(x + width / 2, y + height / 2, Math.max(width / 2, 9 / view.scale), 0, 2 * Math.PI);
  context.stroke();
}

/** Draws the nodes with these numbers; first those that search and filters leave out. */
export function drawBoxes(context: Context, picture: Picture, boxes: readonly number[]): void {
  const { shown } = picture;
  if (shown) {
    const left = boxes.filter((index) => !shown.has(index));
    drawGroup(context, picture, left, FAINT);
  }
  drawGroup(context, picture, shown ? boxes.filter((index) => shown.has(index)) : boxes, 1);
  context.globalAlpha = 1;
  drawChosen(context, picture, boxes);
}
