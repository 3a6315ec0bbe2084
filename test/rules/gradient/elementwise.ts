/** Gradient cases of operators that work element by element. */
import { doubles, floats, int64s, positive } from '../../support/weights.js';
import { curve, type GradientCase } from './case.js';

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const softplus = (x: number): number => Math.log1p(Math.exp(x));
const SELU = { alpha: 1.6732631921768188, gamma: 1.0507010221481323 };

/** 2/sqrt(pi) times the series of x^(2n+1) (-1)^n / (n! (2n+1)): exact for the few units around 0 that are used here. */
function erf(x: number): number {
  let [sum, term] = [x, x];
  for (let n = 1; n < 100; n++) {
    term *= -(x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

const gelu = (x: number): number => (x * (1 + erf(x * Math.SQRT1_2))) / 2;
const geluByTanh = (x: number): number => (x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))) / 2;

/** Inputs where a function is defined on a part of the line only. */
const within = (values: readonly number[]): Partial<GradientCase> => ({
  inputs: {},
  weights: { x: floats(values) },
  by: ['x'],
});
const POSITIVE = within([0.3, 0.5, 0.8, 1.5, 2]);
const UNIT = within([-0.9, -0.5, 0.1, 0.4, 0.7]);
const ABOVE_1 = within([1.2, 1.5, 2, 3.1]);
const WIDE = within([-5, -2.4, -1.6, -0.4, 0.3, 1.2, 2.2, 3.7]);

const curves: readonly GradientCase[] = [
  curve('y = Identity(x)', (x) => x),
  curve('y = Relu(x)', (x) => Math.max(0, x)),
  curve('y = LeakyRelu(x)', (x) => (x > 0 ? x : 0.01 * x)),
  curve('y = LeakyRelu(x) {alpha: 0.3}', (x) => (x > 0 ? x : Math.fround(0.3) * x)),
  curve('y = Elu(x) {alpha: 0.5}', (x) => (x > 0 ? x : 0.5 * Math.expm1(x))),
  curve('y = Selu(x)', (x) => SELU.gamma * (x > 0 ? x : SELU.alpha * Math.expm1(x))),
  curve('y = Celu(x) {alpha: 2.0}', (x) => Math.max(0, x) + Math.min(0, 2 * Math.expm1(x / 2))),
  curve('y = ThresholdedRelu(x) {alpha: 0.5}', (x) => (x > 0.5 ? x : 0)),
  curve('y = Shrink(x) {lambd: 0.5, bias: 0.25}', (x) => (x < -0.5 ? x + 0.25 : x > 0.5 ? x - 0.25 : 0)),
  curve('y = Sigmoid(x)', sigmoid),
  curve('y = Tanh(x)', Math.tanh),
  curve('y = HardSigmoid(x)', (x) => Math.min(1, Math.max(0, Math.fround(0.2) * x + 0.5)), WIDE),
  curve('y = HardSwish(x)', (x) => x * Math.min(1, Math.max(0, x / 6 + 0.5)), WIDE),
  curve('y = Mish(x)', (x) => x * Math.tanh(softplus(x)), { opset: 18 }),
  curve('y = Swish(x) {alpha: 1.5}', (x) => x * sigmoid(1.5 * x), { opset: 24 }),
  curve('y = Softplus(x)', softplus),
  curve('y = Softsign(x)', (x) => x / (1 + Math.abs(x))),
  curve('y = Erf(x)', erf),
  curve('y = Gelu(x)', gelu, { opset: 20 }),
  curve("y = Gelu(x) {approximate: 'tanh'}", geluByTanh, { opset: 20 }),
  curve('y = com.microsoft::Gelu(x)', gelu, { domains: { 'com.microsoft': 1 } }),
  curve('y = com.microsoft::FastGelu(x)', geluByTanh, { domains: { 'com.microsoft': 1 } }),
  curve('y = com.microsoft::QuickGelu(x) {alpha: 1.5}', (x) => x * sigmoid(1.5 * x), {
    domains: { 'com.microsoft': 1 },
  }),
  curve('y = Exp(x)', Math.exp),
  curve('y = Log(x)', Math.log, POSITIVE),
  curve('y = Sqrt(x)', Math.sqrt, POSITIVE),
  curve('y = Reciprocal(x)', (x) => 1 / x, POSITIVE),
  curve('y = Neg(x)', (x) => -x),
  curve('y = Abs(x)', Math.abs),
  ...(['Sin', 'Cos', 'Atan', 'Sinh', 'Cosh', 'Asinh'] as const).map((op) =>
    curve(`y = ${op}(x)`, Math[op.toLowerCase() as 'sin']),
  ),
  ...(['Tan', 'Asin', 'Acos', 'Atanh'] as const).map((op) =>
    curve(`y = ${op}(x)`, Math[op.toLowerCase() as 'sin'], UNIT),
  ),
  curve('y = Acosh(x)', Math.acosh, ABOVE_1),
  curve('y = Dropout(x)', (x) => x),
  curve(['h = Cast(x) {to: 11}', 's = Mul(h, h)', 'y = Cast(s) {to: 1}'], (x) => x * x),
  curve(['h = CastLike(x, d)', 's = Mul(h, h)', 'y = CastLike(s, x)'], (x) => x * x, {
    weights: { d: doubles([1]) },
    by: ['x'],
  }),
];

const clips: readonly GradientCase[] = [
  curve('y = Clip(x, low, high)', (x) => Math.min(0.5, Math.max(-0.5, x)), {
    weights: { low: floats([-0.5], []), high: floats([0.5], []) },
    by: ['x'],
  }),
  curve('y = Clip(x, , high)', (x) => Math.min(0.5, x), { weights: { high: floats([0.5], []) }, by: ['x'] }),
  curve('y = Clip(x, low)', (x) => Math.max(-0.5, x), { weights: { low: floats([-0.5], []) }, by: ['x'] }),
  curve('y = Clip(x)', (x) => x),
];

/** Operands of the same shape, and ones that broadcast. */
const broadcasting = (op: string): readonly GradientCase[] => [
  { inputs: { a: ['batch', 4], b: ['batch', 4] }, nodes: [`y = ${op}(a, b)`] },
  { inputs: { a: [2, 3, 4] }, weights: { b: [3, 1] }, nodes: [`y = ${op}(a, b)`] },
  { inputs: { a: [] }, weights: { b: [2, 2] }, nodes: [`y = ${op}(a, b)`] },
];

const powers: readonly GradientCase[] = [
  {
    inputs: {},
    weights: { x: positive([3, 4]), e: floats([2, -0.5, 1.5, 0]) },
    by: ['x', 'e'],
    nodes: ['y = Pow(x, e)'],
  },
  { inputs: { x: ['batch', 4] }, weights: { e: floats([3], []) }, nodes: ['y = Pow(x, e)'] },
  { inputs: { x: ['batch', 4] }, weights: { e: int64s([2], []) }, nodes: ['y = Pow(x, e)'] },
];

const choices: readonly GradientCase[] = [
  {
    inputs: { 'c: bool': ['batch', 4], a: ['batch', 4] },
    weights: { b: [4] },
    nodes: ['y = Where(c, a, b)'],
  },
  { inputs: { 'c: bool': [2, 1], b: [] }, weights: { a: [3] }, nodes: ['y = Where(c, a, b)'] },
  curve('y = PRelu(x, slope)', (x) => x, {
    weights: { slope: [7] },
    exact: (value) => value('x').data.map((x, i) => (x > 0 ? x : x * (value('slope').data[i % 7] as number))),
  }),
];

const biases: readonly GradientCase[] = [
  { op: 'BiasGelu', f: gelu },
  { op: 'FastGelu', f: geluByTanh },
].map(({ op, f }) =>
  curve(`y = com.microsoft::${op}(x, b)`, f, {
    domains: { 'com.microsoft': 1 },
    weights: { b: [7] },
    exact: (value) => value('x').data.map((x, i) => f(x + (value('b').data[i % 7] as number))),
  }),
);

/** Mean has no kernel in double precision. */
const means: readonly GradientCase[] = [
  {
    inputs: { a: ['batch', 4] },
    weights: { b: [4], c: [], third: doubles([1 / 3], []) },
    by: ['a', 'b', 'c'],
    nodes: ['y = Mean(a, b, c)'],
    exact: { nodes: ['s = Sum(a, b, c)', 'y = Mul(s, third)'] },
  },
  { inputs: { a: ['batch', 4] }, nodes: ['y = Mean(a)'], exact: { nodes: ['y = Identity(a)'] } },
];

export const elementwiseCases: readonly GradientCase[] = [
  ...curves,
  ...clips,
  ...powers,
  ...choices,
  ...biases,
  ...['Add', 'Sub', 'Mul', 'Div', 'Max', 'Min', 'Sum'].flatMap(broadcasting),
  ...['Max', 'Min', 'Sum'].flatMap((op): readonly GradientCase[] => [
    { inputs: { a: ['batch', 4] }, weights: { b: [4], c: [] }, nodes: [`y = ${op}(a, b, c)`] },
    { inputs: { a: ['batch', 4] }, nodes: [`y = ${op}(a)`] },
  ]),
  ...means,
  // A value that is used twice gets both gradients.
  { inputs: { a: ['batch', 4] }, nodes: ['y = Mul(a, a)'] },
];
