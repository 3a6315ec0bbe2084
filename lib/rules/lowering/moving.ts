/** Operators that move elements, and their gradients (com.microsoft, orttraining 1.19.2). */
import { float, int } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { flagOf, floatOf, intOf } from '../../ir/nodes.js';
import { MICROSOFT } from '../families.js';
import { times, transpose } from '../gradient/support.js';
import { type Row, rows } from '../table.js';
import { axisOf } from './axis.js';
import { backward } from './backward.js';
import type { LoweringContext, LoweringRule } from './rule.js';

/** The value whose shape an operand tells; where its Shape was folded away, zeros of that shape. */
function shaped(c: LoweringContext, operand: string): string {
  const from = c.producer(operand);
  const [value] = from?.opType === 'Shape' && !flagOf(from, 'start') ? from.inputs : [];
  return value ?? c.emit('ConstantOfShape', [operand]);
}

/** Shape of x, indices, gradient. */
const gatherGrad: LoweringRule = (c) =>
  backward(c, { opType: 'Gather', inputs: [shaped(c, c.input(0)), c.input(1)], outputs: [''] }, c.input(2), [0]);

/** Gradient, shape of x, indices. */
const gatherElementsGrad: LoweringRule = (c) =>
  backward(
    c,
    { opType: 'GatherElements', inputs: [shaped(c, c.input(1)), c.input(2)], outputs: [''] },
    c.input(0),
    [0],
  );

/** Gradient, shape of x, starts, ends, axes, steps. */
const sliceGrad: LoweringRule = (c) => {
  const bounds = c.node.inputs.slice(2);
  return backward(c, { opType: 'Slice', inputs: [shaped(c, c.input(1)), ...bounds], outputs: [''] }, c.input(0), [0]);
};

/** Joins, and tells how long the parts were. */
const concatTraining: LoweringRule = (c) => {
  const parts = c.node.inputs;
  const axis = axisOf(c, c.input(0), 0);
  const lengths = parts.map((part) => c.shape(part)[axis]);
  if (c.isUsed(1) && lengths.some((length) => length === undefined || isSymbolic(length))) {
    return c.refuse('the lengths of its parts are not known');
  }
  return [c.emit('Concat', parts, int('axis', axis)), c.isUsed(1) ? c.int64s(lengths as readonly number[]) : undefined];
};

const splitTraining: LoweringRule = (c) =>
  c.emitAll('Split', c.node.inputs, c.node.outputs.length, int('axis', intOf(c.node, 'axis', 0)));

const reduceSumTraining: LoweringRule = (c) => [
  c.emit(
    'ReduceSum',
    c.node.inputs,
    int('keepdims', intOf(c.node, 'keepdims', 1)),
    int('noop_with_empty_axes', intOf(c.node, 'noop_with_empty_axes', 0)),
  ),
];

/** alpha op(a) op(b), where op may exchange the last two axes (com.microsoft::FusedMatMul 1). */
const fusedMatMul: LoweringRule = (c) => {
  if (flagOf(c.node, 'transBatchA') || flagOf(c.node, 'transBatchB')) return c.refuse('it moves the axes of batches');
  const alpha = floatOf(c.node, 'alpha', 1);
  const [a, b] = [c.input(0), c.input(1)];
  const flags = [flagOf(c.node, 'transA'), flagOf(c.node, 'transB')] as const;
  if (c.shape(a).length === 2 && c.shape(b).length === 2) {
    return [c.emit('Gemm', [a, b], int('transA', +flags[0]), int('transB', +flags[1]), float('alpha', alpha))];
  }
  const turned = (x: string, flag: boolean) => {
    const rank = c.shape(x).length;
    return flag && rank > 1 ? transpose(c, x, [...Array(rank - 2).keys(), rank - 1, rank - 2]) : x;
  };
  return [times(c, c.emit('MatMul', [turned(a, flags[0]), turned(b, flags[1])]), alpha)];
};

export const movingLowerings: readonly Row<LoweringRule>[] = [
  ...rows(['GatherGrad'], gatherGrad, 1, MICROSOFT),
  ...rows(['GatherElementsGrad'], gatherElementsGrad, 1, MICROSOFT),
  ...rows(['SliceGrad'], sliceGrad, 1, MICROSOFT),
  ...rows(['ConcatTraining'], concatTraining, 1, MICROSOFT),
  ...rows(['SplitTraining'], splitTraining, 1, MICROSOFT),
  ...rows(['ReduceSumTraining'], reduceSumTraining, 1, MICROSOFT),
  ...rows(['FusedMatMul'], fusedMatMul, 1, MICROSOFT),
];
