/** What resize rules share. */
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import type { Patch, ResizeContext, Rewrite } from './rule.js';

/** Whether some axis of a value gets another length. */
export const changed = (context: ResizeContext, value: string): boolean => {
  const after = context.after(value);
  return context.before(value).some((dim, axis) => !sameDim(dim, after[axis] as Dim));
};

/** The name of input `index`, or '' where it is left out. */
export const inputName = (context: ResizeContext, index: number): string => context.node.inputs[index] ?? '';

/** The name of the first output. */
export const outputName = (context: ResizeContext): string => context.node.outputs[0] ?? '';

/** Known numbers of operand `index`; undefined where it is left out or not known. */
export function numbersAt(context: ResizeContext, index: number): readonly number[] | undefined {
  const content = context.content(index);
  return content?.some(isSymbolic) ? undefined : (content as readonly number[] | undefined);
}

/** The numbers as operand `index`, or as the attribute that older versions of the operator have in its place. */
export function operandOr(context: ResizeContext, index: number, attribute: string, values: Patch): Rewrite {
  if (inputName(context, index) !== '') return { inputs: new Map([[index, values]]) };
  return { ints: new Map([[attribute, values.filter((value) => value !== undefined)]]) };
}
