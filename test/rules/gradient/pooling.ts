/** Gradient cases of pooling, against plain loops. */
import type { Doubles } from '../../support/gradients.js';
import { pool, type Windows } from '../../support/windows.js';
import type { GradientCase } from './case.js';

interface Case {
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

const caseOf = (op: string, each: Case, fold: Parameters<typeof pool>[2], more = ''): GradientCase => ({
  inputs: { x: each.x },
  nodes: [`y = ${op}(x) {kernel_shape: [${each.kernel}]${each.attributes ? `, ${each.attributes}` : ''}${more}}`],
  opset: each.opset ?? 17,
  exact: (value) => pool(value('x'), { ...each.windows, kernel: each.kernel }, fold),
  sizes: SIZES,
});

/** Windows side by side. */
const APART: Case = {
  x: ['batch', 2, 4, 6],
  kernel: [2, 2],
  attributes: 'strides: [2,2]',
  windows: { strides: [2, 2], out: [2, 3] },
};
/** Windows that overlap, padded. */
const OVER: Case = {
  x: ['batch', 2, 5, 5],
  kernel: [3, 3],
  attributes: 'strides: [2,2], pads: [1,1,1,1]',
  windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
};
/** A last window that is cut. */
const CEIL: Case = {
  x: [2, 2, 5, 5],
  kernel: [2, 3],
  attributes: 'strides: [2,2], ceil_mode: 1',
  windows: { strides: [2, 2], out: [3, 2] },
};
const LINE: Case = { x: [2, 3, 7], kernel: [3], windows: { out: [5] } };
/** 3-D. */
const SPACE: Case = {
  x: [1, 2, 3, 4, 4],
  kernel: [2, 2, 3],
  attributes: 'strides: [1,2,1]',
  windows: { strides: [1, 2, 1], out: [2, 2, 2] },
};
/** Places behind that no window reaches. */
const LEFT: Case = {
  x: [2, 1, 5, 6],
  kernel: [2, 2],
  attributes: 'strides: [3,2]',
  windows: { strides: [3, 2], out: [2, 3] },
};
/** Auto_pad. */
const SAME: Case = {
  x: [1, 2, 5, 5],
  kernel: [2, 3],
  attributes: "auto_pad: 'SAME_UPPER', strides: [2,2]",
  windows: { strides: [2, 2], pads: [0, 1], out: [3, 3] },
};
/** Open lengths. */
const OPEN: Case = {
  x: ['batch', 2, 'high', 'wide'],
  kernel: [2, 2],
  attributes: 'strides: [2,2]',
  windows: { strides: [2, 2], out: [2, 2] },
};
/** Dilated. */
const DILATED: Case = {
  x: [1, 2, 7, 6],
  kernel: [2, 3],
  attributes: 'dilations: [2,2], strides: [2,1]',
  windows: { dilations: [2, 2], strides: [2, 1], out: [3, 2] },
};

const SHARED = [APART, OVER, LINE, SPACE, LEFT, SAME, OPEN];
// Before ScatterElements adds up, windows that overlap are unpooled in turns.
const TURNS = [OVER, LINE, SPACE, DILATED].map((each) => ({ ...each, opset: 15 }));

const largest: readonly GradientCase[] = [
  ...[...SHARED, CEIL, DILATED, ...TURNS].map((each) => caseOf('MaxPool', each, max)),
  // With indices of its own.
  {
    inputs: { x: [2, 2, 4, 4] },
    nodes: ['y, i = MaxPool(x) {kernel_shape: [2,2], strides: [2,2]}'],
    outputs: ['y', 'i: int64'],
    exact: (value) => pool(value('x'), { kernel: [2, 2], strides: [2, 2], out: [2, 2] }, max),
  },
];

/** How many of a window's places lie on the padded axis. */
const onAxis = (at: number, stride: number, kernel: number, length: number) =>
  Array.from({ length: kernel }, (_, k) => at * stride + k).filter((place) => place < length).length;

const CUT: Case = {
  x: [2, 2, 5, 5],
  kernel: [3, 3],
  attributes: 'strides: [2,2], pads: [1,1,0,0], ceil_mode: 1',
  windows: { strides: [2, 2], pads: [1, 1], out: [3, 3] },
  opset: 19,
};

const mean = (values: readonly number[]) => sum(values) / values.length;

const means: readonly GradientCase[] = [
  ...[...SHARED, { ...CEIL, opset: 19 }, { ...DILATED, opset: 19 }].map((each) => caseOf('AveragePool', each, mean)),
  caseOf('AveragePool', OVER, (values) => sum(values) / 9, ', count_include_pad: 1'),
  // Padding counts, and what lies beyond it does not.
  caseOf(
    'AveragePool',
    CUT,
    (values, [i = 0, j = 0]) => sum(values) / (onAxis(i, 2, 3, 6) * onAxis(j, 2, 3, 6)),
    ', count_include_pad: 1',
  ),
];

const norm = (p: number) => (values: readonly number[]) => sum(values.map((x) => Math.abs(x) ** p)) ** (1 / p);

const norms: readonly GradientCase[] = [1, 2, 3].map((p) => caseOf('LpPool', OVER, norm(p), `, p: ${p}`));

const overAll = (fold: (values: readonly number[]) => number) => (value: (name: string) => Doubles) =>
  pool(value('x'), { kernel: value('x').dims.slice(2), out: [1, 1] }, fold);

const whole: readonly GradientCase[] = [
  ['batch', 3, 4, 3],
  ['batch', 2, 'high', 'wide'],
].flatMap((x): readonly GradientCase[] => {
  const rest = { inputs: { x }, sizes: SIZES };
  return [
    { ...rest, nodes: ['y = GlobalAveragePool(x)'], exact: overAll(mean) },
    { ...rest, nodes: ['y = GlobalMaxPool(x)'], exact: overAll(max) },
    { ...rest, nodes: ['y = GlobalLpPool(x)'], exact: overAll(norm(2)) },
    { ...rest, nodes: ['y = GlobalLpPool(x) {p: 3}'], exact: overAll(norm(3)) },
  ];
});

export const poolingCases: readonly GradientCase[] = [...largest, ...means, ...norms, ...whole];
