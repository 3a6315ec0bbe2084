/** What gradient rules share: the arithmetic of the backward pass, written as nodes. */
import { int, ints } from '../../ir/attributes.js';
import { isSymbolic, type Shape } from '../../ir/dim.js';
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

/** Means over axes. ReduceMean takes axes as an operand since opset 18. */
export const reduceMean = (e: Emitter, x: string, axes: readonly number[], keep: boolean): string =>
  e.opset >= 18
    ? e.emit('ReduceMean', [x, e.int64s(axes)], int('keepdims', keep ? 1 : 0))
    : e.emit('ReduceMean', [x], ints('axes', axes), int('keepdims', keep ? 1 : 0));

export const unsqueeze = (e: Emitter, x: string, axes: readonly number[]): string =>
  axes.length === 0 ? x : e.emit('Unsqueeze', [x, e.int64s(axes)]);
export const squeeze = (e: Emitter, x: string, axes: readonly number[]): string =>
  axes.length === 0 ? x : e.emit('Squeeze', [x, e.int64s(axes)]);

/** The lengths of a value as an operand: a constant where they are known, else as the model computes them. */
export function shapeOf(e: Emitter, value: string): string {
  const shape = e.shape(value);
  return shape.some(isSymbolic) ? e.emit('Shape', [value]) : e.int64s(shape as readonly number[]);
}

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
