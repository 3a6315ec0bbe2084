import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { MAX_PAGE_NODES } from '../../lib/limits.js';
import { boxSize } from '../../lib/page/box-text.js';
import type { PageData } from '../../lib/page/data.js';
import { layersOf, partsOf, trunkOf } from '../../lib/page/layers.js';
import { layoutOf } from '../../lib/page/layout.js';
import type { Box, PageLayout } from '../../lib/page/layout-data.js';
import { plainLayout } from '../../lib/page/plain-layout.js';
import { codeFromAsync } from '../support/codes.js';
import { pageData, pageNode } from './sample.js';

/** A chain with a link over every third node, a branch, and two ends. */
function network(count: number): PageData {
  const nodes = Array.from({ length: count }, (_, i) =>
    pageNode(`n${i}`, { op: i % 3 === 0 ? 'BatchNormalization' : 'Add', detail: i % 2 === 0 ? '64\u00d764' : '' }),
  );
  const pairs = nodes.flatMap((_, i): (readonly [number, number])[] => [
    ...(i > 0 ? [[i - 1, i] as const] : []),
    ...(i >= 4 && i % 3 === 0 ? [[i - 4, i] as const] : []),
  ]);
  return pageData(nodes, pairs);
}

const overlap = ([ax, ay, aw, ah]: Box, [bx, by, bw, bh]: Box): boolean =>
  ax < bx + bw && bx < ax + aw && ay < by + bh && by < ay + ah;

/**
 * The laws of every layout: boxes apart, lines from the lower side of one to the upper side of the other, all within
 * the page.
 */
function expectLawful({ nodes, edges }: PageData, { boxes, routes, width, height }: PageLayout): void {
  expect([boxes.length, routes.length]).toEqual([nodes.length, edges.length]);
  const clashes = boxes.flatMap((a, i) => boxes.slice(i + 1).filter((b) => overlap(a, b)));
  expect(clashes).toEqual([]);
  for (const [x, y, w, h] of boxes) expect(x >= -8 && y >= 0 && x + w <= width + 8 && y + h <= height).toBe(true);
  for (const [i, { from, to }] of edges.entries()) {
    const [x0 = Number.NaN, y0] = routes[i] ?? [];
    const [x1 = Number.NaN, y1] = (routes[i] ?? []).slice(-2);
    const [a, b] = [boxes[from] ?? [0, 0, 0, 0], boxes[to] ?? [0, 0, 0, 0]];
    expect(Math.abs((y0 ?? Number.NaN) - (a[1] + a[3]))).toBeLessThanOrEqual(0.5);
    expect(Math.abs((y1 ?? Number.NaN) - b[1])).toBeLessThanOrEqual(0.5);
    expect(x0 >= a[0] && x0 <= a[0] + a[2]).toBe(true);
    expect(x1 >= b[0] && x1 <= b[0] + b[2]).toBe(true);
  }
}

const corners = (points: readonly number[]): boolean =>
  points.every((_, i) => {
    if (i % 2 === 1 || i + 3 >= points.length) return true;
    const [x0, y0, x1, y1] = points.slice(i, i + 4);
    return Math.abs((x0 ?? 0) - (x1 ?? 0)) < 0.01 || Math.abs((y0 ?? 0) - (y1 ?? 0)) < 0.01;
  });

describe('a layout', () => {
  test('keeps boxes apart and leads lines from box to box, upright and level', async () => {
    const data = network(40);
    const layout = await layoutOf(data);
    expect(layout.mode).toBe('layered');
    expectLawful(data, layout);
    expect(layout.routes.every(corners)).toBe(true);
  });

  test('keeps the laws where it is made the fast way and straightened', async () => {
    const data = network(420);
    expect(partsOf(data, layersOf(data))).toBeGreaterThan(600);
    const layout = await layoutOf(data);
    expectLawful(data, layout);
    expect(layout.routes.every(corners)).toBe(true);
  });

  test('has a straight trunk', async () => {
    const data = network(30);
    const { boxes } = await layoutOf(data);
    const trunk = trunkOf(data, layersOf(data));
    const middle = (i: number) => (boxes[i]?.[0] ?? Number.NaN) + (boxes[i]?.[2] ?? Number.NaN) / 2;
    const off = data.edges.flatMap(({ from, to }, i) => (trunk[i] ? [Math.abs(middle(from) - middle(to))] : []));
    expect(off).toHaveLength(29);
    expect(off.reduce((a, b) => Math.max(a, b))).toBeLessThanOrEqual(1);
  });

  test('of nothing, and of nodes without edges', async () => {
    expect((await layoutOf(pageData([], []))).boxes).toEqual([]);
    const data = pageData([pageNode('a'), pageNode('b')], []);
    expectLawful(data, await layoutOf(data));
  });

  test('has an edge that leads back, from border to border', async () => {
    const data = pageData(
      [pageNode('a'), pageNode('b'), pageNode('c')],
      [
        [0, 1],
        [1, 2],
        [2, 0],
      ],
    );
    expectLawful(data, await layoutOf(data));
  });

  test('is stopped while it is made', async () => {
    const controller = new AbortController();
    const code = codeFromAsync(() => layoutOf(network(600), controller.signal));
    setTimeout(() => controller.abort(), 20);
    expect(await code).toBe('CANCELLED');
    expect(await codeFromAsync(() => layoutOf(network(3), controller.signal))).toBe('CANCELLED');
  });

  test('is refused for too many nodes, and for edges without nodes', async () => {
    const node = pageNode('a');
    const many = pageData(
      Array.from({ length: MAX_PAGE_NODES + 1 }, () => node),
      [],
    );
    expect(await codeFromAsync(() => layoutOf(many))).toBe('USAGE');
    expect(await codeFromAsync(() => layoutOf(pageData([node], [[0, 1]])))).toBe('DEFECT');
  });
});

describe('the plain layout', () => {
  const laidOut = (data: PageData) => plainLayout(data, data.nodes.map(boxSize), layersOf(data));

  test('keeps the same laws, of any graph', () => {
    const graphs = fc
      .array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 40 })
      .map((pairs) => pairs.filter(([a, b]) => a < b));
    fc.assert(
      fc.property(graphs, (pairs) => {
        const nodes = Array.from({ length: 21 }, (_, i) => pageNode(`n${i}`, { op: 'x'.repeat(1 + (i % 20)) }));
        const data = pageData(nodes, pairs);
        expectLawful(data, laidOut(data));
      }),
      { numRuns: 50 },
    );
  });

  test('is what a graph too large for a fine one gets', async () => {
    const nodes = Array.from({ length: 20_000 }, (_, i) => pageNode(`n${i}`));
    const pairs = nodes.slice(4).flatMap((_, i) => [[i, i + 1] as const, [i, i + 4] as const]);
    const layout = await layoutOf(pageData(nodes, pairs));
    expect(layout.mode).toBe('plain');
  });
});

test('a box is wide enough for the longer of its texts, and names of any length fit', () => {
  const [short] = boxSize(pageNode('a', { op: 'Relu' }));
  const [wide] = boxSize(pageNode('a', { op: 'Relu', detail: '1024\u00d71024\u00d73\u00d73' }));
  const [long] = boxSize(pageNode('a', { op: 'x'.repeat(1e5) }));
  expect(wide).toBeGreaterThan(short);
  expect(long).toBeLessThan(500);
});
