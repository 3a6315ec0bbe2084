/** All nodes as a list that a keyboard can walk and a screen reader can read; only rows in its window are elements. */
import { FAMILIES } from '../palette.js';
import { el } from './dom.js';
import { markIcon } from './mark-icon.js';
import { ROW, rowsInWindow, scrollFor } from './rows.js';
import type { Scene } from './scene.js';
import type { Store } from './store.js';
import { listed, spoken } from './texts.js';
import type { Themes } from './theme.js';

/** The list of nodes. */
export interface NodeList {
  readonly element: HTMLElement;
  /** Numbers of the nodes to list, in order. */
  readonly setNodes: (nodes: readonly number[]) => void;
}

/** Rows that Page up and Page down pass. */
const LEAP = 10;

const idOf = (index: number) => `node-${index}`;

function rowOf({ data, families }: Scene, index: number, place: number, count: number, themes: Themes): HTMLElement {
  const node = data.nodes[index];
  if (!node) return el('div');
  const dot = el('i');
  dot.style.background = FAMILIES[families[index] ?? 'other'][themes.now()];
  const title = node.kind === 'node' ? node.op : node.name;
  const row = el(
    'div',
    {
      class: 'row',
      role: 'option',
      id: idOf(index),
      'data-node': String(index),
      'aria-posinset': String(place + 1),
      'aria-setsize': String(count),
      'aria-label': spoken(node, index, data.nodes.length),
    },
    node.change === 'same' ? dot : markIcon(node.change),
    el('div', {}, el('span', {}, title), el('span', {}, listed(node))),
  );
  row.style.top = `${place * ROW}px`;
  return row;
}

/** Where a key leads from one place to another; undefined for other keys. */
function placeAfter(key: string, place: number, count: number): number | undefined {
  const to = new Map([
    ['ArrowDown', place + 1],
    ['ArrowUp', place - 1],
    ['PageDown', place + LEAP],
    ['PageUp', Math.max(0, place) - LEAP],
    ['Home', 0],
    ['End', count - 1],
  ]).get(key);
  return to === undefined ? undefined : Math.max(0, Math.min(count - 1, to));
}

/** `open` is told that the chosen node's panel is wanted. */
export function nodeListOf(scene: Scene, store: Store, themes: Themes, open: () => void): NodeList {
  const rows = el('div', { class: 'rows', role: 'presentation' });
  const none = el('p', { class: 'none', hidden: '' }, 'No node matches.');
  const element = el('div', { class: 'list', role: 'listbox', tabindex: '0', 'aria-label': 'Nodes' }, rows, none);
  let nodes: readonly number[] = [];
  let places = new Map<number, number>();

  const render = () => {
    const { selected } = store.get();
    const [first, end] = rowsInWindow(nodes.length, element.scrollTop, element.clientHeight);
    const made = nodes.slice(first, end).map((index, i) => {
      const row = rowOf(scene, index, first + i, nodes.length, themes);
      row.setAttribute('aria-selected', String(index === selected));
      return row;
    });
    rows.replaceChildren(...made);
    if (selected !== undefined && made.some((row) => row.id === idOf(selected))) {
      element.setAttribute('aria-activedescendant', idOf(selected));
    } else element.removeAttribute('aria-activedescendant');
  };
  const bring = (index: number) => {
    const place = places.get(index);
    if (place !== undefined) element.scrollTop = scrollFor(place, element.scrollTop, element.clientHeight);
  };
  const choose = (place: number) => {
    const selected = nodes[place];
    if (selected !== undefined) store.set({ selected });
  };

  element.addEventListener('scroll', render, { passive: true });
  new ResizeObserver(render).observe(element);
  themes.listen(render);
  element.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    if (row?.dataset.node !== undefined) store.set({ selected: Number(row.dataset.node), opened: true });
  });
  element.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { selected } = store.get();
    const place = selected === undefined ? -1 : (places.get(selected) ?? -1);
    const to = placeAfter(event.key, place, nodes.length);
    if (to !== undefined) choose(to);
    else if (event.key === 'Enter' || event.key === ' ') open();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  store.listen(({ selected }, before) => {
    if (selected === before.selected) return;
    if (selected !== undefined) bring(selected);
    render();
  });
  return {
    element,
    setNodes: (list) => {
      nodes = list;
      places = new Map(list.map((index, place) => [index, place]));
      rows.style.height = `${list.length * ROW}px`;
      none.hidden = list.length > 0;
      element.scrollTop = 0;
      render();
    },
  };
}
