/** The small picture of the whole graph: where changes are, and which part is seen. A press on it goes there. */
import { CHANGES, FAMILIES, SURFACES, type Theme } from '../palette.js';
import type { Camera } from './camera.js';
import { el } from './dom.js';
import { cornersAt, MARKS } from './marks.js';
import type { Scene } from './scene.js';
import { READABLE, type Size, seen } from './view.js';

/** Largest and smallest size; a long graph is squeezed so that its parts can still be told apart. */
const MOST: Size = { width: 170, height: 260 };
const LEAST: Size = { width: 56, height: 56 };

const INSET = 6;

/** Drawn anew with each frame, over what never changes. */
export interface Overview {
  readonly element: HTMLCanvasElement;
  /** `stage` is the size of the canvas; `shown` as in `Picture`. */
  readonly draw: (camera: Camera, stage: Size, theme: Theme, shown: ReadonlySet<number> | undefined) => void;
}

interface Scales {
  readonly x: number;
  readonly y: number;
}

function sizeFor({ width, height }: Size): Size {
  const scale = Math.min(MOST.width / Math.max(1, width), MOST.height / Math.max(1, height));
  return { width: Math.max(LEAST.width, width * scale), height: Math.max(LEAST.height, height * scale) };
}

/** Everything but the frame of what is seen. */
function paint(
  scene: Scene,
  size: Size,
  scales: Scales,
  theme: Theme,
  shown: ReadonlySet<number> | undefined,
  ratio: number,
) {
  const canvas = el('canvas', { width: String(size.width * ratio), height: String(size.height * ratio) });
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.scale(ratio, ratio);
  const place = (index: number) => {
    const [x, y, width, height] = scene.layout.boxes[index] ?? [0, 0, 0, 0];
    return [INSET + x * scales.x, INSET + y * scales.y, width * scales.x, height * scales.y] as const;
  };
  for (const [index, { change }] of scene.data.nodes.entries()) {
    if (scene.differs && change !== 'same') continue;
    const shade = scene.differs ? SURFACES.outline : FAMILIES[scene.families[index] ?? 'other'];
    context.fillStyle = shade[theme];
    context.globalAlpha = shown && !shown.has(index) ? 0.15 : 0.8;
    const [x, y, width, height] = place(index);
    context.fillRect(x, y, Math.max(1, width), Math.max(0.6, height - 0.3));
  }
  for (const [index, { change }] of scene.data.nodes.entries()) {
    if (change === 'same') continue;
    const [x, y, width, height] = place(index);
    context.fillStyle = CHANGES[change].strong[theme];
    context.globalAlpha = shown && !shown.has(index) ? 0.15 : 1;
    context.beginPath();
    for (const [cx, cy] of cornersAt(MARKS[change].shape, x + width / 2, y + height / 2, 3)) context.lineTo(cx, cy);
    context.fill();
  }
  return canvas;
}

/** Whether all of the graph is seen anyway, so that a small picture of it would only be in the way. */
function showsAll({ view }: Camera, stage: Size, graph: Size): boolean {
  const { x, y, width, height } = seen(view, { x: 0, y: 0, width: stage.width, height: stage.height });
  return x <= 0 && y <= 0 && x + width >= graph.width && y + height >= graph.height && view.scale >= READABLE;
}

function frame(
  context: CanvasRenderingContext2D,
  camera: Camera,
  stage: Size,
  size: Size,
  scales: Scales,
  theme: Theme,
) {
  const rect = seen(camera.view, { x: 0, y: 0, width: stage.width, height: stage.height });
  const [x0, y0] = [INSET + rect.x * scales.x, INSET + rect.y * scales.y];
  const left = Math.max(1.5, x0);
  const top = Math.max(1.5, y0);
  const right = Math.min(size.width - 1.5, x0 + rect.width * scales.x);
  const bottom = Math.min(size.height - 1.5, y0 + rect.height * scales.y);
  context.strokeStyle = SURFACES.accent[theme];
  context.fillStyle = SURFACES.accent[theme];
  context.lineWidth = 1.5;
  context.beginPath();
  context.roundRect(left, top, Math.max(4, right - left), Math.max(4, bottom - top), 3);
  context.globalAlpha = 0.12;
  context.fill();
  context.globalAlpha = 1;
  context.stroke();
}

function follow(element: HTMLCanvasElement, goTo: (x: number, y: number) => void): void {
  const at = (event: PointerEvent) => {
    const box = element.getBoundingClientRect();
    goTo(event.clientX - box.left, event.clientY - box.top);
  };
  element.addEventListener('pointerdown', (event) => {
    element.setPointerCapture(event.pointerId);
    at(event);
  });
  element.addEventListener('pointermove', (event) => {
    if (event.buttons > 0) at(event);
  });
}

/** `goTo` is told a point of the graph. */
export function overviewOf(scene: Scene, goTo: (x: number, y: number) => void): Overview {
  const size = sizeFor(scene.layout);
  const scales: Scales = {
    x: (size.width - 2 * INSET) / Math.max(1, scene.layout.width),
    y: (size.height - 2 * INSET) / Math.max(1, scene.layout.height),
  };
  const ratio = Math.max(1, devicePixelRatio);
  const element = el('canvas', {
    class: 'overview',
    'aria-hidden': 'true',
    width: String(size.width * ratio),
    height: String(size.height * ratio),
  });
  element.style.width = `${size.width}px`;
  element.style.height = `${size.height}px`;
  follow(element, (x, y) => goTo((x - INSET) / scales.x, (y - INSET) / scales.y));
  const context = element.getContext('2d');
  let painted:
    | { readonly theme: Theme; readonly shown: ReadonlySet<number> | undefined; readonly canvas: HTMLCanvasElement }
    | undefined;
  return {
    element,
    draw: (camera, stage, theme, shown) => {
      if (!context) return;
      element.hidden = showsAll(camera, stage, scene.layout);
      if (element.hidden) return;
      if (painted?.theme !== theme || painted.shown !== shown) {
        painted = { theme, shown, canvas: paint(scene, size, scales, theme, shown, ratio) };
      }
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, element.width, element.height);
      context.drawImage(painted.canvas, 0, 0);
      context.scale(ratio, ratio);
      frame(context, camera, stage, size, scales, theme);
    },
  };
}
