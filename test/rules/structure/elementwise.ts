/** Structure cases of operators that work element by element. */
import { COMPARE, MICROSOFT, RUNTIME_ACTIVATIONS, UNARY } from '../../../lib/rules/families.js';
import { doubles, floats, positive } from '../../support/weights.js';
import { dense, type StructureCase } from './case.js';

interface Around {
  readonly opset?: number;
  readonly nodes: readonly string[];
}

const between0And1 = ['Acos', 'Asin', 'Atanh', 'Log', 'Reciprocal', 'Sqrt'];

/** What stands around those that do not take any real number, or give none. */
const UNUSUAL: ReadonlyMap<string, Around> = new Map<string, Around>([
  ['Not', { nodes: ['g = Greater(h, zero)', 'n = Not(g)', 'a = Cast(n) {to: 1}'] }],
  ['IsInf', { nodes: ['r = Relu(h)', 'd = Div(half, r)', 'n = IsInf(d)', 'a = Cast(n) {to: 1}'] }],
  ['IsNaN', { nodes: ['l = Log(h)', 'n = IsNaN(l)', 'a = Cast(n) {to: 1}'] }],
  ['BitwiseNot', { opset: 18, nodes: ['i = Cast(h) {to: 6}', 'n = BitwiseNot(i)', 'a = Cast(n) {to: 1}'] }],
  ['Gelu', { opset: 20, nodes: ['a = Gelu(h)'] }],
  ['Mish', { opset: 18, nodes: ['a = Mish(h)'] }],
  ['Swish', { opset: 24, nodes: ['a = Swish(h)'] }],
  ['Clip', { nodes: ['a = Clip(h, zero, half)'] }],
  ['Acosh', { nodes: ['s = Exp(h)', 't = Add(s, one)', 'a = Acosh(t)'] }],
  ...between0And1.map((op): [string, Around] => [op, { nodes: ['s = Sigmoid(h)', `a = ${op}(s)`] }]),
]);

const one = { one: floats([1], []) };

const unary = UNARY.map((op): StructureCase => {
  const { opset = 17, nodes } = UNUSUAL.get(op) ?? { nodes: [`a = ${op}(h)`] };
  return dense(nodes, { opset, weights: one });
});

/** A second layer of 8 neurons beside h, for operators with two inputs. */
const beside = (nodes: readonly string[], rest: Partial<StructureCase> = {}) =>
  dense(['g = Gemm(x, v1, c1)', ...nodes], { weights: { v1: [6, 8], c1: [8], ...rest.weights }, ...rest });

const logic = (op: string): readonly string[] =>
  ['And', 'Or', 'Xor'].includes(op)
    ? ['p = Greater(h, zero)', 'q = Greater(g, zero)', `t = ${op}(p, q)`, 'a = Cast(t) {to: 1}']
    : [`t = ${op}(h, g)`, 'a = Cast(t) {to: 1}'];

export const elementwiseCases: readonly StructureCase[] = [
  ...unary,
  ...COMPARE.map((op) => beside(logic(op))),
  ...['Add', 'Sub', 'Mul', 'Sum', 'Mean', 'Max', 'Min'].map((op) => beside([`a = ${op}(h, g)`])),
  beside(['p = Exp(h)', 'a = Pow(p, g)']),
  beside(['p = Exp(g)', 'a = Div(h, p)']),
  beside(['a = Mod(h, g) {fmod: 1}']),
  dense(['r = Abs(h)', 'u = Cast(r) {to: 2}', "s = BitShift(u, u) {direction: 'LEFT'}", 'a = Cast(s) {to: 1}']),
  ...['BitwiseAnd', 'BitwiseOr', 'BitwiseXor'].map((op) =>
    beside(['p = Cast(h) {to: 6}', 'q = Cast(g) {to: 6}', `b = ${op}(p, q)`, 'a = Cast(b) {to: 1}'], { opset: 18 }),
  ),
  ...RUNTIME_ACTIVATIONS.map((op) =>
    dense([`a = ${MICROSOFT}::${op}(h${op === 'BiasGelu' || op === 'FastGelu' ? ', c' : ''})`], {
      domains: { [MICROSOFT]: 1 },
      weights: { c: [8] },
    }),
  ),
  dense(['b = BitCast(h) {to: 6}', 'c = Neg(b)', 'a = BitCast(c) {to: 1}'], { opset: 26 }),
  dense(['d = CastLike(h, x64)', 'a = CastLike(d, half)'], { weights: { x64: doubles([0]) } }),
  // What is random must not be so here: probabilities of 0 and 1, a width that is lost beside the mean.
  dense(['p = Greater(h, zero)', 'q = Cast(p) {to: 1}', 'r = Bernoulli(q)', 'a = Mul(r, h)']),
  dense(['r = RandomNormalLike(h) {mean: 2.0, scale: 1e-30}', 'a = Mul(r, h)']),
  dense(['r = RandomUniformLike(h) {low: 2.0, high: 2.0}', 'a = Mul(r, h)']),
  // With constants: one for each neuron, one for all, one with more axes than the neurons.
  dense(['a = Add(h, c)'], { weights: { c: [8] } }),
  dense(['a = Mul(c, h)'], { weights: { c: [1, 8] } }),
  dense(['a = Add(h, half)']),
  dense(['a = Div(h, c)'], { weights: { c: positive([8]) } }),
  dense(['a = PRelu(h, c)'], { weights: { c: [8] } }),
  beside(['p = Greater(h, zero)', 'a = Where(p, h, g)']),
  dense(['a = Identity(h)']),
  dense(['d = Cast(h) {to: 11}', 'a = Cast(d) {to: 1}']),
  dense(['a = Dropout(h)']),
  dense(['d, mask = Dropout(h)', 'm = Cast(mask) {to: 1}', 'a = Mul(d, m)']),
  // One neuron stretched over the others is none of its own.
  dense(['g = Gemm(x, v1, c1)', 'a = Mul(h, g)'], {
    weights: { v1: [6, 1], c1: [1] },
    approximate: /mean/,
  }),
];
