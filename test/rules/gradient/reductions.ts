/** Gradient cases of reductions: axes as attribute and operand, kept and not. */
import { REDUCE } from '../../../lib/rules/families.js';
import { floats, int64s, positive } from '../../support/weights.js';
import type { GradientCase } from './case.js';

const LOGARITHM: ReadonlySet<string> = new Set(['ReduceLogSum']);

/** Logarithms are taken of positive numbers. */
const reduction = (op: string, input: string, attributes: string, rest: Partial<GradientCase>): GradientCase => {
  const nodes = LOGARITHM.has(op)
    ? ['p = Exp(x)', `y = ${op}(p${input}) ${attributes}`]
    : [`y = ${op}(x${input}) ${attributes}`];
  return { inputs: { x: ['batch', 3, 2] }, nodes, ...rest };
};

/** ReduceSum's axes are an operand since opset 13, those of the others since 18. */
const forms = (op: string): readonly GradientCase[] => [
  ...(op === 'ReduceSum'
    ? [reduction(op, ', axes', '{keepdims: 0}', { opset: 13, weights: { axes: int64s([1]) } })]
    : [reduction(op, '', '{axes: [1], keepdims: 0}', { opset: 13 })]),
  reduction(op, ', axes', '', { opset: 18, weights: { axes: int64s([-1, 0]) } }),
  reduction(op, '', '{keepdims: 0}', { opset: 18, batch: 3 }),
];

/** Where nothing is reduced. */
const still: readonly GradientCase[] = ['ReduceSum', 'ReduceMean', 'ReduceMax'].map((op) =>
  reduction(op, '', '{noop_with_empty_axes: 1}', { opset: 18 }),
);

export const reductionCases: readonly GradientCase[] = [
  ...REDUCE.flatMap(forms),
  ...still,
  // Zeros in products: none, one, two.
  {
    inputs: {},
    weights: { x: floats([2, -1, 3, 0.5, 0, 3, 0, 0, 2], [3, 3]) },
    by: ['x'],
    nodes: ['y = ReduceProd(x) {axes: [1]}'],
  },
  { inputs: {}, weights: { x: positive([2, 3]) }, by: ['x'], nodes: ['y = ReduceLogSum(x) {axes: [1]}'] },
];
