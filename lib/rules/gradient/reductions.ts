/** Gradients of reductions over axes. */
import { int } from '../../ir/attributes.js';
import { isSymbolic, productOf } from '../../ir/dim.js';
import { FLOAT } from '../../ir/dtype.js';
import { flagOf, intOf } from '../../ir/nodes.js';
import { numbersOf } from '../shape/support.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import {
  arriving,
  axesFromFront,
  div,
  expandLike,
  mask,
  mul,
  neg,
  operandsOf,
  reduce,
  reduceSum,
  scalar,
  sub,
  times,
  unsqueeze,
  wanted,
} from './support.js';

/** A reduction as its gradient sees it: all with the axes kept, of length 1. */
interface Reduced {
  readonly context: GradientContext;
  readonly x: string;
  readonly y: string;
  readonly g: string;
  readonly axes: readonly number[];
}

/** The axes, an operand or an attribute (before opset 13 and 18); all of them where none is told; [] where nothing is reduced. */
function axesOf(context: GradientContext, rank: number): readonly number[] {
  const axes = numbersOf(operandsOf(context), 1, 'axes');
  if (!axes && context.input(1) !== '') context.refuse('its axes are known only when the model runs');
  if (axes && axes.length > 0) return axesFromFront(axes, rank);
  return flagOf(context.node, 'noop_with_empty_axes') ? [] : [...Array(rank).keys()];
}

/** The gradient by x, from one that broadcasts against x. `still`: what is left of the operator where nothing is reduced. */
const reduction =
  (slope: (reduced: Reduced) => string, still: 'identity' | 'unclear'): GradientRule =>
  (context) =>
    wanted(context, () => {
      const x = context.input(0);
      const axes = axesOf(context, context.shape(x).length);
      if (axes.length === 0 && context.shape(x).length > 0) {
        if (still === 'identity') return arriving(context);
        context.refuse('ONNX and its runtimes differ in what it does without axes');
      }
      const kept = intOf(context.node, 'keepdims', 1) !== 0;
      const restored = (value: string) => (kept ? value : unsqueeze(context, value, axes));
      const made = slope({ context, x, y: restored(context.output(0)), g: restored(arriving(context)), axes });
      return expandLike(context, made, x);
    });

const sum = ({ g }: Reduced): string => g;

/** 1 / how many elements became one. */
function share({ context, x, axes }: Reduced): string {
  const lengths = axes.map((axis) => context.shape(x)[axis] ?? 1);
  const count = productOf(lengths);
  if (!isSymbolic(count)) return scalar(context, 1 / count, x);
  const dims = context.emit('Gather', [context.emit('Shape', [x]), context.int64s(axes)]);
  const counted = context.emit('ReduceProd', [dims], int('keepdims', 0));
  return context.emit('Reciprocal', [context.emit('Cast', [counted], int('to', context.dtype(x) ?? FLOAT))]);
}

const mean = (reduced: Reduced): string => mul(reduced.context, reduced.g, share(reduced));

/** To the greatest or smallest; where several are equal each gets its share. */
const extreme = ({ context: c, x, y, g, axes }: Reduced): string => {
  const chosen = mask(c, c.emit('Equal', [x, y]), x);
  return mul(c, chosen, div(c, g, reduceSum(c, chosen, axes, true)));
};

/**
 * The product of the others. Where no element is 0 that is y / x; beside one 0 only that one has a slope, and beside two of them
 * none has.
 */
const product = ({ context: c, x, g, axes }: Reduced): string => {
  const one = scalar(c, 1, x);
  const isZero = c.emit('Equal', [x, scalar(c, 0, x)]);
  const zero = mask(c, isZero, x);
  const rest = c.emit('Where', [isZero, one, x]);
  const others = div(c, reduce(c, 'ReduceProd', rest, axes, true), rest);
  const zeros = sub(c, reduceSum(c, zero, axes, true), zero);
  return mul(c, g, mul(c, others, mask(c, c.emit('Equal', [zeros, scalar(c, 0, x)]), x)));
};

const l1 = ({ context: c, x, g }: Reduced): string => mul(c, g, c.emit('Sign', [x]));

/** x / y; 0 where all are 0, as PyTorch has it. */
const l2 = ({ context: c, x, y, g }: Reduced): string => {
  const safe = c.emit('Where', [c.emit('Equal', [y, scalar(c, 0, y)]), scalar(c, 1, y), y]);
  return mul(c, div(c, g, safe), x);
};

const logSumExp = ({ context: c, x, y, g }: Reduced): string => mul(c, g, c.emit('Exp', [sub(c, x, y)]));

/** 1 / sum(x), and y is the sum's logarithm. */
const logSum = ({ context: c, y, g }: Reduced): string => mul(c, g, c.emit('Exp', [neg(c, y)]));

const sumSquare = ({ context: c, x, g }: Reduced): string => mul(c, times(c, g, 2), x);

export const reductionGradients: readonly Row<GradientRule>[] = [
  ...rows(['ReduceSum'], reduction(sum, 'identity')),
  ...rows(['ReduceMean'], reduction(mean, 'identity')),
  ...rows(['ReduceMax', 'ReduceMin'], reduction(extreme, 'identity')),
  ...rows(['ReduceProd'], reduction(product, 'identity')),
  ...rows(['ReduceLogSumExp'], reduction(logSumExp, 'identity')),
  ...rows(['ReduceL1'], reduction(l1, 'unclear')),
  ...rows(['ReduceL2'], reduction(l2, 'unclear')),
  ...rows(['ReduceLogSum'], reduction(logSum, 'unclear')),
  ...rows(['ReduceSumSquare'], reduction(sumSquare, 'unclear')),
];
