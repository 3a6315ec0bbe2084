/** Gradient of Einsum: by each operand an Einsum of the gradient and the other operands. */
import { text } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { stringOf } from '../../ir/nodes.js';
import { parseEquation } from '../einsum.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, joined, lengthOf, mul, reshapeLike, unsqueeze } from './support.js';

type Names = readonly string[];

/** Names of axes as letters: those behind an ellipsis get letters that the equation does not use. */
function lettersFor(context: GradientContext, all: Names): (names: Names) => string {
  const used = new Set(all);
  const free = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'].filter((letter) => !used.has(letter));
  const dots = [...used].filter((name) => name.startsWith('.'));
  if (dots.length > free.length) context.refuse('its equation needs more letters than there are');
  const letters = new Map(dots.map((name, at) => [name, free[at] as string]));
  return (names) => names.map((name) => letters.get(name) ?? name).join('');
}

/** By operand `index`. Axes that were summed in it alone are stretched again; off a diagonal that it was read on there is 0. */
function byOperand(context: GradientContext, operands: readonly Names[], output: Names, index: number): string {
  const { inputs } = context.node;
  const own = operands[index] ?? [];
  const letters = lettersFor(context, [...operands.flat(), ...output]);
  const others = operands.filter((_, at) => at !== index);
  const seen = new Set([...output, ...others.flat()]);
  const once = own.filter((name, at) => own.indexOf(name) === at);
  const kept = once.filter((name) => seen.has(name));
  const equation = `${[output, ...others].map(letters).join(',')}->${letters(kept)}`;
  const factors = [arriving(context), ...inputs.filter((_, at) => at !== index)];
  const made = context.emit('Einsum', factors, text('equation', equation));
  if (kept.length === own.length) return made;
  return onDiagonals(context, stretched(context, made, kept, own), own, index);
}

/** With all axes of the operand: those that are missing, and those that stand a second time, of length 1 at first. */
function stretched(context: GradientContext, x: string, kept: Names, own: Names): string {
  const missing = own.flatMap((name, at) => (kept.includes(name) && own.indexOf(name) === at ? [] : [at]));
  return unsqueeze(context, x, missing);
}

function onDiagonals(context: GradientContext, x: string, own: Names, index: number): string {
  const operand = context.input(index);
  const rank = own.length;
  const shape = joined(
    context,
    own.map((_, axis) => lengthOf(context, operand, axis)),
  );
  const full = context.emit('Expand', [x, shape]);
  return own.reduce((sofar, name, axis) => {
    const first = own.indexOf(name);
    return first === axis ? sofar : mul(context, sofar, diagonal(context, operand, rank, first, axis));
  }, full);
}

/** 1 where two axes are at the same position. */
function diagonal(context: GradientContext, operand: string, rank: number, a: number, b: number): string {
  const length = context.shape(operand)[a] ?? 1;
  if (isSymbolic(length)) return context.refuse('a diagonal of an open length');
  const ones = Array.from({ length: length * length }, (_, at) => (at % (length + 1) === 0 ? 1 : 0));
  const dims = Array.from({ length: rank }, (_, axis) => (axis === a || axis === b ? length : 1));
  return context.reals(ones, dims, operand);
}

const einsum: GradientRule = (context) => {
  const { inputs } = context.node;
  const ranks = inputs.map((name) => context.shape(name).length);
  const equation = parseEquation(stringOf(context.node, 'equation', ''), ranks);
  if (!equation) return context.refuse('its equation does not fit its operands');
  const { operands, output } = equation;
  return inputs.map((name, index) => {
    if (!context.wants(index)) return undefined;
    const made = byOperand(context, operands, output, index);
    return (operands[index] ?? []).length === 0 ? reshapeLike(context, made, name) : made;
  });
};

export const einsumGradients: readonly Row<GradientRule>[] = rows(['Einsum'], einsum, 12);
