/**
 * Indices that count: at [i, j, ..] a start plus a step for each axis. Exporters compute them to read a value as if it had
 * another shape (PyTorch's as_strided), with an open batch, so that their elements are not known but their pattern is.
 */
import { add, type Dim, isSymbolic, multiply, productOf, type Shape, sameDim } from '../../ir/dim.js';
import type { Facts } from './rule.js';

/** The element at [i, j, ..] is start + i * steps[0] + j * steps[1] + .. */
export interface Ramp {
  readonly start: Dim;
  readonly steps: readonly Dim[];
}

/** The pattern of known integers; undefined where they have none. */
function rampOfContent(content: readonly Dim[], shape: Shape): Ramp | undefined {
  const [start] = content;
  if (start === undefined || shape.some(isSymbolic) || content.some(isSymbolic)) return undefined;
  const lengths = shape as readonly number[];
  const strides = lengths.map((_, axis) => lengths.slice(axis + 1).reduce((a, b) => a * b, 1));
  const steps = lengths.map((length, axis) =>
    length > 1 ? (content[strides[axis] as number] as number) - (start as number) : 0,
  );
  const counts = content.every((value, at) => {
    const place = steps.reduce((sum, step, axis) => {
      const index = Math.floor(at / (strides[axis] as number)) % (lengths[axis] as number);
      return sum + step * index;
    }, start as number);
    return value === place;
  });
  return counts ? { start, steps } : undefined;
}

/** The pattern of a value; undefined where none is known. */
export const rampOf = (facts: Facts | undefined): Ramp | undefined =>
  facts?.ramp ?? (facts?.content && facts.shape ? rampOfContent(facts.content, facts.shape) : undefined);

/** Two patterns added, the shorter one broadcast. */
export function addRamps(a: Ramp, b: Ramp): Ramp | undefined {
  const rank = Math.max(a.steps.length, b.steps.length);
  const step = ({ steps }: Ramp, axis: number): Dim => steps[axis - (rank - steps.length)] ?? 0;
  const steps = Array.from({ length: rank }, (_, axis) => add(step(a, axis), step(b, axis)));
  const start = add(a.start, b.start);
  return start === undefined || steps.includes(undefined) ? undefined : { start, steps: steps as readonly Dim[] };
}

/** A pattern times a number. */
export const scaleRamp = ({ start, steps }: Ramp, by: Dim): Ramp => ({
  start: multiply(start, by),
  steps: steps.map((step) => multiply(step, by)),
});

/** Whether indices of this shape count all positions of an axis, from the first to the last. */
export function countsAll({ start, steps }: Ramp, shape: Shape, length: Dim): boolean {
  const counted = steps.every((step, axis) => shape[axis] === 1 || sameDim(step, productOf(shape.slice(axis + 1))));
  return start === 0 && counted && sameDim(productOf(shape), length);
}
