/** Gradients of operators that give values another shape, or stretch and repeat them. */
import { int } from '../../ir/attributes.js';
import { isSymbolic } from '../../ir/dim.js';
import { intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import {
  arriving,
  inverse,
  numbersIn,
  reduceSum,
  reshapeLike,
  shapeOf,
  transpose,
  unsqueeze,
  wanted,
} from './support.js';

const reshaped: GradientRule = (context) =>
  wanted(context, () => reshapeLike(context, arriving(context), context.input(0)));

const transposed: GradientRule = (context) =>
  wanted(context, () => {
    const rank = context.shape(context.input(0)).length;
    const perm = intsOf(context.node, 'perm') ?? [...Array(rank).keys()].reverse();
    return transpose(context, arriving(context), inverse(perm));
  });

/** The walker sums what was stretched. */
const stretched: GradientRule = (context) => wanted(context, () => arriving(context));

/** [2, 3] repeated [4, 1] times: a sum over the copies in [4, 2, 1, 3]. */
const repeated: GradientRule = (context) =>
  wanted(context, () => {
    const rank = context.shape(context.input(0)).length;
    const parts = context.emit('Reshape', [arriving(context), copiesAndLengths(context)]);
    return reduceSum(
      context,
      parts,
      Array.from({ length: rank }, (_, axis) => 2 * axis),
      false,
    );
  });

/** For each axis how often it is repeated, and its length. */
function copiesAndLengths(context: GradientContext): string {
  const [x, operand] = [context.input(0), context.input(1)];
  const [shape, repeats] = [context.shape(x), numbersIn(context, operand)];
  if (repeats && shape.filter(isSymbolic).length <= 1)
    return context.int64s(shape.flatMap((dim, axis) => [repeats[axis] ?? 1, isSymbolic(dim) ? -1 : dim]));
  const columns = [operand, shapeOf(context, x)].map((list) => unsqueeze(context, list, [1]));
  return context.emit('Reshape', [context.emit('Concat', columns, int('axis', 1)), context.int64s([2 * shape.length])]);
}

const blockSize = ({ node }: GradientContext) => [...node.attributes].filter(([name]) => name === 'blocksize');

const spaceToDepth: GradientRule = (context) =>
  wanted(context, () => context.emit('DepthToSpace', [arriving(context)], ...blockSize(context)));

/**
 * SpaceToDepth is the inverse of DepthToSpace where the block is the outer part of the channels (DCR). Where it is the inner one
 * (CRD) the channels are turned from [block, c] to [c, block].
 */
const depthToSpace: GradientRule = (context) =>
  wanted(context, () => {
    const made = context.emit('SpaceToDepth', [arriving(context)], ...blockSize(context));
    if (stringOf(context.node, 'mode', 'DCR') === 'DCR') return made;
    const channels = context.shape(context.output(0))[1];
    if (typeof channels !== 'number') return context.refuse('its number of channels is not known');
    const block = intOf(context.node, 'blocksize', 1) ** 2;
    const parts = context.emit('Reshape', [made, context.int64s([0, block, channels, -1])]);
    return reshapeLike(context, transpose(context, parts, [0, 2, 1, 3]), context.input(0));
  });

export const shapingGradients: readonly Row<GradientRule>[] = [
  ...rows(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'], reshaped),
  ...rows(['Transpose'], transposed),
  ...rows(['Expand'], stretched),
  ...rows(['Tile'], repeated, 6),
  ...rows(['SpaceToDepth'], spaceToDepth),
  ...rows(['DepthToSpace'], depthToSpace),
];
