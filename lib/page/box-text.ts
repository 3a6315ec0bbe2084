/**
 * What stands in a node's box, and how large the box must be for it. Both sides of the page use it: layout and drawing.
 */
import type { PageNode } from './data.js';

/** The two lines of a box; `detail` may be ''. */
export interface BoxText {
  readonly title: string;
  readonly detail: string;
}

/** Font sizes of the two lines, in CSS pixels. */
export const TITLE_SIZE = 13;
export const DETAIL_SIZE = 11;

/** Distance of the text from the box's sides; the left holds the bar of colour, the right the letter of a change. */
export const PADDING = 14;

/** Height of the strip that tells where the node's neurons came from. */
export const STRIP = 5;

const LONGEST = 36;
const NARROWEST = 64;

/**
 * Widths of characters in ems, as system fonts have them: an estimate, so text is also squeezed into its box when
 * drawn.
 */
const NARROW = /[iIjl.,:;'|!()[\] ft]/;
const WIDE = /[mwMW@%]/;
const FULL = /[\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f000}-\u{1faff}]/u;

const ems = (char: string): number =>
  NARROW.test(char) ? 0.38 : WIDE.test(char) ? 1 : FULL.test(char) ? 1.05 : /[A-Z]/.test(char) ? 0.74 : 0.65;

const shortened = (text: string): string => {
  const chars = [...text];
  return chars.length > LONGEST ? `${chars.slice(0, LONGEST - 1).join('')}…` : text;
};

/** An input or output shows its name and type, a node its operator and what it holds. */
export function boxText({ kind, name, op, detail }: PageNode): BoxText {
  const [title, second] = kind === 'node' ? [op, detail] : [name, op];
  return { title: shortened(title), detail: shortened(second) };
}

/** Estimated width of a text in CSS pixels. */
export function textWidth(text: string, size: number): number {
  return size * [...text].reduce((sum, char) => sum + ems(char), 0);
}

/** Width and height of a node's box, whole CSS pixels. */
export function boxSize(node: PageNode): readonly [width: number, height: number] {
  const { title, detail } = boxText(node);
  const text = Math.max(textWidth(title, TITLE_SIZE), textWidth(detail, DETAIL_SIZE));
  const height = (detail === '' ? 28 : 42) + (node.neurons.length > 0 ? STRIP : 0);
  return [Math.ceil(Math.max(NARROWEST, text + 2 * PADDING)), height];
}
