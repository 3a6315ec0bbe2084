/** Shapes of operators that work element by element. */
import { type Dim, divide, isSymbolic, multiply } from '../../ir/dim.js';
import { BOOL, INT32, INT64 } from '../../ir/dtype.js';
import { intOf } from '../../ir/nodes.js';
import { BINARY, BROADCASTS_SINCE, COMPARE, UNARY, VARIADIC } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Facts, ShapeContext, ShapeRule } from './rule.js';
import { UNKNOWN } from './rule.js';
import { broadcastShape } from './support.js';

const unary: ShapeRule = (context) => [context.input(0) ?? UNKNOWN];

/** Floats only: the content of integers would be wrong behind a function. */
const function1: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape }];
};

const test: ShapeRule = (context) => [{ dtype: BOOL, shape: context.input(0)?.shape }];

/** Only the types that shapes are counted in keep the content: floats divide otherwise, small integers overflow. */
const cast: ShapeRule = (context) => {
  const { shape, content } = context.input(0) ?? UNKNOWN;
  const dtype = intOf(context.node, 'to', undefined);
  return [{ dtype, shape, content: dtype === INT64 || dtype === INT32 ? content : undefined }];
};

/** Dropout's mask, where it is asked for, is a bool of the same shape. */
const dropout: ShapeRule = (context) => {
  const input = context.input(0) ?? UNKNOWN;
  return [input, { dtype: BOOL, shape: input.shape }];
};

type Fold = (a: Dim, b: Dim) => Dim | undefined;

/** Arithmetic on shapes that products can express; `a + b` only between numbers. */
const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Add', (a, b) => (isSymbolic(a) || isSymbolic(b) ? undefined : a + b)],
  ['Sub', (a, b) => (isSymbolic(a) || isSymbolic(b) ? undefined : a - b)],
  ['Mul', multiply],
  // ONNX takes the sign of the divisor, JavaScript that of the dividend.
  ['Mod', (a, b) => (isSymbolic(a) || isSymbolic(b) || b === 0 ? undefined : ((a % b) + b) % b)],
  ['Div', (a, b) => (isSymbolic(a) || isSymbolic(b) ? divide(a, b) : b === 0 ? undefined : Math.trunc(a / b))],
]);

function folded(context: ShapeContext, count: number): readonly Dim[] | undefined {
  const fold = FOLDS.get(context.node.opType);
  const [a, b] = [context.input(0)?.content, context.input(1)?.content];
  if (!fold || !a || !b || ![1, count].includes(a.length) || ![1, count].includes(b.length)) return undefined;
  const made = Array.from({ length: count }, (_, i) => fold(a[i % a.length] as Dim, b[i % b.length] as Dim));
  return made.includes(undefined) ? undefined : (made as readonly Dim[]);
}

const binary: ShapeRule = (context) => {
  const shape = broadcastShape(context, [context.input(0)?.shape, context.input(1)?.shape]);
  const count = shape?.reduce<Dim>((total, dim) => multiply(total, dim), 1);
  const content = typeof count === 'number' ? folded(context, count) : undefined;
  return [{ dtype: context.input(0)?.dtype, shape, content }];
};

const variadic: ShapeRule = (context) => {
  const inputs = context.node.inputs.map((_, index) => context.input(index));
  const shape = broadcastShape(
    context,
    inputs.map((input) => input?.shape),
  );
  return [{ dtype: inputs[0]?.dtype, shape }];
};

const compare: ShapeRule = (context): readonly Facts[] => [{ ...(variadic(context)[0] as Facts), dtype: BOOL }];

/** Where a condition is known, which of two known lists each element comes from. */
function chosen(context: ShapeContext, count: number): readonly Dim[] | undefined {
  const [which, a, b] = [0, 1, 2].map((index) => context.input(index)?.content);
  if (!which || [which, a, b].some((each) => each && ![1, count].includes(each.length))) return undefined;
  const made = Array.from({ length: count }, (_, i) => {
    const from = which[i % which.length] === 0 ? b : a;
    return from?.[i % from.length];
  });
  return made.includes(undefined) ? undefined : (made as readonly Dim[]);
}

const where: ShapeRule = (context) => {
  const shape = broadcastShape(
    context,
    [0, 1, 2].map((index) => context.input(index)?.shape),
  );
  const count = shape?.reduce<Dim>((total, dim) => multiply(total, dim), 1);
  const content = typeof count === 'number' ? chosen(context, count) : undefined;
  return [{ dtype: context.input(1)?.dtype, shape, content }];
};

export const elementwiseShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Identity'], unary),
  ...rows(
    UNARY.filter((op) => op !== 'IsInf' && op !== 'IsNaN'),
    function1,
  ),
  ...rows(['IsInf', 'IsNaN'], test),
  ...rows(['Cast'], cast),
  ...rows(['Dropout'], dropout),
  ...rows([...BINARY, 'PRelu'], binary, BROADCASTS_SINCE),
  ...rows(VARIADIC, variadic),
  ...rows(COMPARE, compare, BROADCASTS_SINCE),
  ...rows(['Where'], where),
];
