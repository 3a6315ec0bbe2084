/** What structure rules share. */
import { shapeConflict } from '../../errors.js';
import { type Dim, isSymbolic, sameDim, shapeText } from '../../ir/dim.js';
import { intsOf, nodeText } from '../../ir/nodes.js';
import type { AxisRef, Fixed, Relation, Same, StructureContext, StructureRule } from './relation.js';

export const axis = (value: string, at: number): AxisRef => ({ value, axis: at });

export const same = (a: AxisRef, b: AxisRef): Same => ({ kind: 'same', a, b });

export const fixed = (at: AxisRef, why: string): Fixed => ({ kind: 'fixed', at, why });

/** All axes of one value, fixed. */
export const fixedValue = (context: StructureContext, value: string, why: string): readonly Fixed[] =>
  context.shape(value).map((_, at) => fixed(axis(value, at), why));

/** The name of input `index`, or '' where it is left out. */
export const inputName = (context: StructureContext, index: number): string => context.node.inputs[index] ?? '';

/** The name of output `index`, or ''. */
export const outputName = (context: StructureContext, index = 0): string => context.node.outputs[index] ?? '';

/** An axis or a position as ONNX counts it (negative from the end), from 0. Throws SHAPE_CONFLICT out of range. */
export function positive(context: StructureContext, at: number, count: number): number {
  const found = at < 0 ? at + count : at;
  if (Number.isInteger(found) && found >= 0 && found < count) return found;
  throw shapeConflict(nodeText(context.node), `names ${at}, which is not among ${count}`);
}

/** `b` broadcasts into `a`: right-aligned axes of equal length are the same, an axis that stretches is fixed. Throws SHAPE_CONFLICT. */
export function broadcast(context: StructureContext, a: string, b: string): readonly Relation[] {
  const [into, from] = [context.shape(a), context.shape(b)];
  const shift = into.length - from.length;
  if (shift < 0)
    throw shapeConflict(nodeText(context.node), `cannot broadcast ${shapeText(from)} to ${shapeText(into)}`);
  return from.flatMap((dim, at): readonly Relation[] => {
    const [whole, part] = [axis(a, at + shift), axis(b, at)];
    if (sameDim(dim, into[at + shift] as Dim)) return [same(whole, part)];
    if (dim === 1) return [fixed(part, 'broadcast against a longer axis')];
    const why = 'broadcast against an axis of a length that is not known to be the same';
    return [fixed(whole, why), fixed(part, why)];
  });
}

/** The same axis of two values, for each axis in `axes`. */
export const sameAxes = (a: string, b: string, axes: Iterable<number>): readonly Relation[] =>
  [...axes].map((at) => same(axis(a, at), axis(b, at)));

/** The axes that are present among the named values, fixed. */
export const fixedAxes = (value: string, axes: Iterable<number>, why: string): readonly Fixed[] =>
  [...axes].map((at) => fixed(axis(value, at), why));

/** A rule for what is linear in all of its inputs together. */
export const linear = (relate: StructureRule['relate'], limits?: string): StructureRule => ({
  linearity: 'all',
  added: [],
  relate,
  ...(limits === undefined ? {} : { limits }),
});

/** A rule for what is not linear. */
export const nonlinear = (relate: StructureRule['relate'], limits?: string): StructureRule => ({
  ...linear(relate, limits),
  linearity: 'none',
});

/** Known numbers of operand `index`, or of the attribute that older versions of the operator have in its place. */
export function numbersOf(context: StructureContext, index: number, attribute: string): readonly number[] | undefined {
  if (inputName(context, index) === '') return intsOf(context.node, attribute);
  const content = context.content(index);
  return content?.some(isSymbolic) ? undefined : (content as readonly number[] | undefined);
}

/** Axes 2 and up of a value, fixed. */
export const spatialAxes = (context: StructureContext, value: string): readonly Fixed[] =>
  fixedAxes(value, [...context.shape(value).keys()].slice(2), 'spatial axis');

/** Positions of the output are picked positions of the input: y[k] is x[picks[k]]. */
export const picked = (x: string, y: string, at: number, picks: readonly number[]): readonly Relation[] =>
  picks.map((from, k) => ({ kind: 'same', a: axis(x, at), aStart: from, b: axis(y, at), bStart: k, length: 1 }));

/** x and y are the same along all axes but `over`, which are fixed in both. */
export function alongside(
  context: StructureContext,
  x: string,
  y: string,
  over: readonly number[],
  why: string,
): readonly Relation[] {
  const others = [...context.shape(x).keys()].filter((at) => !over.includes(at));
  return [...sameAxes(x, y, others), ...[x, y].flatMap((value) => fixedAxes(value, over, why))];
}
