/** The gradient of Resize (ONNX 13, 18, 19): along each axis it is a product with a matrix, and so is its gradient. */
import { int, ints } from '../../ir/attributes.js';
import { type Dim, isSymbolic, sameDim } from '../../ir/dim.js';
import { intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { arriving, axesFromFront, inverse, joined, lengthOf, times, transpose, wanted } from './support.js';

/** Attributes that say where an element comes from; the others say which axes. */
const PLACING: ReadonlySet<string> = new Set([
  'antialias',
  'coordinate_transformation_mode',
  'cubic_coeff_a',
  'exclude_outside',
  'mode',
  'nearest_mode',
]);

const resize: GradientRule = (context) =>
  wanted(context, () => {
    refuseWhatIsNoProduct(context);
    const factors = wholeFactors(context);
    if (factors) return summed(context, factors);
    return resizedAxes(context).reduce((g, axis) => alongAxis(context, g, axis), arriving(context));
  });

function refuseWhatIsNoProduct(c: GradientContext): void {
  const { node } = c;
  if (stringOf(node, 'coordinate_transformation_mode', '') === 'tf_crop_and_resize')
    c.refuse('it crops; cut with Slice and resize then');
  if (stringOf(node, 'keep_aspect_ratio_policy', 'stretch') !== 'stretch')
    c.refuse('its sizes follow from the ratio of lengths; tell the sizes');
}

/** Spatial axes, and others whose length changes. */
function resizedAxes(c: GradientContext): readonly number[] {
  const [from, into] = [c.shape(c.input(0)), c.shape(c.output(0))];
  const named = namedAxes(c);
  return from.flatMap((dim, axis) => {
    const other = into[axis];
    const stays = axis < 2 && other !== undefined && sameDim(dim, other);
    return stays || !named.includes(axis) ? [] : [axis];
  });
}

/** The axes that scales and sizes are told of (since opset 18 not always all). */
function namedAxes(c: GradientContext): readonly number[] {
  const rank = c.shape(c.input(0)).length;
  return axesFromFront(intsOf(c.node, 'axes') ?? Array.from({ length: rank }, (_, i) => i), rank);
}

/** g times the axis's matrix: what the node itself makes of the identity, which ONNX Runtime computes once, when it loads. */
function alongAxis(c: GradientContext, g: string, axis: number): string {
  const rank = c.shape(g).length;
  const matrix = matrixOf(c, axis);
  // [in, out] from the left or, turned, from the right.
  if (axis === rank - 2 && rank > 2) return c.emit('MatMul', [matrix, g]);
  const order = [...Array(rank).keys()].filter((each) => each !== axis).concat(axis);
  const made = c.emit('MatMul', [transpose(c, g, order), transpose(c, matrix, [1, 0])]);
  return transpose(c, made, inverse(order));
}

/** [in, out]: row i is what becomes of an image that is 1 at i. */
function matrixOf(c: GradientContext, axis: number): string {
  const [x, scales, sizes] = [c.input(0), c.input(2), c.input(3)];
  const at = namedAxes(c).indexOf(axis);
  const attributes = [...c.node.attributes].filter(([name]) => PLACING.has(name));
  const one = identity(c, axis);
  if (sizes === '') return c.emit('Resize', [one, '', behindOne(c, scales, at)], ...attributes);
  const target = joined(c, [lengthOf(c, x, axis), elementOf(c, sizes, at)]);
  return c.emit('Resize', [one, '', '', target], ...attributes);
}

const elementOf = (c: GradientContext, operand: string, at: number): string =>
  c.emit('Slice', [operand, c.int64s([at]), c.int64s([at + 1]), c.int64s([0])]);

/** The scales 1 and that of an axis. */
function behindOne(c: GradientContext, scales: string, at: number): string {
  const scale = c.realContent(scales)?.[at];
  if (scale !== undefined) return c.reals([1, scale], [2], scales);
  return c.emit('Concat', [c.reals([1], [1], scales), elementOf(c, scales, at)], int('axis', 0));
}

/** Where each element is repeated a whole number of times: how often, along each spatial axis. */
function wholeFactors(c: GradientContext): readonly number[] | undefined {
  const { node } = c;
  if (stringOf(node, 'mode', 'nearest') !== 'nearest' || c.shape(c.input(0)).length < 3) return undefined;
  const placing = stringOf(node, 'coordinate_transformation_mode', 'half_pixel');
  const rounding = stringOf(node, 'nearest_mode', 'round_prefer_floor');
  const isPlain =
    placing === 'asymmetric' ? rounding === 'floor' : placing === 'half_pixel' && rounding.startsWith('round');
  const factors = isPlain ? factorsOf(c) : undefined;
  const [batch, channels, ...spatial] = factors ?? [];
  return batch === 1 && channels === 1 && spatial.every((each) => Number.isInteger(each) && each >= 1)
    ? spatial
    : undefined;
}

/** For each axis how much longer it becomes; undefined where that is not known. */
function factorsOf(c: GradientContext): readonly number[] | undefined {
  const [from, sizes, named] = [c.shape(c.input(0)), c.input(3), namedAxes(c)];
  const told = sizes === '' ? c.realContent(c.input(2)) : c.content(sizes);
  const factors = from.map((dim, axis) => {
    const each = named.includes(axis) ? told?.[named.indexOf(axis)] : sizes === '' ? 1 : dim;
    if (each === undefined || sizes === '') return each as number | undefined;
    if (sameDim(each as Dim, dim)) return 1;
    return isSymbolic(each as Dim) || isSymbolic(dim) ? undefined : (each as number) / dim;
  });
  return factors.every((each): each is number => each !== undefined) ? factors : undefined;
}

/** Windows side by side: their mean times their size. */
const summed = (c: GradientContext, factors: readonly number[]): string => {
  const count = factors.reduce((a, b) => a * b, 1);
  if (count === 1) return arriving(c);
  const mean = c.emit('AveragePool', [arriving(c)], ints('kernel_shape', factors), ints('strides', factors));
  return times(c, mean, count);
};

function identity(c: GradientContext, axis: number): string {
  const x = c.input(0);
  const length = c.shape(x)[axis];
  if (typeof length === 'number')
    return c.reals(
      Array.from({ length: length * length }, (_, i) => (i % (length + 1) === 0 ? 1 : 0)),
      [length, length],
      x,
    );
  const count = lengthOf(c, x, axis);
  const zeros = c.emit('Expand', [c.reals([0], [1], x), joined(c, [count, count])]);
  return c.emit('EyeLike', [zeros]);
}

export const resamplingGradients: readonly Row<GradientRule>[] = [...rows(['Resize'], resize, 11)];
