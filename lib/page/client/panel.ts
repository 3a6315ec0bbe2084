/** All that is known of the chosen node. */
import type { PageAttribute, PageFact, PageNode } from '../data.js';
import { el } from './dom.js';
import { markIcon } from './mark-icon.js';
import { neuronView } from './neuron-view.js';
import type { Scene } from './scene.js';
import type { Store } from './store.js';
import { tensorView } from './tensor-view.js';
import type { Themes } from './theme.js';

function section(heading: string, ...children: readonly (HTMLElement | undefined)[]): HTMLElement | undefined {
  const there = children.filter((child) => child !== undefined);
  return there.length === 0
    ? undefined
    : el('section', {}, el('h3', {}, heading), el('div', { class: 'items' }, ...there));
}

/** A setting that was and is the same has no colour. */
function attributeCells({ before, after }: PageAttribute, differs: boolean): readonly HTMLElement[] {
  const cell = (text: string | null, look: string) =>
    el('td', { class: text === null ? 'absent' : `mono text ${look}` }, text ?? '\u2014');
  if (!differs) return [cell(after, '')];
  const changed = before !== after;
  return [cell(before, changed ? 'gone' : ''), cell(after, changed ? 'new' : '')];
}

function attributeTable(attributes: readonly PageAttribute[], differs: boolean): HTMLElement | undefined {
  if (attributes.length === 0) return undefined;
  const heads = differs ? ['name', 'before', 'after'] : ['name', 'value'];
  const rows = attributes.map((attribute) =>
    el('tr', {}, el('th', { scope: 'row', class: 'text' }, attribute.name), ...attributeCells(attribute, differs)),
  );
  return el(
    'table',
    {},
    el('thead', {}, el('tr', {}, ...heads.map((head) => el('th', { scope: 'col' }, head)))),
    el('tbody', {}, ...rows),
  );
}

const factView = ({ heading, lines }: PageFact): HTMLElement =>
  el(
    'div',
    { class: 'item' },
    el('div', { class: 'text' }, heading),
    ...lines.map((line) => el('div', { class: 'mono' }, line)),
  );

/** Buttons that lead along the edges. */
function jumps(scene: Scene, indexes: readonly number[], store: Store): readonly HTMLElement[] {
  return indexes.map((index) => {
    const node = scene.data.nodes[index];
    const name = node ? [node.kind === 'node' ? node.op : node.kind, node.name].join(' ') : '';
    return el('button', { class: 'jump', type: 'button', click: () => store.set({ selected: index }) }, name);
  });
}

function headOf(node: PageNode, close: () => void): HTMLElement {
  const title = node.kind === 'node' ? node.op : node.name;
  const second = node.kind === 'node' ? node.name : `${node.kind}, ${node.op}`;
  const tag =
    node.change === 'same'
      ? undefined
      : el('span', { class: `tag ${node.change}` }, markIcon(node.change), node.change);
  return el(
    'header',
    {},
    el('h2', { class: 'text', tabindex: '-1' }, title),
    el('button', { class: 'close', type: 'button', 'aria-label': 'Close', click: close }, '\u00d7'),
    el('div', { class: 'soft text' }, second),
    el('div', {}, tag),
    node.kind === 'node' && node.detail !== '' ? el('div', { class: 'mono soft text' }, node.detail) : undefined,
  );
}

function contentOf(
  scene: Scene,
  index: number,
  store: Store,
  themes: Themes,
  close: () => void,
): readonly HTMLElement[] {
  const node = scene.data.nodes[index];
  if (!node) return [];
  const compared = scene.differs || node.attributes.some(({ before }) => before !== null);
  const { above, below } = scene.neighbours;
  const notes = node.notes.map((note) => el('p', { class: 'text' }, note));
  const neurons = node.neurons.map((each) => neuronView(each, scene.data.members, themes.now()));
  return [
    headOf(node, close),
    section('Notes', ...notes),
    section('Neurons', ...neurons),
    section('Attributes', attributeTable(node.attributes, compared)),
    section('Inputs', ...node.inputs.map(factView)),
    section('Outputs', ...node.outputs.map(factView)),
    section('Weights', ...node.tensors.map(tensorView)),
    section('Comes from', ...jumps(scene, above[index] ?? [], store)),
    section('Goes to', ...jumps(scene, below[index] ?? [], store)),
  ].filter((part) => part !== undefined);
}

/** The panel; it opens and closes with the store's `opened`. */
export function panelOf(scene: Scene, store: Store, themes: Themes): HTMLElement {
  const element = el('section', { class: 'panel', 'aria-label': 'Node', hidden: '' });
  const close = () => store.set({ opened: false });
  const render = () => {
    const { selected, opened } = store.get();
    const open = opened && selected !== undefined;
    element.hidden = !open;
    if (open) element.replaceChildren(...contentOf(scene, selected, store, themes, close));
    element.scrollTop = 0;
  };
  store.listen((state, before) => {
    if (state.selected !== before.selected || state.opened !== before.opened) render();
  });
  themes.listen(render);
  return element;
}
