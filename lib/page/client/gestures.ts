/** Mouse, touch and wheel on the canvas. */

/** What gestures do; points are in CSS pixels of the canvas. */
export interface Gestures {
  readonly pan: (dx: number, dy: number) => void;
  readonly zoom: (factor: number, x: number, y: number) => void;
  readonly press: (x: number, y: number) => void;
  readonly hover: (x: number, y: number) => void;
  readonly leave: () => void;
}

/** A pointer that moved less is a press. */
const STILL = 4;

/** Pixels of a wheel's line and page. https://w3c.github.io/uievents/#dom-wheelevent-deltamode */
const LINE = 18;
const PAGE = 400;

interface Point {
  readonly x: number;
  readonly y: number;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * A wheel zooms; with shift, or turned sideways as only a trackpad can, it moves. A pinch comes as a wheel with ctrl.
 */
function onWheel(event: WheelEvent, at: Point, { pan, zoom }: Gestures): void {
  event.preventDefault();
  const unit = event.deltaMode === 1 ? LINE : event.deltaMode === 2 ? PAGE : 1;
  const [dx, dy] = [event.deltaX * unit, event.deltaY * unit];
  if (event.ctrlKey) zoom(Math.exp(-dy * 0.01), at.x, at.y);
  else if (event.shiftKey) pan(-(dx || dy), 0);
  else if (dx !== 0) pan(-dx, -dy);
  else zoom(Math.exp(-Math.max(-240, Math.min(240, dy)) * 0.0016), at.x, at.y);
}

/** One pointer moves the graph, two zoom it. */
function onDrag(moved: Point, before: Point, other: Point | undefined, { pan, zoom }: Gestures): void {
  if (!other) {
    pan(moved.x - before.x, moved.y - before.y);
    return;
  }
  const middle = { x: (moved.x + other.x) / 2, y: (moved.y + other.y) / 2 };
  pan((moved.x - before.x) / 2, (moved.y - before.y) / 2);
  zoom(distance(moved, other) / Math.max(1, distance(before, other)), middle.x, middle.y);
}

/** Listens on `element` for as long as the page lives. */
export function listenTo(element: HTMLElement, gestures: Gestures): void {
  const pointers = new Map<number, Point>();
  let pressed: Point | undefined;
  const pointOf = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener('wheel', (event) => onWheel(event, pointOf(event), gestures), { passive: false });
  element.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    pointers.set(event.pointerId, pointOf(event));
    pressed = pointers.size === 1 ? pointOf(event) : undefined;
  });
  element.addEventListener('pointermove', (event) => {
    const at = pointOf(event);
    const before = pointers.get(event.pointerId);
    if (!before) return gestures.hover(at.x, at.y);
    if (pressed && distance(pressed, at) < STILL) return;
    pressed = undefined;
    element.classList.add('dragged');
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    onDrag(at, before, other, gestures);
    pointers.set(event.pointerId, at);
  });
  const end = (event: PointerEvent) => {
    if (!pointers.delete(event.pointerId)) return;
    element.classList.remove('dragged');
    if (event.type === 'pointerup' && pressed) gestures.press(pressed.x, pressed.y);
    pressed = undefined;
  };
  element.addEventListener('pointerup', end);
  element.addEventListener('pointercancel', end);
  element.addEventListener('pointerleave', gestures.leave);
}
