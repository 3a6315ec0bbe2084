/** The view that the canvas shows now, and its movements. */
import type { Scene } from './scene.js';
import {
  between,
  centredOn,
  fitScale,
  keptInSight,
  panBy,
  READABLE,
  type Rect,
  type Size,
  type View,
  wholeView,
  zoomAt,
} from './view.js';

/** Milliseconds that a jump takes; none where the reader wants no motion. */
const JUMP = 180;

const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Moves the view; calls `onMove` whenever there is something to draw. */
export class Camera {
  view: View;
  private running = 0;

  constructor(
    private readonly scene: Scene,
    private size: Size,
    first: (size: Size) => View,
    private readonly clear: () => Rect,
    private readonly onMove: () => void,
  ) {
    this.view = first(size);
  }

  /** Size of the canvas. */
  resize(size: Size): void {
    const dx = (size.width - this.size.width) / 2;
    this.size = size;
    this.go(panBy(this.view, dx, 0));
  }

  /** By CSS pixels, at once. */
  pan(dx: number, dy: number): void {
    this.go(panBy(this.view, dx, dy));
  }

  /** Around a point of the canvas, at once. */
  zoom(factor: number, x: number, y: number): void {
    this.go(zoomAt(this.view, x, y, factor, this.farthest()));
  }

  /** Around the middle, smoothly. */
  zoomBy(factor: number): void {
    const { x, y, width, height } = this.clear();
    this.jump(zoomAt(this.view, x + width / 2, y + height / 2, factor, this.farthest()));
  }

  /** The whole graph, where nothing covers it. */
  fit(): void {
    this.jump(wholeView(this.scene.layout, this.clear()));
  }

  /** A node in the middle, large enough to be read; stays where it is if it can be seen well already and `gently`. */
  show(index: number, gently: boolean): void {
    const box = this.scene.layout.boxes[index];
    if (!box) return;
    const [x, y, width, height] = box;
    const scale = Math.max(this.view.scale, READABLE);
    if (gently && scale === this.view.scale && this.isClear(x, y, width, height)) return;
    this.jump(centredOn(x + width / 2, y + height / 2, scale, this.clear()));
  }

  /** A point of the graph in the middle, at once. */
  lookAt(x: number, y: number): void {
    this.go(centredOn(x, y, this.view.scale, this.clear()));
  }

  private farthest(): number {
    return fitScale(this.scene.layout, this.size) * 0.7;
  }

  private isClear(x: number, y: number, width: number, height: number): boolean {
    const { scale, left, top } = this.view;
    const clear = this.clear();
    const [x0, y0] = [x * scale + left, y * scale + top];
    const across = x0 >= clear.x && x0 + width * scale <= clear.x + clear.width;
    return across && y0 >= clear.y + 20 && y0 + height * scale <= clear.y + clear.height - 20;
  }

  private go(view: View): void {
    cancelAnimationFrame(this.running);
    this.view = keptInSight(view, this.scene.layout, this.size);
    this.onMove();
  }

  private jump(to: View): void {
    const goal = keptInSight(to, this.scene.layout, this.size);
    if (still()) this.go(goal);
    else this.glide(goal);
  }

  private glide(goal: View): void {
    const from = this.view;
    const start = performance.now();
    const frame = () => {
      const t = Math.min(1, (performance.now() - start) / JUMP);
      this.go(t === 1 ? goal : between(from, goal, 1 - (1 - t) ** 3, this.size));
      if (t < 1) this.running = requestAnimationFrame(frame);
    };
    frame();
  }
}
