/** What shape rules share: axes, broadcasting, integer operands. */
import { shapeConflict } from '../../errors.js';
import { type Dim, dimText, isSymbolic, type Shape, sameDim, shapeText, symbol } from '../../ir/dim.js';
import { INT64, REAL_TYPES } from '../../ir/dtype.js';
import type { Tensor } from '../../ir/model.js';
import { intsOf, nodeText } from '../../ir/nodes.js';
import { tensorIntegers, tensorReals } from '../../ir/numeric.js';
import { MAX_RANK } from '../../limits.js';
import type { Facts, ShapeContext } from './rule.js';

/** An axis as ONNX counts it (negative from the end), as a number from 0. Throws SHAPE_CONFLICT out of range. */
export function axisOf(context: ShapeContext, axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(at) || at < 0 || at >= rank) {
    throw shapeConflict(nodeText(context.node), `axis ${axis} of a value with ${rank} axes`);
  }
  return at;
}

/** The length of an axis that both sides share; 1 stretches. Throws SHAPE_CONFLICT where numbers contradict. */
function broadcastDim(context: ShapeContext, a: Dim, b: Dim): Dim {
  if (a === 1) return b;
  if (b === 1 || sameDim(a, b)) return a;
  if (isSymbolic(a)) return b;
  if (isSymbolic(b)) return a;
  throw shapeConflict(nodeText(context.node), `lengths ${dimText(a)} and ${dimText(b)} do not broadcast`);
}

/** The common shape of values that broadcast against each other (ONNX, "Broadcasting"). */
export function broadcastShape(context: ShapeContext, shapes: readonly (Shape | undefined)[]): Shape | undefined {
  if (shapes.length === 0 || shapes.includes(undefined)) return undefined;
  return (shapes as readonly Shape[]).reduce((a, b) => {
    const rank = Math.max(a.length, b.length);
    const at = (shape: Shape, axis: number) => shape[axis - (rank - shape.length)] ?? 1;
    return Array.from({ length: rank }, (_, axis) => broadcastDim(context, at(a, axis), at(b, axis)));
  });
}

/** Operand `input` or, in older opsets, attribute `name`: known numbers or undefined. */
export function numbersOf(context: ShapeContext, input: number, name: string): readonly number[] | undefined {
  const content = context.input(input)?.content;
  if (content) return content.some(isSymbolic) ? undefined : (content as readonly number[]);
  return context.node.inputs[input] ? undefined : intsOf(context.node, name);
}

/** A symbol for a length that cannot be said better, stable for one value and axis. */
export const unknownDim = (context: ShapeContext, axis: number, output = 0): Dim =>
  symbol(`?${context.node.outputs[output] ?? ''}.${axis}`);

/** A one-dimensional int64 value with known elements. */
export const integers = (content: readonly Dim[], shape: Shape = [content.length]): Facts => ({
  dtype: INT64,
  shape,
  content,
});

/** Refuses a value with another number of axes than the operator takes. */
export function expectRank(context: ShapeContext, shape: Shape, atLeast: number): void {
  if (shape.length >= atLeast) return;
  throw shapeConflict(nodeText(context.node), `takes a value with at least ${atLeast} axes, not ${shapeText(shape)}`);
}

/** The elements of a small integer tensor. Beyond the exact integers there are only open ends (INT64_MAX): they become the last. */
export const knownIntegers = (tensor: Tensor): readonly number[] | undefined =>
  tensorIntegers(tensor)?.map((value) => Math.min(Math.max(value, -Number.MAX_SAFE_INTEGER), Number.MAX_SAFE_INTEGER));

/** The elements of a vector of real numbers, at most one an axis; undefined for other tensors. */
export const shortReals = (tensor: Tensor): readonly number[] | undefined =>
  REAL_TYPES.has(tensor.dtype) && tensor.dims.length === 1 && (tensor.dims[0] as number) <= MAX_RANK && tensor.data
    ? [...tensorReals(tensor)]
    : undefined;

/** A shape with a new axis in front of axis `at`. */
export const withAxis = (shape: Shape, at: number, length: Dim): Shape => [
  ...shape.slice(0, at),
  length,
  ...shape.slice(at),
];

/** A shape without axis `at`. */
export const withoutAxis = (shape: Shape, at: number): Shape => shape.filter((_, axis) => axis !== at);
