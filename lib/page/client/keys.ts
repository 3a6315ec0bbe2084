/** Keys of the page, wherever the focus is but in a field. */
import type { Help } from './help.js';
import type { Scene } from './scene.js';
import type { Side } from './side.js';
import type { Stage } from './stage.js';
import { type Direction, nextChange, step } from './steps.js';
import type { Store } from './store.js';
import type { Themes } from './theme.js';

/** What keys act on. */
export interface Parts {
  readonly scene: Scene;
  readonly store: Store;
  readonly stage: Stage;
  readonly side: Side;
  readonly help: Help;
  readonly themes: Themes;
  /** Opens the chosen node's panel and goes into it. */
  readonly open: () => void;
  /** Shows or hides the sidebar of a narrow page. */
  readonly drawer: (shown: boolean) => void;
}

/** Pixels that an arrow moves the graph by. */
const STEP = 80;

const ARROWS: ReadonlyMap<string, readonly [Direction, number, number]> = new Map([
  ['ArrowUp', ['up', 0, STEP]],
  ['ArrowDown', ['down', 0, -STEP]],
  ['ArrowLeft', ['left', STEP, 0]],
  ['ArrowRight', ['right', -STEP, 0]],
]);

function onArrow({ scene, store, stage }: Parts, [direction, dx, dy]: readonly [Direction, number, number]): void {
  const { selected } = store.get();
  if (selected === undefined) {
    stage.camera.pan(dx, dy);
    return;
  }
  const next = step(selected, direction, scene.neighbours, scene.layout.boxes);
  if (next !== undefined) store.set({ selected: next });
}

function onEscape({ store, stage, help, drawer }: Parts): void {
  const { opened, selected } = store.get();
  if (help.isOpen()) help.toggle();
  else if (opened) {
    store.set({ opened: false });
    stage.canvas.focus();
  } else if (selected !== undefined) store.set({ selected: undefined });
  else drawer(false);
}

/** Escape empties the search, then leaves it. Browsers empty it too, but tell nobody once the focus is elsewhere. */
function leaveField({ side, store }: Parts): void {
  if (side.search.value === '') side.list.focus();
  side.search.value = '';
  store.set({ query: '' });
}

function goToChange({ scene, store }: Parts, by: 1 | -1): void {
  const selected = nextChange(scene.data.nodes, store.get().selected, by);
  if (selected !== undefined) store.set({ selected });
}

/** What each key does. */
function actions(parts: Parts): ReadonlyMap<string, () => void> {
  const { stage, side, help, themes, open, drawer } = parts;
  return new Map([
    ['+', () => stage.camera.zoomBy(1.4)],
    ['=', () => stage.camera.zoomBy(1.4)],
    ['-', () => stage.camera.zoomBy(1 / 1.4)],
    ['0', () => stage.camera.fit()],
    ['n', () => goToChange(parts, 1)],
    ['p', () => goToChange(parts, -1)],
    ['t', themes.toggle],
    ['?', help.toggle],
    ['Escape', () => onEscape(parts)],
    [
      '/',
      () => {
        drawer(true);
        side.search.focus();
        side.search.select();
      },
    ],
    ['Enter', open],
  ]);
}

const isField = (target: EventTarget | null): boolean =>
  target instanceof HTMLInputElement && target.type !== 'checkbox';
const isButton = (target: EventTarget | null): boolean => target instanceof HTMLButtonElement;
const isPanel = (target: EventTarget | null): boolean => target instanceof Element && target.closest('.panel') !== null;

/** Listens for as long as the page lives. */
export function listenToKeys(parts: Parts): void {
  const does = actions(parts);
  document.addEventListener('keydown', (event) => {
    const { key, target } = event;
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isField(target) && key !== 'Escape') return;
    if (parts.help.isOpen() && key !== 'Escape' && key !== '?') return;
    if (isField(target)) {
      event.preventDefault();
      return leaveField(parts);
    }
    if (key === 'Enter' && isButton(target)) return;
    const arrow = ARROWS.get(key);
    if (arrow && isPanel(target)) return;
    const action = arrow ? () => onArrow(parts, arrow) : does.get(key);
    if (!action) return;
    event.preventDefault();
    action();
  });
}
