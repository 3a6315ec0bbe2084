import { describe, expect, test } from '@jest/globals';
import { chartSvg, ticksOf } from '../../lib/report/chart.js';
import { historyPage, type TrainingHistory } from '../../lib/report/history-page.js';

const HISTORY: TrainingHistory = {
  model: 'a<b>.onnx',
  before: { loss: 2, accuracy: 0.1 },
  history: [
    { epoch: 1, rate: 0.1, loss: 1, accuracy: 0.5, evaluation: { loss: 1.5, accuracy: 0.4 } },
    { epoch: 2, rate: 0.05, loss: 0.5, accuracy: 0.75, evaluation: { loss: 1, accuracy: 0.6 } },
  ],
  epoch: 2,
};

/** Where a class has its marks. */
const marks = (svg: string, style: string) =>
  [...svg.matchAll(new RegExp(`<circle class="${style}" cx="([\\d.]+)" cy="([\\d.]+)" r="[\\d.]+"><title>`, 'g'))].map(
    ([, x, y]) => [Number(x), Number(y)] as const,
  );

describe('ticks', () => {
  test.each([
    [0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0.13, 0.29, [0.1, 0.15, 0.2, 0.25, 0.3]],
    [3, 47, [0, 10, 20, 30, 40, 50]],
    [-2, 2, [-2, -1, 0, 1, 2]],
    [5, 5, [5, 6]],
    [0, 0, [0, 0.2]],
  ])('from %d to %d: %j', (low, high, ticks) => {
    expect(ticksOf(low, high)).toEqual(ticks);
  });

  test('are whole numbers where epochs are counted', () => {
    expect(ticksOf(0, 2, true)).toEqual([0, 1, 2]);
    expect(ticksOf(0, 12, true)).toEqual([0, 5, 10, 15]);
  });
});

describe('a chart', () => {
  const chart = (ys: readonly (number | undefined)[]) =>
    chartSvg({
      title: 'Loss',
      xTitle: 'epoch',
      last: ys.length,
      series: [{ name: 'train', style: 'train', points: ys.map((y, i) => ({ x: i + 1, y })) }],
      text: String,
    });

  test('has equal steps where values have, higher ones further up', () => {
    const [[x1, y1] = [0, 0], [x2, y2] = [0, 0], [x3, y3] = [0, 0]] = marks(chart([3, 2, 1]), 'train');
    expect(x2 - x1).toBeCloseTo(x3 - x2, 0);
    expect(y2 - y1).toBeCloseTo(y3 - y2, 0);
    expect(y1).toBeLessThan(y3);
  });

  test('breaks its line where a value is none', () => {
    const svg = chart([3, Number.NaN, 1, 2, undefined, 4]);
    expect(marks(svg, 'train')).toHaveLength(4);
    expect(/ d="([^"]*)"/.exec(svg)?.[1]).toMatch(/^M[\d. ]+ M[\d. ]+ L[\d. ]+ M[\d. ]+$/);
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('is none where there is nothing to show', () => {
    expect(chart([Number.NaN])).toBe('');
  });
});

describe('the page', () => {
  const page = historyPage(HISTORY);

  test('shows train and held-out, loss and accuracy, from before the first step', () => {
    const [loss = '', accuracy = ''] = page.match(/<svg[\s\S]*?<\/svg>/g) ?? [];
    expect([loss, accuracy].map((svg) => marks(svg, 'train').length)).toEqual([2, 2]);
    expect([loss, accuracy].map((svg) => marks(svg, 'held').length)).toEqual([3, 3]);
    expect(loss).toContain('<title>held-out, epoch 0: 2</title>');
    expect(accuracy).toContain('<title>train, epoch 2: 75 %</title>');
    expect(page).toMatch(/<tr class="kept"><td>2<\/td><td>0.0500<\/td><td>0.5000<\/td><td>75.00 %<\/td>/);
  });

  test('is whole by itself, and names are safe in it', () => {
    expect(page).not.toMatch(/<script|https?:|url\(|<b>/);
    expect(page).toContain('a&#60;b&#62;.onnx');
    expect(page).toMatch(/prefers-color-scheme: dark/);
  });

  test('has no accuracy where there is none', () => {
    const plain = historyPage({ model: 'm', history: [{ epoch: 1, rate: 1, loss: 1 }], epoch: 1 });
    expect(plain.match(/<svg/g)).toHaveLength(1);
    expect(plain).not.toContain('held-out</text>');
  });
});
