/** Shapes of operators that work element by element. */
import { productOf } from '../../ir/dim.js';
import { BOOL, INT32, INT64 } from '../../ir/dtype.js';
import { intOf } from '../../ir/nodes.js';
import { BINARY, BROADCASTS_SINCE, COMPARE, MICROSOFT, RUNTIME_ACTIVATIONS, UNARY, VARIADIC } from '../families.js';
import { type Row, rows } from '../table.js';
import { chosen, foldAll, foldOne } from './folds.js';
import type { Facts, ShapeContext, ShapeRule } from './rule.js';
import { UNKNOWN } from './rule.js';
import { broadcastShape } from './support.js';

const unary: ShapeRule = (context) => [context.input(0) ?? UNKNOWN];

/** Behind most functions nothing is known of integers. */
const function1: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape, content: foldOne(context) }];
};

const test: ShapeRule = (context) => [{ dtype: BOOL, shape: context.input(0)?.shape }];

/** Only the types that shapes are counted in keep the content: floats divide otherwise, small integers overflow. */
const castTo = (context: ShapeContext, dtype: number | undefined): readonly Facts[] => {
  const { shape, content } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape, content: dtype === INT64 || dtype === INT32 ? content : undefined }];
};
const cast: ShapeRule = (context) => castTo(context, intOf(context.node, 'to', undefined));
const castLike: ShapeRule = (context) => castTo(context, context.input(1)?.dtype);

/** Dropout's mask, where it is asked for, is a bool of the same shape. */
const dropout: ShapeRule = (context) => {
  const input = context.input(0) ?? UNKNOWN;
  return [input, { dtype: BOOL, shape: input.shape }];
};

/** Inputs that broadcast against each other, with the type of the first. */
const broadcasting: ShapeRule = (context) => {
  const inputs = context.node.inputs.map((_, index) => context.input(index));
  const shape = broadcastShape(
    context,
    inputs.map((input) => input?.shape),
  );
  return [{ dtype: inputs[0]?.dtype, shape, content: shape && foldAll(context, productOf(shape)) }];
};

const compare: ShapeRule = (context): readonly Facts[] => [{ ...(broadcasting(context)[0] as Facts), dtype: BOOL }];

const where: ShapeRule = (context) => {
  const shape = broadcastShape(
    context,
    [0, 1, 2].map((index) => context.input(index)?.shape),
  );
  return [{ dtype: context.input(1)?.dtype, shape, content: shape && chosen(context, productOf(shape)) }];
};

/** Another type, named by an attribute or left as it is; nothing is known of the elements. */
const typed =
  (attribute: string): ShapeRule =>
  (context) => {
    const { dtype, shape } = context.input(0) ?? UNKNOWN;
    return [{ dtype: intOf(context.node, attribute, dtype), shape }];
  };

export const elementwiseShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Identity'], unary),
  ...rows(
    UNARY.filter((op) => op !== 'IsInf' && op !== 'IsNaN'),
    function1,
  ),
  ...rows(['IsInf', 'IsNaN'], test),
  ...rows(['Cast'], cast),
  ...rows(['CastLike'], castLike),
  ...rows(['BitCast'], typed('to')),
  ...rows(['Bernoulli', 'RandomNormalLike', 'RandomUniformLike'], typed('dtype')),
  ...rows(RUNTIME_ACTIVATIONS, function1, 1, MICROSOFT),
  ...rows(['Dropout'], dropout),
  ...rows([...BINARY, 'PRelu'], broadcasting, BROADCASTS_SINCE),
  ...rows(VARIADIC, broadcasting),
  ...rows(COMPARE, compare, BROADCASTS_SINCE),
  ...rows(['Where'], where),
];
