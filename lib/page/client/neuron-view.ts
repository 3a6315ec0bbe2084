/** Neurons of a group as cells in the colours of the models that they came from. */
import type { PageNeurons } from '../data.js';
import { SURFACES, type Theme } from '../palette.js';
import { el } from './dom.js';
import { isStriped, memberColor } from './member-color.js';
import { cellsOf, countsOf, originText, type Share, sizeOf } from './origins.js';

/** Sides of a cell and the gap between two, in CSS pixels, and how wide a strip may be. */
const CELL = 11;
const GAP = 2;
const WIDTH = 362;

/** Rows of a strip; more neurons share cells. */
const ROWS = 16;

const PER_ROW = Math.floor((WIDTH + GAP) / (CELL + GAP));

/** Diagonal lines over a share, for colours that are used twice. */
function stripes(context: CanvasRenderingContext2D, x: number, y: number, width: number, color: string): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, CELL);
  context.clip();
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let at = -CELL; at < width; at += 4) {
    context.moveTo(x + at, y + CELL);
    context.lineTo(x + at + CELL, y);
  }
  context.stroke();
  context.restore();
}

function paintCell(
  context: CanvasRenderingContext2D,
  shares: readonly Share[],
  x: number,
  y: number,
  theme: Theme,
): void {
  for (const { member, from, to } of shares) {
    context.fillStyle = memberColor(member, theme);
    context.fillRect(x + from * CELL, y, (to - from) * CELL, CELL);
    if (isStriped(member)) stripes(context, x + from * CELL, y, (to - from) * CELL, SURFACES.paper[theme]);
  }
}

function strip(cells: readonly (readonly Share[])[], label: string, theme: Theme): HTMLElement {
  const height = Math.ceil(cells.length / PER_ROW) * (CELL + GAP);
  const ratio = Math.max(1, devicePixelRatio);
  const canvas = el('canvas', {
    class: 'cells',
    role: 'img',
    'aria-label': label,
    width: String(WIDTH * ratio),
    height: String(height * ratio),
  });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.scale(ratio, ratio);
  for (const [i, shares] of cells.entries()) {
    paintCell(context, shares, (i % PER_ROW) * (CELL + GAP), Math.floor(i / PER_ROW) * (CELL + GAP), theme);
  }
  return canvas;
}

/** A member's colour, name and count. */
function key(member: number, count: number, name: string, theme: Theme): HTMLElement {
  const swatch = el('i');
  swatch.style.background = memberColor(member, theme);
  swatch.style.borderColor = memberColor(member, theme);
  if (isStriped(member)) swatch.style.borderStyle = 'dashed';
  if (isStriped(member)) swatch.style.background = 'none';
  return el('span', {}, swatch, el('span', { class: 'text' }, `${name}: ${count.toLocaleString('en')}`));
}

/** One group. */
export function neuronView({ group, runs }: PageNeurons, members: readonly string[], theme: Theme): HTMLElement {
  const { each, cells } = cellsOf(runs, PER_ROW * ROWS);
  const text = originText(runs, members);
  const size = sizeOf(runs).toLocaleString('en');
  const keys = countsOf(runs).map(([member, count]) =>
    key(member, count, members[member] ?? `model ${member + 1}`, theme),
  );
  return el(
    'div',
    { class: 'item' },
    el('h4', { class: 'text' }, group),
    el('div', { class: 'soft' }, `${size} neurons`),
    strip(cells, `Neurons of ${group}: ${text}`, theme),
    el('p', { class: 'keys' }, ...keys),
    each > 1 ? el('p', { class: 'soft mono' }, `A cell stands for ${each} neurons.`) : undefined,
  );
}
