import { describe, test } from '@jest/globals';
import { type Doubles, expectGradients } from '../../support/gradients.js';
import { pool, type Windows } from '../../support/windows.js';

interface Case {
  readonly what: string;
  readonly x: readonly (number | string)[];
  readonly kernel: readonly number[];
  readonly attributes?: string;
  readonly windows: Omit<Windows, 'kernel'> & { readonly out: readonly number[] };
  readonly opset?: number;
  /** Of an average: how many places count in a window, if not those inside of the image. */
  readonly counts?: (window: readonly number[]) => number;
}

const SIZES = new Map([
  ['high', 5],
  ['wide', 4],
]);

const max = (values: readonly number[]) => Math.max(...values);
const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const check = (op: string, each: Case, fold: Parameters<typeof pool>[2], more = '') =>
  expectGradients(
    {
      inputs: { x: each.x },
      nodes: [`y = ${op}(x) {kernel_shape: [${each.kernel}]${each.attributes ? `, ${each.attributes}` : ''}${more}}`],
      opset: each.opset ?? 17,
    },
    ['x'],
    { exact: (value) => pool(value('x'), { ...each.windows, kernel: each.kernel }, fold), sizes: SIZES },
  );

const APART: Case = {
  what: 'windows side by side',
  x: ['batch', 2, 4, 6],
  kernel: [2, 2],
  attributes: 'strides: [2,2]',
  windows: { strides: [2, 2], out: [2, 3] },
};
const OVER: Case = {
  what: 'windows that overlap, padded',
  x: ['batch', 2, 5, 5],
  kernel: [3, 3],
  attributes: 'strides: [2,2], pads: [1,1,1,1]',
  windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
};
const CEIL: Case = {
  what: 'a last window that is cut',
  x: [2, 2, 5, 5],
  kernel: [2, 3],
  attributes: 'strides: [2,2], ceil_mode: 1',
  windows: { strides: [2, 2], out: [3, 2] },
};
const LINE: Case = { what: '1-D', x: [2, 3, 7], kernel: [3], windows: { out: [5] } };
const SPACE: Case = {
  what: '3-D',
  x: [1, 2, 3, 4, 4],
  kernel: [2, 2, 3],
  attributes: 'strides: [1,2,1]',
  windows: { strides: [1, 2, 1], out: [2, 2, 2] },
};
const LEFT: Case = {
  what: 'places behind that no window reaches',
  x: [2, 1, 5, 6],
  kernel: [2, 2],
  attributes: 'strides: [3,2]',
  windows: { strides: [3, 2], out: [2, 3] },
};
const SAME: Case = {
  what: 'auto_pad',
  x: [1, 2, 5, 5],
  kernel: [2, 3],
  attributes: "auto_pad: 'SAME_UPPER', strides: [2,2]",
  windows: { strides: [2, 2], pads: [0, 1], out: [3, 3] },
};
const OPEN: Case = {
  what: 'open lengths',
  x: ['batch', 2, 'high', 'wide'],
  kernel: [2, 2],
  attributes: 'strides: [2,2]',
  windows: { strides: [2, 2], out: [2, 2] },
};
const DILATED: Case = {
  what: 'dilated',
  x: [1, 2, 7, 6],
  kernel: [2, 3],
  attributes: 'dilations: [2,2], strides: [2,1]',
  windows: { dilations: [2, 2], strides: [2, 1], out: [3, 2] },
};

const SHARED = [APART, OVER, LINE, SPACE, LEFT, SAME, OPEN];
const TURNS = [OVER, LINE, SPACE, DILATED].map((each) => ({ ...each, what: `${each.what}, opset 15`, opset: 15 }));

describe('gradients of MaxPool', () => {
  test.each([...SHARED, CEIL, DILATED, ...TURNS])('$what', (each) => check('MaxPool', each, max));

  test('its own indices', () =>
    expectGradients(
      {
        inputs: { x: [2, 2, 4, 4] },
        nodes: ['y, i = MaxPool(x) {kernel_shape: [2,2], strides: [2,2]}'],
        outputs: ['y', 'i: int64'],
      },
      ['x'],
      { exact: (value) => pool(value('x'), { kernel: [2, 2], strides: [2, 2], out: [2, 2] }, max) },
    ));
});

/** How many of a window's places lie on the padded axis. */
const onAxis = (at: number, stride: number, kernel: number, length: number) =>
  Array.from({ length: kernel }, (_, k) => at * stride + k).filter((place) => place < length).length;

describe('gradients of AveragePool', () => {
  test.each(SHARED)('$what', (each) => check('AveragePool', each, (values) => sum(values) / values.length));
  test('padding counts', () => check('AveragePool', OVER, (values) => sum(values) / 9, ', count_include_pad: 1'));
  test.each([
    { ...CEIL, opset: 19 },
    { ...DILATED, opset: 19 },
  ])('$what', (each) => check('AveragePool', each, (values) => sum(values) / values.length));
  test('padding counts, and the last window is cut', () =>
    check(
      'AveragePool',
      {
        ...CEIL,
        opset: 19,
        kernel: [3, 3],
        attributes: 'strides: [2,2], pads: [1,1,0,0], ceil_mode: 1',
        windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
      },
      (values, [i = 0, j = 0]) => sum(values) / (onAxis(i, 2, 3, 6) * onAxis(j, 2, 3, 6)),
      ', count_include_pad: 1',
    ));
});

describe('gradients of LpPool', () => {
  test.each([1, 2, 3])('norm %d', (p) =>
    check('LpPool', OVER, (values) => sum(values.map((x) => Math.abs(x) ** p)) ** (1 / p), `, p: ${p}`),
  );
});

const WHOLE: readonly (readonly [string, string, (values: readonly number[]) => number])[] = [
  ['GlobalAveragePool', '', (values) => sum(values) / values.length],
  ['GlobalMaxPool', '', max],
  ['GlobalLpPool', '', (values) => Math.sqrt(sum(values.map((x) => x * x)))],
  ['GlobalLpPool', 'p: 3', (values) => sum(values.map((x) => Math.abs(x) ** 3)) ** (1 / 3)],
];

describe('gradients of pools over a whole image', () => {
  const exact = (fold: (values: readonly number[]) => number) => (value: (name: string) => Doubles) =>
    pool(value('x'), { kernel: value('x').dims.slice(2), out: [1, 1] }, fold);
  for (const x of [
    ['batch', 3, 4, 3],
    ['batch', 2, 'high', 'wide'],
  ])
    test.each(WHOLE)(`%s %s of [${x}]`, (op, attributes, fold) =>
      expectGradients({ inputs: { x }, nodes: [`y = ${op}(x) {${attributes}}`] }, ['x'], {
        exact: exact(fold),
        sizes: SIZES,
      }),
    );
});
