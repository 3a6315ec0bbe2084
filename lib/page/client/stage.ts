/** The canvas: its size, its frames, and the buttons over it. */
import { Camera } from './camera.js';
import { el } from './dom.js';
import { draw } from './draw.js';
import { listenTo } from './gestures.js';
import { boxAt } from './grid.js';
import { overviewOf } from './overview.js';
import type { Scene } from './scene.js';
import type { Store } from './store.js';
import { graphLabel } from './texts.js';
import type { Themes } from './theme.js';
import { firstView, type Rect, type Size } from './view.js';

/** What the rest of the page does with the canvas. */
export interface Stage {
  readonly element: HTMLElement;
  readonly canvas: HTMLCanvasElement;
  readonly camera: Camera;
  /** Nodes that are not faint; undefined for all. */
  readonly setShown: (shown: ReadonlySet<number> | undefined) => void;
  readonly redraw: () => void;
}

/** Width of the panel that covers the canvas's right side, as in the style sheet. */
const PANEL = 400;

const sizeOf = (element: HTMLElement): Size => ({ width: element.clientWidth, height: element.clientHeight });

/** Where the page opens: over the middle of what comes first. */
function startOf({ layout }: Scene): number {
  const [x, , width] = layout.boxes[0] ?? [layout.width / 2, 0, 0];
  return layout.width < 900 ? layout.width / 2 : x + width / 2;
}

function toolsOf(camera: () => Camera, themes: Themes, help: () => void): HTMLElement {
  const tool = (text: string, label: string, click: () => void) =>
    el('button', { class: 'tool', type: 'button', 'aria-label': label, title: label, click }, text);
  return el(
    'div',
    { class: 'tools', role: 'toolbar', 'aria-label': 'View' },
    tool('\u2212', 'Zoom out', () => camera().zoomBy(1 / 1.4)),
    tool('+', 'Zoom in', () => camera().zoomBy(1.4)),
    tool('Fit', 'Show the whole graph', () => camera().fit()),
    tool('\u25d0', 'Light or dark', themes.toggle),
    tool('?', 'Keys and colours', help),
  );
}

/** Builds the canvas. It must be `start`ed once it is in the document. */
export function stageOf(scene: Scene, store: Store, themes: Themes, help: () => void): Stage & { start: () => void } {
  const canvas = el('canvas', {
    class: 'graph',
    tabindex: '0',
    role: 'application',
    'aria-label': graphLabel(scene.data),
  });
  const element = el('main', { class: 'stage' }, canvas);
  const context = canvas.getContext('2d', { alpha: false });
  let shown: ReadonlySet<number> | undefined;
  let hovered: number | undefined;
  let waiting = false;
  let size: Size = { width: 1, height: 1 };

  const clear = (): Rect => {
    const covered = store.get().opened && size.width > 700 ? PANEL : 0;
    const height = store.get().opened && size.width <= 700 ? size.height * 0.38 : size.height;
    return { x: 0, y: 0, width: size.width - covered, height };
  };
  const redraw = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(frame);
  };
  let camera = new Camera(scene, size, (of) => firstView(scene.layout, of, startOf(scene)), clear, redraw);
  const overview = overviewOf(scene, (x, y) => camera.lookAt(x, y));
  const frame = () => {
    waiting = false;
    if (!context) return;
    const theme = themes.now();
    draw(context, { scene, view: camera.view, theme, selected: store.get().selected, hovered, shown }, size, ratio());
    overview.draw(camera, size, theme, shown);
  };
  const ratio = () => canvas.width / Math.max(1, size.width);
  const measure = () => {
    size = sizeOf(element);
    canvas.width = Math.round(size.width * devicePixelRatio);
    canvas.height = Math.round(size.height * devicePixelRatio);
  };

  const at = (x: number, y: number) => {
    const { scale, left, top } = camera.view;
    return boxAt(scene.boxGrid, scene.layout.boxes, (x - left) / scale, (y - top) / scale);
  };
  listenTo(canvas, {
    pan: (dx, dy) => camera.pan(dx, dy),
    zoom: (factor, x, y) => camera.zoom(factor, x, y),
    press: (x, y) => {
      const selected = at(x, y);
      store.set({ selected, opened: selected !== undefined });
    },
    hover: (x, y) => {
      const over = at(x, y);
      if (over === hovered) return;
      hovered = over;
      canvas.classList.toggle('over', over !== undefined);
      canvas.title = over === undefined ? '' : (scene.data.nodes[over]?.name ?? '');
      redraw();
    },
    leave: () => {
      hovered = undefined;
      redraw();
    },
  });
  element.append(
    toolsOf(() => camera, themes, help),
    overview.element,
  );
  themes.listen(redraw);

  const start = () => {
    measure();
    camera = new Camera(scene, size, (of) => firstView(scene.layout, of, startOf(scene)), clear, redraw);
    frame();
    new ResizeObserver(() => {
      const before = size;
      measure();
      if (size.width !== before.width || size.height !== before.height) camera.resize(size);
      frame();
    }).observe(element);
  };
  return {
    element,
    canvas,
    get camera() {
      return camera;
    },
    setShown: (set) => {
      shown = set;
      redraw();
    },
    redraw,
    start,
  };
}
