/** Keys and colours, over the page. */
import { FAMILIES, type Family } from '../palette.js';
import { el } from './dom.js';
import type { Themes } from './theme.js';

const KEYS: readonly (readonly [keys: string, does: string])[] = [
  ['arrows', 'move the graph; with a node chosen, step along the edges'],
  ['+ \u2212', 'zoom; so do the wheel and a pinch'],
  ['0', 'the whole graph'],
  ['/', 'search'],
  ['Enter', 'open the chosen node'],
  ['n p', 'next and previous change'],
  ['t', 'light or dark'],
  ['Esc', 'close, then choose nothing'],
  ['?', 'this'],
];

const WORDS: Readonly<Record<Family, string>> = {
  layer: 'layers with weights',
  activation: 'activations',
  norm: 'normalisations',
  pool: 'pooling, reductions',
  shape: 'shapes and pieces',
  other: 'other operators',
  end: 'inputs and outputs',
};

/** A dialog that is opened and closed. */
export interface Help {
  readonly element: HTMLElement;
  readonly isOpen: () => boolean;
  readonly toggle: () => void;
}

function families(themes: Themes): HTMLElement {
  const items = Object.entries(WORDS).map(([family, words]) => {
    const bar = el('i');
    bar.style.background = FAMILIES[family as Family][themes.now()];
    return el('span', {}, bar, words);
  });
  return el('div', { class: 'families' }, ...items);
}

/** Keeps the focus while it is open and gives it back. */
export function helpOf(themes: Themes): Help {
  let back: Element | null = null;
  const close = el(
    'button',
    { class: 'close', type: 'button', 'aria-label': 'Close', click: () => toggle() },
    '\u00d7',
  );
  const colors = el('div');
  const keys = KEYS.flatMap(([key, does]) => [
    el('dt', {}, ...key.split(' ').flatMap((each) => [el('kbd', {}, each), ' '])),
    el('dd', {}, does),
  ]);
  const card = el(
    'div',
    { class: 'card', role: 'dialog', 'aria-modal': 'true', 'aria-label': 'Keys and colours' },
    el('header', {}, el('h2', {}, 'Keys and colours'), close),
    el('dl', {}, ...keys),
    el('h3', {}, 'Bars of colour'),
    colors,
  );
  const element = el('div', { class: 'help', hidden: '' }, card);
  const toggle = () => {
    element.hidden = !element.hidden;
    if (!element.hidden) {
      back = document.activeElement;
      colors.replaceChildren(families(themes));
      close.focus();
    } else if (back instanceof HTMLElement) back.focus();
  };
  element.addEventListener('click', (event) => {
    if (event.target === element) toggle();
  });
  card.addEventListener('keydown', (event) => {
    if (event.key === 'Tab') event.preventDefault();
  });
  return { element, isOpen: () => !element.hidden, toggle };
}
