/** The shape of a change as a small picture beside its word. */
import type { Change } from '../data.js';
import { svg } from './dom.js';
import { cornersAt, MARKS } from './marks.js';

/** Takes the colour of the change from the style sheet. */
export function markIcon(change: Change): SVGSVGElement {
  const { shape, letter } = MARKS[change];
  const points = cornersAt(shape, 8, 8, change === 'same' ? 3 : 7)
    .map((corner) => corner.map((value) => value.toFixed(2)).join(','))
    .join(' ');
  const icon = svg('svg', { viewBox: '0 0 16 16', 'aria-hidden': 'true' }, svg('polygon', { points }));
  icon.style.fill = `var(--${change})`;
  icon.dataset.letter = letter;
  return icon;
}
