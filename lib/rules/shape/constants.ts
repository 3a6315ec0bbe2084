/** Shapes and contents of operators that make values: constants, shapes, ranges. */

import { constantTensor } from '../../ir/constants.js';
import { type Dim, isSymbolic, productOf } from '../../ir/dim.js';
import { FLOAT, INT64 } from '../../ir/dtype.js';
import { intOf, tensorOf } from '../../ir/nodes.js';
import { tensorIntegers } from '../../ir/numeric.js';
import { MAX_CONTENT } from '../../limits.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeRule, UNKNOWN } from './rule.js';
import { integers, unknownDim } from './support.js';

const constant: ShapeRule = ({ node }) => {
  const tensor = constantTensor(node);
  return [tensor ? { dtype: tensor.dtype, shape: tensor.dims, content: tensorIntegers(tensor) } : UNKNOWN];
};

/** Shape: the dimensions as content; `start` and `end` since opset 15. */
const shape: ShapeRule = (context) => {
  const dims = context.input(0)?.shape;
  if (!dims) return [{ dtype: INT64, shape: undefined }];
  return [integers(dims.slice(intOf(context.node, 'start', 0), intOf(context.node, 'end', dims.length)))];
};

const size: ShapeRule = (context) => {
  const dims = context.input(0)?.shape;
  return [dims ? integers([productOf(dims)], []) : { dtype: INT64, shape: [] }];
};

const constantOfShape: ShapeRule = (context) => {
  const value = tensorOf(context.node, 'value');
  const dims = context.input(0)?.content;
  const fill = value && tensorIntegers(value)?.[0];
  const count = dims && productOf(dims);
  const known = fill !== undefined && typeof count === 'number' && count <= 64;
  const content = known ? Array.from({ length: count }, () => fill) : undefined;
  return [{ dtype: value?.dtype ?? FLOAT, shape: dims, content }];
};

const range: ShapeRule = (context) => {
  const [start, limit, delta] = [0, 1, 2].map((index) => context.input(index)?.content?.[0]);
  const dtype = context.input(0)?.dtype;
  // As many as an open length tells, counted from 0.
  const counts = start === 0 && delta === 1 && limit !== undefined;
  const open: Facts = { dtype, shape: [counts ? limit : unknownDim(context, 0)] };
  if ([start, limit, delta].some((each) => each === undefined || isSymbolic(each))) return [open];
  const [from, to, step] = [start, limit, delta] as [number, number, number];
  const count = step === 0 ? 0 : Math.max(0, Math.ceil((to - from) / step));
  const content: readonly Dim[] | undefined =
    count <= MAX_CONTENT ? Array.from({ length: count }, (_, i) => from + i * step) : undefined;
  return [{ dtype, shape: [count], content }];
};

export const constantShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Constant'], constant),
  ...rows(['Shape'], shape),
  ...rows(['Size'], size),
  ...rows(['ConstantOfShape'], constantOfShape),
  ...rows(['Range'], range),
];
