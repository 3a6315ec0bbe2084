/** The page's script: reads what the page holds and puts its parts together. */
import type { PageData } from '../data.js';
import type { PageLayout } from '../layout-data.js';
import { el } from './dom.js';
import { helpOf } from './help.js';
import { listenToKeys } from './keys.js';
import { panelOf } from './panel.js';
import { sceneOf } from './scene.js';
import { sideOf } from './side.js';
import { stageOf } from './stage.js';
import { storeOf } from './store.js';
import { spoken } from './texts.js';
import { themes as themesOf } from './theme.js';

const content = JSON.parse(document.getElementById('data')?.textContent ?? '') as {
  readonly data: PageData;
  readonly layout: PageLayout;
};
const scene = sceneOf(content.data, content.layout);
const themes = themesOf();
const store = storeOf({ selected: undefined, opened: false, query: '', hidden: new Set(), changesFirst: false });
const help = helpOf(themes);
const stage = stageOf(scene, store, themes, help.toggle);
const panel = panelOf(scene, store, themes);
const spoke = el('p', { class: 'hidden', role: 'status', 'aria-live': 'polite' });

const open = () => {
  if (store.get().selected === undefined) return;
  store.set({ opened: true });
  panel.querySelector('h2')?.focus();
};
const side = sideOf(scene, store, themes, open, stage.setShown);
const drawer = (shown: boolean) => document.body.classList.toggle('drawn', shown);
const menu = el(
  'button',
  {
    class: 'tool only-narrow',
    type: 'button',
    'aria-label': 'Facts and nodes',
    click: () => drawer(!document.body.classList.contains('drawn')),
  },
  '\u2630',
);
stage.element.querySelector('.tools')?.prepend(menu);
stage.canvas.addEventListener('pointerdown', () => drawer(false));
stage.element.append(panel, spoke);

store.listen((state, before) => {
  document.body.classList.toggle('opened', state.opened && state.selected !== undefined);
  if (state.selected !== before.selected || state.opened !== before.opened) stage.redraw();
  if (state.selected === undefined) return;
  if (state.opened && !before.opened) stage.camera.show(state.selected, true);
  if (state.selected === before.selected) return;
  const node = scene.data.nodes[state.selected];
  // A screen reader tells the list's own choice by itself.
  if (node && document.activeElement !== side.list)
    spoke.textContent = spoken(node, state.selected, scene.data.nodes.length);
  stage.camera.show(state.selected, true);
  if (innerWidth <= 700) drawer(false);
});

document.body.append(side.element, stage.element, help.element);
stage.start();
listenToKeys({ scene, store, stage, side, help, themes, open, drawer });
