/** Shape cases of operators that work element by element. */
import { COMPARE, MICROSOFT, RUNTIME_ACTIVATIONS, UNARY, VARIADIC } from '../../../lib/rules/families.js';
import { bools, floats, int64s } from '../../support/weights.js';
import type { ShapeCase } from './case.js';

/** The opset and type of those that are younger than 17 or take no floats. */
const UNUSUAL: ReadonlyMap<string, { readonly opset?: number; readonly type?: string }> = new Map([
  ['Not', { type: 'bool' }],
  ['BitwiseNot', { type: 'int32', opset: 18 }],
  ['Gelu', { opset: 20 }],
  ['Mish', { opset: 18 }],
  ['Swish', { opset: 24 }],
]);

const unary = UNARY.map((op): ShapeCase => {
  const { opset = 17, type = 'float32' } = UNUSUAL.get(op) ?? {};
  return { opset, inputs: { [`x: ${type}`]: ['batch', 3, 4] }, nodes: [`y = ${op}(x)`] };
});

const variadic = [...VARIADIC, ...COMPARE].map((op): ShapeCase => {
  const type = ['And', 'Or', 'Xor'].includes(op) ? 'bool' : 'float32';
  return { inputs: { [`a: ${type}`]: ['batch', 3, 4], [`b: ${type}`]: [3, 1] }, nodes: [`y = ${op}(a, b)`] };
});

export const elementwiseCases: readonly ShapeCase[] = [
  ...unary,
  ...variadic,
  ...['Add', 'Sub', 'Mul', 'Div', 'Pow'].map(
    (op): ShapeCase => ({ inputs: { a: ['batch', 1, 4], b: [3, 1] }, nodes: [`y = ${op}(a, b)`] }),
  ),
  { inputs: { 'a: int64': ['batch', 4] }, weights: { b: int64s([3]) }, nodes: ['y = Mod(a, b)'] },
  { inputs: { 'a: uint8': ['batch', 4], 'b: uint8': [4] }, nodes: ["y = BitShift(a, b) {direction: 'LEFT'}"] },
  { inputs: { x: ['batch', 3, 4] }, weights: { slope: [3, 1] }, nodes: ['y = PRelu(x, slope)'] },
  {
    inputs: { x: ['batch', 4] },
    weights: { low: floats([-1], []), high: floats([1], []) },
    nodes: ['y = Clip(x, low, high)'],
  },
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map(
    (op): ShapeCase => ({
      opset: 18,
      inputs: { 'a: uint8': ['batch', 4], 'b: uint8': [4] },
      nodes: [`y = ${op}(a, b)`],
    }),
  ),
  ...RUNTIME_ACTIVATIONS.map(
    (op): ShapeCase => ({
      domains: { [MICROSOFT]: 1 },
      inputs: { x: ['batch', 4] },
      weights: { b: [4] },
      nodes: [`y = ${MICROSOFT}::${op}(x${op === 'BiasGelu' || op === 'FastGelu' ? ', b' : ''})`],
    }),
  ),
  { opset: 26, inputs: { x: ['batch', 4] }, nodes: ['y = BitCast(x) {to: 6}'] },
  { inputs: { x: ['batch', 4], 'i: int32': [1] }, nodes: ['y = CastLike(x, i)'] },
  {
    inputs: { x: ['batch', 4] },
    nodes: ['p = Sigmoid(x)', 'y = Bernoulli(p)', 'z = Bernoulli(p) {dtype: 11}'],
  },
  ...['RandomNormalLike', 'RandomUniformLike'].map(
    (op): ShapeCase => ({ inputs: { x: ['batch', 4] }, nodes: [`y = ${op}(x)`, `z = ${op}(x) {dtype: 11}`] }),
  ),
  { inputs: { x: ['batch', 3] }, nodes: ['a = Identity(x)', 'y = Cast(a) {to: 11}'] },
  { inputs: { x: ['batch', 3] }, nodes: ['y, mask = Dropout(x)'] },
  { opset: 7, inputs: { x: ['batch', 3] }, nodes: ['y = Dropout(x)'] },
  { inputs: { a: ['batch', 1], b: [1, 4] }, weights: { c: bools([1, 0, 1, 0]) }, nodes: ['y = Where(c, a, b)'] },
  { inputs: { a: [5], b: ['batch', 5], c: [1, 1, 5] }, nodes: ['s = Sum(a, b, c)', 'y = Max(s)'] },
  // Integer arithmetic on shapes, as exporters write it.
  {
    inputs: { x: ['batch', 12, 7] },
    weights: { one: int64s([1]), two: int64s([2]), three: int64s([3], []) },
    nodes: [
      's = Shape(x)',
      'doubled = Mul(s, two)',
      'c = Gather(s, one)',
      'more = Add(c, three)',
      'less = Sub(c, two)',
      'half = Div(less, three)',
      'negative = Sub(one, more)',
      'cut = Div(negative, two)',
    ],
  },
  // Sums of one open length, comparisons that no length can change, and what is chosen by them.
  {
    inputs: { x: ['batch', 12, 7] },
    weights: {
      from: int64s([0]),
      to: int64s([1]),
      twelve: int64s([12]),
      minus: int64s([-1]),
      target: int64s([-1, 12, 1]),
      zero: int64s([0], []),
    },
    nodes: [
      's = Shape(x)',
      'n = Slice(s, from, to)',
      'twice = Add(n, n)',
      'none = Sub(twice, twice)',
      'opposite = Neg(n)',
      'size = Abs(minus)',
      'most = Max(minus, size)',
      'least = Min(n, minus)',
      'open = Equal(n, minus)',
      'is12 = Equal(s, twelve)',
      'same = Equal(s, s)',
      'above = Greater(n, minus)',
      'notabove = LessOrEqual(n, minus)',
      'below = Less(minus, s)',
      'atleast = GreaterOrEqual(n, n)',
      'not = Not(open)',
      'both = And(not, open)',
      'either = Or(not, open)',
      'one = Xor(not, not)',
      'which = Equal(target, minus)',
      'chosen = Where(which, s, target)',
      'like = CastLike(chosen, zero)',
      'filled = Expand(minus, size)',
    ],
  },
  {
    inputs: { x: [2, 12, 7] },
    nodes: [
      's = Shape(x)',
      ...['ReduceSum', 'ReduceProd', 'ReduceMax', 'ReduceMin'].flatMap((op) => [
        `a${op} = ${op}(s)`,
        `b${op} = ${op}(s) {keepdims: 0}`,
      ]),
    ],
  },
  // Behind a Cast to float a division is no longer one of integers.
  {
    inputs: { x: ['batch', 7] },
    weights: { two: int64s([2]), at: int64s([1]) },
    nodes: [
      's = Shape(x)',
      'n = Gather(s, at)',
      'f = Cast(n) {to: 1}',
      'g = Cast(two) {to: 1}',
      'h = Div(f, g)',
      'd = Mul(h, g)',
      'y = Cast(d) {to: 7}',
    ],
  },
  { inputs: { x: [300] }, nodes: ['s = Shape(x)', 'b = Cast(s) {to: 2}', 'y = Cast(b) {to: 7}'] },
];
