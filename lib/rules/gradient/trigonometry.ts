/** Gradients of the circular and hyperbolic functions. */
import { type Row, rows } from '../table.js';
import type { Emitter, GradientRule } from './rule.js';
import { add, arriving, mul, neg, plus, scalar, sub, wanted } from './support.js';

const square = (e: Emitter, x: string): string => mul(e, x, x);
const oneLess = (e: Emitter, square: string): string => sub(e, scalar(e, 1, square), square);
const inverse = (e: Emitter, x: string): string => e.emit('Reciprocal', [x]);
const root = (e: Emitter, x: string): string => e.emit('Sqrt', [x]);

/** dy/dx, told by x and y. */
const SLOPES: Readonly<Record<string, (e: Emitter, x: string, y: string) => string>> = {
  Sin: (e, x) => e.emit('Cos', [x]),
  Cos: (e, x) => neg(e, e.emit('Sin', [x])),
  Tan: (e, _, y) => plus(e, square(e, y), 1),
  Asin: (e, x) => inverse(e, root(e, oneLess(e, square(e, x)))),
  Acos: (e, x) => neg(e, inverse(e, root(e, oneLess(e, square(e, x))))),
  Atan: (e, x) => inverse(e, plus(e, square(e, x), 1)),
  // Sinh and Cosh have no kernels in double precision, Exp has.
  Sinh: (e, x) => half(e, add(e, e.emit('Exp', [x]), e.emit('Exp', [neg(e, x)]))),
  Cosh: (e, x) => half(e, sub(e, e.emit('Exp', [x]), e.emit('Exp', [neg(e, x)]))),
  Tanh: (e, _, y) => oneLess(e, square(e, y)),
  Asinh: (e, x) => inverse(e, root(e, plus(e, square(e, x), 1))),
  Acosh: (e, x) => inverse(e, root(e, plus(e, square(e, x), -1))),
  Atanh: (e, x) => inverse(e, oneLess(e, square(e, x))),
};

const half = (e: Emitter, x: string): string => mul(e, x, scalar(e, 0.5, x));

export const trigonometricGradients: readonly Row<GradientRule>[] = Object.entries(SLOPES).flatMap(([op, slope]) =>
  rows<GradientRule>([op], (context) =>
    wanted(context, () => mul(context, arriving(context), slope(context, context.input(0), context.output(0)))),
  ),
);
