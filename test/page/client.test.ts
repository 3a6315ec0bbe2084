import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { barsPath, histogramText } from '../../lib/page/client/bars.js';
import { boxAt, gridOfBoxes, gridOfRoutes, within } from '../../lib/page/client/grid.js';
import { CHANGE_ORDER, familyOf, MARKS } from '../../lib/page/client/marks.js';
import { cellsOf, originText, sharesOf } from '../../lib/page/client/origins.js';
import { ROW, rowsInWindow, scrollFor } from '../../lib/page/client/rows.js';
import { chosen, search, searchTexts } from '../../lib/page/client/search.js';
import { neighboursOf, nextChange, step } from '../../lib/page/client/steps.js';
import { spoken } from '../../lib/page/client/texts.js';
import type { Box } from '../../lib/page/layout-data.js';
import { CHANGES, SURFACES, type Theme } from '../../lib/page/palette.js';
import { pageData, pageNode } from './sample.js';

const NODES = [
  pageNode('conv1', { op: 'Conv', detail: '8\u00d71\u00d73\u00d73', change: 'changed' }),
  pageNode('relu1'),
  pageNode('conv2', {
    op: 'Conv',
    change: 'added',
    tensors: [{ name: 'head.weight', type: 'float32 [8]', before: null, after: null, lines: [] }],
  }),
];

describe('search', () => {
  const texts = searchTexts(NODES);

  test.each([
    ['', [0, 1, 2]],
    ['conv', [0, 2]],
    ['CONV 8\u00d71', [0]],
    ['head.weight', [2]],
    ['conv relu', []],
    ['.*', []],
  ])('%j finds %j', (query, found) => {
    expect(search(texts, query)).toEqual(found);
  });

  test('leaves out hidden changes, and puts changes first when asked', () => {
    const all = { query: '', hidden: new Set<never>(), changesFirst: false };
    expect(chosen(NODES, texts, { ...all, changesFirst: true })).toEqual([0, 2, 1]);
    expect(chosen(NODES, texts, { ...all, hidden: new Set(['added'] as const) })).toEqual([0, 1]);
  });
});

describe('culling', () => {
  const rects = fc.tuple(fc.nat(4000), fc.nat(4000), fc.integer({ min: 1, max: 900 }), fc.integer({ min: 1, max: 90 }));
  const touches = ([x, y, w, h]: Box, [rx, ry, rw, rh]: Box) =>
    x <= rx + rw && rx <= x + w && y <= ry + rh && ry <= y + h;

  test('never leaves out what is seen', () => {
    fc.assert(
      fc.property(fc.array(rects, { maxLength: 60 }), rects, (boxes, window) => {
        const [x, y, width, height] = window;
        const found = within(gridOfBoxes(boxes), { x, y, width, height });
        const seen = boxes.flatMap((box, i) => (touches(box, window) ? [i] : []));
        expect(found).toEqual(expect.arrayContaining(seen));
        expect(new Set(found).size).toBe(found.length);
      }),
    );
  });

  test('leaves out what is far away, lines too', () => {
    const box = [5000, 5000, 10, 10] as const;
    const route = [5000, 5000, 5000, 9000, 9000, 9000];
    const window = { x: 0, y: 0, width: 800, height: 600 };
    expect([within(gridOfBoxes([box]), window), within(gridOfRoutes([route]), window)]).toEqual([[], []]);
  });

  test('a line is found at its corner and never lost for being long', () => {
    const at = (x: number, y: number) => ({ x: x - 5, y: y - 5, width: 10, height: 10 });
    expect(within(gridOfRoutes([[0, 0, 0, 3000, 3000, 3000]]), at(0, 3000))).toEqual([0]);
    expect(within(gridOfRoutes([[0, 0, 1e6, 1e6]]), at(5e5, 5e5))).toEqual([0]);
  });

  test('a press finds the box under it', () => {
    const boxes = [
      [0, 0, 50, 20],
      [60, 0, 50, 20],
    ] as const;
    const grid = gridOfBoxes(boxes);
    expect([boxAt(grid, boxes, 70, 10), boxAt(grid, boxes, 55, 10), boxAt(grid, boxes, 0, 20)]).toEqual([
      1,
      undefined,
      0,
    ]);
  });
});

describe('steps', () => {
  //   0
  //  1 2
  //   3
  const boxes: readonly Box[] = [
    [50, 0, 40, 20],
    [0, 50, 40, 20],
    [100, 50, 40, 20],
    [50, 100, 40, 20],
  ];
  const { edges } = pageData(
    [],
    [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ],
  );
  const neighbours = neighboursOf(4, edges);

  test.each([
    [0, 'down', 1],
    [1, 'right', 2],
    [2, 'left', 1],
    [2, 'down', 3],
    [3, 'up', 1],
    [3, 'down', undefined],
    [3, 'left', undefined],
  ] as const)('from %d %s to %p', (from, direction, to) => {
    expect(step(from, direction, neighbours, boxes)).toBe(to);
  });

  test('go round the changes both ways', () => {
    expect([nextChange(NODES, undefined, 1), nextChange(NODES, 0, 1), nextChange(NODES, 2, 1)]).toEqual([0, 2, 0]);
    expect([nextChange(NODES, undefined, -1), nextChange(NODES, 2, -1), nextChange(NODES, 1, -1)]).toEqual([2, 0, 0]);
    expect(nextChange([pageNode('a')], undefined, 1)).toBeUndefined();
  });
});

