/** What gradient rules share: the arithmetic of the backward pass, written as nodes. */
import { int, ints } from '../../ir/attributes.js';
import { isSymbolic, type Shape } from '../../ir/dim.js';
import { intOf } from '../../ir/nodes.js';
import type { ShapeContext } from '../shape/rule.js';
import type { Emitter, GradientContext } from './rule.js';

export const add = (e: Emitter, a: string, b: string): string => e.emit('Add', [a, b]);
export const sub = (e: Emitter, a: string, b: string): string => e.emit('Sub', [a, b]);
export const mul = (e: Emitter, a: string, b: string): string => e.emit('Mul', [a, b]);
export const div = (e: Emitter, a: string, b: string): string => e.emit('Div', [a, b]);
export const neg = (e: Emitter, a: string): string => e.emit('Neg', [a]);

/** A number of the type of `like`. */
export const scalar = (e: Emitter, value: number, like: string): string => e.reals([value], [], like);
export const times = (e: Emitter, a: string, factor: number): string =>
  factor === 1 ? a : mul(e, a, scalar(e, factor, a));
export const plus = (e: Emitter, a: string, summand: number): string => add(e, a, scalar(e, summand, a));

export const transpose = (e: Emitter, x: string, perm: readonly number[]): string =>
  perm.every((axis, at) => axis === at) ? x : e.emit('Transpose', [x], ints('perm', perm));

/** The inverse of a permutation of axes. */
export const inverse = (perm: readonly number[]): readonly number[] => perm.map((_, axis) => perm.indexOf(axis));

/** Sums over axes (ONNX ReduceSum 13); the value itself for none. */
export const reduceSum = (e: Emitter, x: string, axes: readonly number[], keep: boolean): string =>
  axes.length === 0 ? x : e.emit('ReduceSum', [x, e.int64s(axes)], int('keepdims', keep ? 1 : 0));

/** Any other reduction over axes: they are an operand since opset 18. */
export const reduce = (e: Emitter, opType: string, x: string, axes: readonly number[], keep: boolean): string =>
  e.opset >= 18
    ? e.emit(opType, [x, e.int64s(axes)], int('keepdims', keep ? 1 : 0))
    : e.emit(opType, [x], ints('axes', axes), int('keepdims', keep ? 1 : 0));

/** Means over axes. */
export const reduceMean = (e: Emitter, x: string, axes: readonly number[], keep: boolean): string =>
  reduce(e, 'ReduceMean', x, axes, keep);

export const unsqueeze = (e: Emitter, x: string, axes: readonly number[]): string =>
  axes.length === 0 ? x : e.emit('Unsqueeze', [x, e.int64s(axes)]);
export const squeeze = (e: Emitter, x: string, axes: readonly number[]): string =>
  axes.length === 0 ? x : e.emit('Squeeze', [x, e.int64s(axes)]);

/** The lengths of a value as an operand: a constant where they are known, else as the model computes them. */
export function shapeOf(e: Emitter, value: string): string {
  const shape = e.shape(value);
  return shape.some(isSymbolic) ? e.emit('Shape', [value]) : e.int64s(shape as readonly number[]);
}

/** The length of one axis as an operand of one element. */
export function lengthOf(e: Emitter, value: string, axis: number): string {
  const shape = e.shape(value);
  const at = axis < 0 ? axis + shape.length : axis;
  const length = shape[at];
  if (typeof length === 'number') return e.int64s([length]);
  return e.emit('Slice', [e.emit('Shape', [value]), e.int64s([at]), e.int64s([at + 1])]);
}

/** Lists of integers behind one another; a constant where all are known numbers. */
export function joined(e: Emitter, parts: readonly string[]): string {
  const contents = parts.map((part) => e.content(part));
  const known = contents.every((content) => content && !content.some(isSymbolic));
  if (known) return e.int64s(contents.flatMap((content) => content as readonly number[]));
  return e.emit('Concat', parts, int('axis', 0));
}

/** The integers of an operand where all are known numbers. */
export function numbersIn(e: Emitter, value: string): readonly number[] | undefined {
  const content = value === '' ? undefined : e.content(value);
  return content?.some(isSymbolic) ? undefined : (content as readonly number[] | undefined);
}

/** 0, 1, .. below the length of an axis, a vector. */
export function countAlong(e: Emitter, value: string, axis: number): string {
  const length = e.shape(value)[axis];
  if (typeof length === 'number' && length <= COUNTED) return e.int64s([...Array(length).keys()]);
  const limit = squeeze(e, lengthOf(e, value, axis), [0]);
  return e.emit('Range', [e.int64s([0], []), limit, e.int64s([1], [])]);
}

/** Longer lists are counted when the model runs. */
const COUNTED = 4096;

/** Lengths as the target of a Reshape: one that is open becomes -1. */
export const targetOf = (e: Emitter, shape: Shape, value: string): string =>
  shape.filter(isSymbolic).length > 1 ? shapeOf(e, value) : e.int64s(shape.map((dim) => (isSymbolic(dim) ? -1 : dim)));

/** x in the shape of `like`, which has as many elements. */
export const reshapeLike = (e: Emitter, x: string, like: string): string =>
  e.emit('Reshape', [x, targetOf(e, e.shape(like), like)]);

/** x stretched to the shape of `like`. */
export const expandLike = (e: Emitter, x: string, like: string): string => e.emit('Expand', [x, shapeOf(e, like)]);

/** Zeros in the shape and type of `like`. */
export const zerosLike = (e: Emitter, like: string): string => expandLike(e, scalar(e, 0, like), like);

/** What the shape rules read of a node. */
export const operandsOf = (context: GradientContext): ShapeContext => ({
  node: context.node,
  opset: context.opset,
  input: (index) => {
    const name = context.input(index);
    return name === '' ? undefined : { dtype: context.dtype(name), shape: undefined, content: context.content(name) };
  },
});

/** The axis that attribute `name` tells, counted from the front. */
export const axisIn = (context: GradientContext, otherwise: number, rank: number, name = 'axis'): number => {
  const axis = intOf(context.node, name, otherwise);
  return axis < 0 ? axis + rank : axis;
};

/** 1 where `condition` holds and 0 elsewhere, in the type of `like`. */
export const mask = (e: Emitter, condition: string, like: string): string =>
  e.emit('Cast', [condition], int('to', e.dtype(like) ?? 1));

/** Axes counted from the front. */
export const axesFromFront = (axes: readonly number[], rank: number): readonly number[] =>
  axes.map((axis) => (axis < 0 ? axis + rank : axis));

/** The gradient by the first output. The walker calls a rule only where the loss sees some output. */
export function arriving(context: GradientContext, index = 0): string {
  return context.gradient(index) ?? zerosLike(context, context.output(index));
}

/** Gradients by the wanted inputs only: what is not wanted is not computed. */
export const wanted = (
  context: GradientContext,
  ...made: readonly (() => string | undefined)[]
): readonly (string | undefined)[] => made.map((make, index) => (context.wants(index) ? make() : undefined));
