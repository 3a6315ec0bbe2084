/** Shapes of operators that repeat, stretch, pad or fill. */
import { type Dim, isSymbolic, multiply, productOf } from '../../ir/dim.js';
import { FLOAT } from '../../ir/dtype.js';
import { intOf, intsOf } from '../../ir/nodes.js';
import { MAX_CONTENT } from '../../limits.js';
import { type Row, rows } from '../table.js';
import { type ShapeRule, UNKNOWN } from './rule.js';
import { axisOf, expectRank, numbersOf, unknownDim } from './support.js';

const expand: ShapeRule = (context) => {
  const { dtype, shape, content } = context.input(0) ?? UNKNOWN;
  const target = context.input(1)?.content;
  if (!shape || !target) return [{ dtype, shape: undefined }];
  const rank = Math.max(shape.length, target.length);
  const at = (dims: readonly Dim[], axis: number) => dims[axis - (rank - dims.length)] ?? 1;
  const made = Array.from({ length: rank }, (_, axis) => (at(shape, axis) === 1 ? at(target, axis) : at(shape, axis)));
  const [one, count] = [content?.length === 1 ? content[0] : undefined, productOf(made)];
  const filled = one !== undefined && !isSymbolic(count) && count <= MAX_CONTENT;
  return [{ dtype, shape: made, content: filled ? Array.from({ length: count }, () => one) : undefined }];
};

/** Pads for all axes, or since opset 18 for those that an operand names. */
const pad: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  if (!shape) return [{ dtype, shape }];
  const named = context.node.inputs[3] ? context.input(3)?.content : [...shape.keys()];
  const pads = numbersOf(context, 1, 'pads');
  if (!pads || !named || named.some(isSymbolic))
    return [{ dtype, shape: shape.map((_, at) => unknownDim(context, at)) }];
  const axes = (named as readonly number[]).map((at) => axisOf(context, at, shape.length));
  expectRank(context, axes, pads.length / 2);
  const grown = (dim: Dim, axis: number): Dim => {
    const k = axes.indexOf(axis);
    const more = (pads[k] ?? 0) + (pads[k + axes.length] ?? 0);
    return k < 0 || more === 0 ? dim : isSymbolic(dim) ? unknownDim(context, axis) : dim + more;
  };
  return [{ dtype, shape: shape.map(grown) }];
};

const tile: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const repeats = context.input(1)?.content;
  return [{ dtype, shape: repeats && shape?.map((dim, axis) => multiply(dim, repeats[axis] ?? 1)) }];
};

const centreCropPad: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const target = context.input(1)?.content;
  if (!shape || !target) return [{ dtype, shape: shape?.map((_, at) => unknownDim(context, at)) }];
  const axes = intsOf(context.node, 'axes')?.map((at) => axisOf(context, at, shape.length)) ?? [...shape.keys()];
  return [{ dtype, shape: shape.map((dim, at) => target[axes.indexOf(at)] ?? dim) }];
};

/** RandomNormal, RandomUniform: a shape that an attribute tells. */
const random: ShapeRule = ({ node }) => [{ dtype: intOf(node, 'dtype', FLOAT), shape: intsOf(node, 'shape') }];

export const stretchingShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Expand'], expand),
  ...rows(['Pad'], pad),
  ...rows(['Tile'], tile, 6),
  ...rows(['CenterCropPad'], centreCropPad),
  ...rows(['RandomNormal', 'RandomUniform'], random),
];
