import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  between,
  CLOSEST,
  centredOn,
  firstView,
  keptInSight,
  READABLE,
  seen,
  type View,
  wholeView,
  zoomAt,
} from '../../lib/page/client/view.js';

const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const views = fc.record<View>({ scale: number(0.01, 4), left: number(-5e3, 5e3), top: number(-5e3, 5e3) });
const sizes = fc.record({ width: number(50, 1e5), height: number(50, 1e5) });
const CANVAS = { width: 800, height: 600 };

/** The point of the graph at (x, y) of the canvas. */
const under = (view: View, x: number, y: number) => {
  const { x: gx, y: gy } = seen(view, { x, y, width: 0, height: 0 });
  return [gx, gy] as const;
};

describe('a view', () => {
  test('keeps the point under the pointer when it zooms', () => {
    fc.assert(
      fc.property(views, number(0, 800), number(0, 600), number(0.2, 5), (view, x, y, factor) => {
        const zoomed = zoomAt(view, x, y, factor, 0.001);
        const [[ax, ay], [bx, by]] = [under(view, x, y), under(zoomed, x, y)];
        expect(Math.abs(ax - bx) * zoomed.scale).toBeLessThan(1e-6);
        expect(Math.abs(ay - by) * zoomed.scale).toBeLessThan(1e-6);
        expect(zoomed.scale).toBeLessThanOrEqual(CLOSEST);
      }),
    );
  });

  test('goes back where it was when it zooms out as far as in', () => {
    const view = { scale: 1, left: 30, top: -40 };
    const back = zoomAt(zoomAt(view, 100, 200, 1.5, 0.01), 100, 200, 1 / 1.5, 0.01);
    expect(back.scale).toBeCloseTo(1, 12);
    expect([back.left, back.top]).toEqual([expect.closeTo(30, 9), expect.closeTo(-40, 9)]);
  });

  test('of the whole graph shows all of it', () => {
    fc.assert(
      fc.property(sizes, (graph) => {
        const rect = seen(wholeView(graph, CANVAS), { x: 0, y: 0, ...CANVAS });
        expect(rect.x).toBeLessThanOrEqual(0);
        expect(rect.y).toBeLessThanOrEqual(0);
        expect(rect.x + rect.width).toBeGreaterThanOrEqual(graph.width);
        expect(rect.y + rect.height).toBeGreaterThanOrEqual(graph.height);
      }),
    );
  });

  test('that a page opens with can be read', () => {
    fc.assert(
      fc.property(sizes, (graph) => {
        expect(firstView(graph, CANVAS, graph.width / 2).scale).toBeGreaterThanOrEqual(READABLE);
      }),
    );
  });

  test('never loses the graph', () => {
    fc.assert(
      fc.property(views, sizes, (view, graph) => {
        const kept = keptInSight(view, graph, CANVAS);
        const rect = seen(kept, { x: 0, y: 0, ...CANVAS });
        expect(rect.x < graph.width && rect.x + rect.width > 0).toBe(true);
        expect(rect.y < graph.height && rect.y + rect.height > 0).toBe(true);
      }),
    );
  });

  test('puts a point in the middle of what is clear', () => {
    const view = centredOn(70, 80, 2, { x: 0, y: 0, width: 400, height: 600 });
    expect(under(view, 200, 300)).toEqual([70, 80]);
  });

  test('glides from its start to its goal', () => {
    const [from, to] = [
      { scale: 0.1, left: 5, top: 6 },
      { scale: 2, left: -300, top: -4000 },
    ];
    const ends = [between(from, to, 0, CANVAS), between(from, to, 1, CANVAS)];
    for (const [i, view] of [from, to].entries()) {
      expect(ends[i]?.scale).toBeCloseTo(view.scale, 9);
      expect(ends[i]?.left).toBeCloseTo(view.left, 6);
      expect(ends[i]?.top).toBeCloseTo(view.top, 6);
    }
  });
});