describe('neurons', () => {
  const runs = fc.array(fc.tuple(fc.nat(3), fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 8 });

  test('keep their number and shares in however few cells', () => {
    fc.assert(
      fc.property(runs, fc.integer({ min: 1, max: 60 }), (all, most) => {
        const { each, cells } = cellsOf(all, most);
        const total = all.reduce((sum, [, count]) => sum + count, 0);
        expect(cells.length).toBeLessThanOrEqual(most);
        const shares = new Map<number, number>();
        for (const [i, cell] of cells.entries()) {
          const size = Math.min(each, total - i * each);
          for (const { member, from, to } of cell) shares.set(member, (shares.get(member) ?? 0) + (to - from) * size);
        }
        for (const { member, from, to } of sharesOf(all)) {
          expect(shares.get(member)).toBeCloseTo((to - from) * total, 6);
        }
      }),
    );
  });

  test('are told in words', () => {
    const text = originText(
      [
        [0, 10],
        [1, 18],
        [0, 4],
      ],
      ['a.onnx', 'b.onnx'],
    );
    expect(text).toBe('14 from a.onnx, 18 from b.onnx');
  });
});

describe('a histogram', () => {
  const HISTOGRAM = { low: -1, high: 1, counts: [1, 3, 0, 2], nonfinite: 2 };

  test('has bars as high as their counts', () => {
    const path = barsPath(HISTOGRAM, 3, { left: 0, top: 0, width: 40, height: 30 });
    expect(path).toBe('M0 30V20H10V0H20V30H30V10H40V30Z');
  });

  test('is told in words', () => {
    expect(histogramText(HISTOGRAM)).toBe('6 values from -1 to 1, most often -0.5 to 0, and 2 NaN or infinite');
  });
});

describe('the list', () => {
  test('has the rows of its window and few more', () => {
    const [first, end] = rowsInWindow(2000, 100 * ROW, 10 * ROW);
    expect(first <= 100 && end >= 110 && end - first < 30).toBe(true);
    expect(rowsInWindow(3, 0, 500)).toEqual([0, 3]);
  });

  test('scrolls no further than it must', () => {
    expect([scrollFor(5, 0, 10 * ROW), scrollFor(12, 0, 10 * ROW), scrollFor(2, 5 * ROW, 10 * ROW)]).toEqual([
      0,
      3 * ROW,
      2 * ROW,
    ]);
  });

  test('says what a node is and where it stands', () => {
    expect(spoken(NODES[0] ?? pageNode(''), 0, 3)).toBe('Conv, conv1, changed, node 1 of 3');
  });
});

describe('marks', () => {
  test('differ in letter and in shape', () => {
    const marks = CHANGE_ORDER.map((change) => MARKS[change]);
    expect(new Set(marks.map(({ letter }) => letter)).size).toBe(marks.length);
    expect(new Set(marks.map(({ shape }) => JSON.stringify(shape))).size).toBe(marks.length);
  });

  test.each([
    ['Conv', 'layer'],
    ['com.microsoft::FusedConv', 'layer'],
    ['BatchNormalization', 'norm'],
    ['LeakyRelu', 'activation'],
    ['GlobalAveragePool', 'pool'],
    ['Reshape', 'shape'],
    ['Unheard', 'other'],
  ])('%s is of the family %s', (op, family) => {
    expect(familyOf(pageNode('a', { op }))).toBe(family);
  });
});

describe('contrast', () => {
  /** Relative luminance. https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
  const luminance = (color: string): number => {
    const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(color.slice(at, at + 2), 16) / 255;
      return value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };

  test.each(['light', 'dark'] as const)('of every text is 4.5 or more, %s', (theme: Theme) => {
    const { ink, soft, accent, onAccent, paper, desk, raised, box } = SURFACES;
    const grounds = [paper, desk, raised, box];
    const changes = Object.values(CHANGES);
    const pairs = [
      ...grounds.flatMap((ground) => [ink, soft].map((text) => [text, ground] as const)),
      ...changes.flatMap(({ strong, tint }) => [
        [ink, tint] as const,
        [soft, tint] as const,
        [strong, tint] as const,
        [strong, paper] as const,
        [onAccent, strong] as const,
      ]),
      [accent, paper] as const,
    ];
    const low = pairs.filter(([text, ground]) => contrast(text[theme], ground[theme]) < 4.5);
    expect(low).toEqual([]);
  });
});
