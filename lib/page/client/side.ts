/** The sidebar: the answer, the facts, the search and the list. */
import { el } from './dom.js';
import { legendOf } from './legend.js';
import { nodeListOf } from './node-list.js';
import type { Scene } from './scene.js';
import { chosen, searchTexts } from './search.js';
import type { Store } from './store.js';
import type { Themes } from './theme.js';

/** What the rest of the page does with the sidebar. */
export interface Side {
  readonly element: HTMLElement;
  readonly search: HTMLInputElement;
  readonly list: HTMLElement;
}

const PLAIN = 'This graph is too large for a fine layout: nodes stand in layers, and some lines pass behind boxes.';

function headOf({ data, layout }: Scene): HTMLElement {
  const facts = data.facts.map(({ heading, lines }) =>
    el(
      'div',
      {},
      el('dt', { class: 'text' }, heading),
      el('dd', {}, ...lines.map((line) => el('div', { class: 'text' }, line))),
    ),
  );
  return el(
    'header',
    { class: 'head' },
    el('h1', { class: 'text' }, data.title),
    el('p', { class: 'verdict text' }, data.verdict),
    facts.length > 0 ? el('dl', { class: 'facts' }, ...facts) : undefined,
    layout.mode === 'plain' ? el('p', { class: 'note' }, PLAIN) : undefined,
  );
}

/** A box to tick, for pages with changes. */
function firstOf({ differs }: Scene, store: Store): HTMLElement | undefined {
  if (!differs) return undefined;
  const box = el('input', {
    type: 'checkbox',
    change: () => store.set({ changesFirst: box.checked }),
  });
  return el('label', {}, box, 'changes first');
}

/** `onShown` is told which nodes search and filters leave, undefined for all. */
export function sideOf(
  scene: Scene,
  store: Store,
  themes: Themes,
  open: () => void,
  onShown: (shown: ReadonlySet<number> | undefined) => void,
): Side {
  const { nodes } = scene.data;
  const texts = searchTexts(nodes);
  const list = nodeListOf(scene, store, themes, open);
  const count = el('span', { role: 'status', 'aria-live': 'polite' });
  const search = el('input', {
    class: 'search',
    type: 'search',
    placeholder: 'Search nodes, weights, values',
    'aria-label': 'Search nodes, weights and values',
    autocomplete: 'off',
    spellcheck: 'false',
    input: () => store.set({ query: search.value }),
  });
  const update = () => {
    const state = store.get();
    const found = chosen(nodes, texts, state);
    const all = found.length === nodes.length;
    const total = `${nodes.length.toLocaleString('en')} nodes`;
    count.textContent = all ? total : `${found.length.toLocaleString('en')} of ${total}`;
    list.setNodes(found);
    onShown(all ? undefined : new Set(found));
  };
  store.listen((state, before) => {
    const same =
      state.query === before.query && state.hidden === before.hidden && state.changesFirst === before.changesFirst;
    if (!same) update();
  });
  search.addEventListener('keydown', (event) => {
    const first = chosen(nodes, texts, store.get())[0];
    if (event.key === 'Enter' && first !== undefined) store.set({ selected: first, opened: true });
    else if (event.key === 'ArrowDown') list.element.focus();
    else return;
    event.preventDefault();
  });
  const find = el(
    'div',
    { class: 'find', role: 'search' },
    search,
    legendOf(scene, store),
    el('div', { class: 'bar' }, count, firstOf(scene, store)),
  );
  const foot = el('footer', { class: 'foot' }, el('kbd', {}, '/'), ' search \u00a0 ', el('kbd', {}, '?'), ' all keys');
  const element = el(
    'aside',
    { class: 'side', 'aria-label': 'Facts and nodes' },
    headOf(scene),
    find,
    list.element,
    foot,
  );
  queueMicrotask(update);
  return { element, search, list: list.element };
}
