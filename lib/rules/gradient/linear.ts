/** Gradients of products of matrices. */
import { float, int } from '../../ir/attributes.js';
import { floatOf, intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, joined, lengthOf, squeeze, times, transpose, unsqueeze, wanted } from './support.js';

/** A Gemm without a summand: alpha op(a) op(b). */
const product = (c: GradientContext, a: string, b: string, transA: boolean, transB: boolean, alpha: number): string =>
  c.emit('Gemm', [a, b], int('transA', transA ? 1 : 0), int('transB', transB ? 1 : 0), float('alpha', alpha));

/** y = alpha op(a) op(b) + beta c (Gemm 7, and older ones). */
const gemm: GradientRule = (context) => {
  const { node } = context;
  const [a, b, g] = [context.input(0), context.input(1), arriving(context)];
  const [tA, tB] = [intOf(node, 'transA', 0) !== 0, intOf(node, 'transB', 0) !== 0];
  const alpha = floatOf(node, 'alpha', 1);
  return wanted(
    context,
    () => (tA ? product(context, b, g, tB, true, alpha) : product(context, g, b, false, !tB, alpha)),
    () => (tB ? product(context, g, a, true, tA, alpha) : product(context, a, g, !tA, false, alpha)),
    () => times(context, g, floatOf(node, 'beta', 1)),
  );
};

const swapped = (c: GradientContext, x: string): string => {
  const rank = c.shape(x).length;
  return transpose(c, x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
};

/** y = a b over the last two axes; axes in front broadcast, and a vector counts as a row or a column (NumPy's matmul). */
const matmul: GradientRule = (context) => {
  const [a, b] = [context.input(0), context.input(1)];
  const [rowA, columnB] = [context.shape(a).length === 1, context.shape(b).length === 1];
  const left = rowA ? unsqueeze(context, a, [0]) : a;
  const right = columnB ? unsqueeze(context, b, [1]) : b;
  const lost = [...(rowA ? [-2] : []), ...(columnB ? [-1] : [])];
  const g = unsqueeze(context, arriving(context), lost);
  return wanted(
    context,
    () => {
      const made = context.emit('MatMul', [g, swapped(context, right)]);
      return rowA ? squeeze(context, made, [-2]) : made;
    },
    () => byRight(context, left, right, g, columnB),
  );
};

/** By the right factor: where that is one matrix for a whole batch, one product over all rows instead of a sum of products. */
function byRight(c: GradientContext, left: string, right: string, g: string, isColumn: boolean): string {
  const [rankL, rankR] = [c.shape(left).length, c.shape(right).length];
  const made =
    rankR === 2 && rankL >= 2
      ? c.emit('Gemm', [rowsOf(c, left), rowsOf(c, g)], int('transA', 1))
      : c.emit('MatMul', [swapped(c, left), g]);
  return isColumn ? squeeze(c, made, [-1]) : made;
}

/** All rows of a batch of matrices as one matrix. */
const rowsOf = (c: GradientContext, x: string): string =>
  c.shape(x).length === 2 ? x : c.emit('Reshape', [x, joined(c, [c.int64s([-1]), lengthOf(c, x, -1)])]);

export const linearGradients: readonly Row<GradientRule>[] = [...rows(['Gemm'], gemm), ...rows(['MatMul'], matmul)];
