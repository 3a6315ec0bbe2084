/** A constant of a node: its statistics, and how its values are spread, before and after. */
import type { Histogram, PageTensor } from '../data.js';
import { barsPath, figure, histogramText, tallest } from './bars.js';
import { el, svg } from './dom.js';

const FRAME = { left: 0, top: 6, width: 360, height: 78 };
const HEIGHT = 102;

function axis({ low, high }: Histogram): readonly SVGElement[] {
  const bottom = FRAME.top + FRAME.height;
  const y = String(HEIGHT - 4);
  const line = svg('line', { class: 'axis', x1: '0', x2: String(FRAME.width), y1: String(bottom), y2: String(bottom) });
  const texts = [
    svg('text', { x: '0', y }, figure(low)),
    svg('text', { x: String(FRAME.width), y, 'text-anchor': 'end' }, figure(high)),
  ];
  if (low >= 0 || high <= 0) return [line, ...texts];
  const x = String(FRAME.left + (FRAME.width * -low) / (high - low));
  const zero = svg('line', { class: 'zero', x1: x, x2: x, y1: String(FRAME.top), y2: String(bottom) });
  const share = -low / (high - low);
  return share < 0.15 || share > 0.85
    ? [zero, line, ...texts]
    : [zero, line, ...texts, svg('text', { x, y, 'text-anchor': 'middle' }, '0')];
}

function description(before: Histogram | null, after: Histogram | null): string {
  if (!before) return after ? histogramText(after) : '';
  return [`before: ${histogramText(before)}`, after ? `after: ${histogramText(after)}` : ''].filter(Boolean).join('; ');
}

function histogram({ name, before, after }: PageTensor): HTMLElement | undefined {
  const all = [before, after].filter((each) => each !== null);
  const [first] = all;
  if (!first) return undefined;
  const most = tallest(all);
  const text = description(before, after);
  const picture = svg(
    'svg',
    { class: 'hist', viewBox: `0 0 ${FRAME.width} ${HEIGHT}`, role: 'img', 'aria-label': `Values of ${name}: ${text}` },
    ...(before ? [svg('path', { class: 'before', d: barsPath(before, most, FRAME) })] : []),
    ...(after ? [svg('path', { class: 'after', d: barsPath(after, most, FRAME) })] : []),
    ...axis(first),
  );
  const key = (name: string) => el('span', {}, el('i', { class: name }), name);
  const keys = before && after ? el('p', { class: 'keys' }, key('before'), key('after')) : undefined;
  return el('div', {}, picture, keys, el('p', { class: 'soft small text' }, text));
}

/** One tensor. */
export function tensorView(tensor: PageTensor): HTMLElement {
  const lines = tensor.lines.map((line) => el('div', { class: 'mono text' }, line));
  return el(
    'div',
    { class: 'tensor' },
    el('div', {}, el('h4', { class: 'text' }, tensor.name), el('div', { class: 'mono soft text' }, tensor.type)),
    ...lines,
    histogram(tensor),
  );
}
