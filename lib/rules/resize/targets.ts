/** Operands and attributes that name the shape of what comes out. */
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { ResizeContext, ResizeRule } from './rule.js';
import { changed, inputName, operandOr, outputName } from './support.js';

/**
 * A Reshape whose target names a width, or is computed of widths (the size of a head as the features over the heads): the new
 * lengths. One length that is open becomes -1; where there are more, those that stay on their axis are copied (0), or else all
 * of them stay as they are computed.
 */
const reshape: ResizeRule = (context) => {
  const y = outputName(context);
  const target = context.content(1) ?? intsOf(context.node, 'shape');
  if (!target) return undefined;
  const [before, after] = [context.before(y), context.after(y)];
  const [from, into] = [context.before(inputName(context, 0)), context.after(inputName(context, 0))];
  const zeroes = intOf(context.node, 'allowzero', 0) === 0;
  // A 0 copies the length at its place, which may only have been the same by chance.
  const isCopy = (dim: Dim, axis: number) => dim === 0 && zeroes && sameDim(into[axis] ?? 0, after[axis] as Dim);
  const computed = inputName(context, 1) !== '' && !context.isConstant(1);
  const stale = target.some(
    (dim, axis) =>
      typeof dim === 'number' &&
      (dim > 0 ? !sameDim(before[axis] as Dim, after[axis] as Dim) : dim === 0 && zeroes && !isCopy(dim, axis)),
  );
  if (!stale && !computed) return undefined;
  const several = target.filter((dim) => isSymbolic(dim) || dim === -1).length > 1;
  const copies = several && zeroes;
  const copied = (dim: Dim, axis: number) => copies && isSymbolic(dim) && sameDim(dim, from[axis] ?? 0);
  const open = target.filter((dim, axis) => (isSymbolic(dim) || dim === -1) && !copied(dim, axis)).length;
  const rewritten = target.map((dim, axis): number | undefined => {
    if (isSymbolic(dim)) return open > 1 ? undefined : copied(dim, axis) ? 0 : -1;
    const width = after[axis];
    const told = dim > 0 || (dim === 0 && zeroes && !isCopy(dim, axis));
    return told && typeof width === 'number' ? width : dim;
  });
  return operandOr(context, 1, 'shape', rewritten);
};

/** An open length stays as the target names it, and so does what is not stretched. */
const stretched = (dim: number, width: Dim | undefined): number =>
  dim !== 1 && typeof width === 'number' ? width : dim;

/** A stretched shape that names a width. */
const expand: ResizeRule = (context) => {
  const y = outputName(context);
  const target = context.content(1);
  if (!target || !changed(context, y)) return undefined;
  const after = context.after(y);
  const shift = after.length - target.length;
  const width = (dim: Dim, axis: number) => (isSymbolic(dim) ? undefined : stretched(dim, after[axis + shift]));
  return { inputs: new Map([[1, target.map(width)]]) };
};

/** A shape that is named whole, or along some axes: the new lengths. */
const named =
  (index: number, axesOf: (context: ResizeContext) => readonly number[] | undefined = () => undefined): ResizeRule =>
  (context) => {
    const y = outputName(context);
    const target = context.content(index);
    if (!target || !changed(context, y)) return undefined;
    const [after, axes] = [context.after(y), axesOf(context)];
    const length = (at: number): Dim => after[axes ? (axes[at] as number) : at] as Dim;
    return { inputs: new Map([[index, target.map((dim, at) => numberOr(dim, length(at)))]]) };
  };

/** An open length stays as it is computed. */
const numberOr = (dim: Dim, length: Dim): number | undefined =>
  isSymbolic(dim) ? undefined : isSymbolic(length) ? dim : length;

const axesAttribute = (context: ResizeContext): readonly number[] | undefined => {
  const rank = context.before(outputName(context)).length;
  return intsOf(context.node, 'axes')?.map((at) => (at < 0 ? at + rank : at));
};

/** Repeats of a fixed position are as many as are wanted; of neurons the positions themselves get fewer or more. */
const tile: ResizeRule = (context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const repeats = context.content(1);
  if (!repeats || !changed(context, y)) return undefined;
  const [from, into] = [context.after(x), context.after(y)];
  const counted = repeats.map((dim, at): number | undefined => {
    const [one, all] = [from[at], into[at]];
    const isKnown = context.before(x)[at] === 1 && typeof one === 'number' && typeof all === 'number' && one > 0;
    return isKnown ? all / one : numberOr(dim, dim);
  });
  return counted.every((count, at) => count === undefined || count === repeats[at])
    ? undefined
    : { inputs: new Map([[1, counted]]) };
};

/** The shape as an attribute. */
const random: ResizeRule = (context) => {
  const y = outputName(context);
  const shape = intsOf(context.node, 'shape');
  if (!shape || !changed(context, y)) return undefined;
  return { ints: new Map([['shape', shape.map((dim, at) => numberOr(dim, context.after(y)[at] as Dim) ?? dim)]]) };
};

export const targetResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Reshape'], reshape),
  ...rows(['Expand'], expand),
  ...rows(['Tile'], tile, 6),
  ...rows(['ConstantOfShape'], named(0)),
  ...rows(['CenterCropPad'], named(1, axesAttribute)),
  ...rows(['Resize'], named(3, axesAttribute), 11),
  ...rows(['RandomNormal', 'RandomUniform'], random),
];
