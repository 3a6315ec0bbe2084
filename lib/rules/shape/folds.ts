/** Arithmetic and comparison of known integers and dimensions: what exporters compute shapes with. */
import { add, type Dim, divide, isSymbolic, multiply, type Shape, sameDim } from '../../ir/dim.js';
import { addRamps, type Ramp, rampOf, scaleRamp } from './ramps.js';
import type { Facts, ShapeContext } from './rule.js';

/** What two elements make; undefined where that cannot be told. */
type Fold = (a: Dim, b: Dim) => Dim | undefined;

/** Below 0 where a is smaller, 0 where both are equal, above 0 where a is greater; undefined where that is open. */
function compared(a: Dim, b: Dim): number | undefined {
  const difference = add(a, multiply(b, -1));
  if (difference !== undefined && !isSymbolic(difference)) return difference;
  // A length is never below 0: the -1 of a target is none.
  if (isSymbolic(a) && !isSymbolic(b) && a.coefficient > 0 && b < 0) return 1;
  if (!isSymbolic(a) && isSymbolic(b) && b.coefficient > 0 && a < 0) return -1;
  return undefined;
}

const when =
  (holds: (order: number) => boolean): Fold =>
  (a, b) => {
    const order = compared(a, b);
    return order === undefined ? undefined : Number(holds(order));
  };

const pick =
  (first: (order: number) => boolean): Fold =>
  (a, b) => {
    const order = compared(a, b);
    return order === undefined ? undefined : first(order) ? a : b;
  };

const numbers =
  (fold: (a: number, b: number) => number | undefined): Fold =>
  (a, b) =>
    isSymbolic(a) || isSymbolic(b) ? undefined : fold(a, b);

const FOLDS: ReadonlyMap<string, Fold> = new Map<string, Fold>([
  ['Add', add],
  ['Sub', (a, b) => add(a, multiply(b, -1))],
  ['Mul', multiply],
  // ONNX takes the sign of the divisor, JavaScript that of the dividend.
  ['Mod', numbers((a, b) => (b === 0 ? undefined : ((a % b) + b) % b))],
  ['Div', (a, b) => (isSymbolic(a) || isSymbolic(b) ? divide(a, b) : b === 0 ? undefined : Math.trunc(a / b))],
  ['Max', pick((order) => order >= 0)],
  ['Min', pick((order) => order <= 0)],
  ['Equal', when((order) => order === 0)],
  ['Greater', when((order) => order > 0)],
  ['GreaterOrEqual', when((order) => order >= 0)],
  ['Less', when((order) => order < 0)],
  ['LessOrEqual', when((order) => order <= 0)],
  ['And', numbers((a, b) => a & b)],
  ['Or', numbers((a, b) => a | b)],
  ['Xor', numbers((a, b) => a ^ b)],
]);

const known = (made: readonly (Dim | undefined)[]): readonly Dim[] | undefined =>
  made.includes(undefined) ? undefined : (made as readonly Dim[]);

/** From 2^53 - 1 on an integer is rounded here, or stands for an open end: nothing can be computed with it. */
const exact = (content: readonly Dim[] | undefined): readonly Dim[] | undefined =>
  content?.every((dim) => isSymbolic(dim) || Math.abs(dim) < Number.MAX_SAFE_INTEGER) ? content : undefined;

/** Element by element over all inputs, where each has one element or `count`. */
export function foldAll(context: ShapeContext, count: Dim): readonly Dim[] | undefined {
  const fold = FOLDS.get(context.node.opType);
  const contents = context.node.inputs.map((_, index) => exact(context.input(index)?.content));
  if (!fold || isSymbolic(count) || contents.some((each) => !each || ![1, count].includes(each.length)))
    return undefined;
  const [first, ...others] = contents as readonly (readonly Dim[])[];
  if (!first) return undefined;
  const start: readonly (Dim | undefined)[] = Array.from({ length: count }, (_, i) => first[i % first.length]);
  const made = others.reduce(
    (sofar, each) => sofar.map((a, i) => (a === undefined ? undefined : fold(a, each[i % each.length] as Dim))),
    start,
  );
  return exact(known(made));
}

/** Patterns of integers that are added or multiplied by one number. */
export function foldRamps(context: ShapeContext): Ramp | undefined {
  const [a, b] = [context.input(0), context.input(1)];
  const [x, y] = [rampOf(a), rampOf(b)];
  if (context.node.opType === 'Add') return x && y && stretchesOnes(a?.shape, b?.shape) ? addRamps(x, y) : undefined;
  if (context.node.opType !== 'Mul') return undefined;
  const single = (facts: Facts | undefined) => (facts?.content?.length === 1 ? facts.content[0] : undefined);
  const [p, q] = [single(a), single(b)];
  if (x && q !== undefined) return padded(scaleRamp(x, q), b);
  return y && p !== undefined ? padded(scaleRamp(y, p), a) : undefined;
}

/** Whether two shapes broadcast by axes of length 1 alone, whatever their open lengths are. */
function stretchesOnes(a: Shape | undefined, b: Shape | undefined): boolean {
  if (!a || !b) return false;
  const [long, short] = a.length >= b.length ? [a, b] : [b, a];
  return short.every((dim, axis) => {
    const other = long[axis + long.length - short.length] as Dim;
    return dim === 1 || other === 1 || sameDim(dim, other);
  });
}

/** The pattern with as many axes as the result has: a single element may have more axes than the other value. */
function padded(ramp: Ramp, other: Facts | undefined): Ramp {
  const more = Math.max(0, (other?.shape?.length ?? 0) - ramp.steps.length);
  return { ...ramp, steps: [...Array(more).fill(0), ...ramp.steps] };
}

/** Of one input. */
const UNARY_FOLDS: ReadonlyMap<string, (a: Dim) => Dim | undefined> = new Map<string, (a: Dim) => Dim | undefined>([
  ['Neg', (a) => multiply(a, -1)],
  ['Abs', (a) => (isSymbolic(a) ? undefined : Math.abs(a))],
  ['Not', (a) => (isSymbolic(a) ? undefined : Number(a === 0))],
]);

/** Element by element over the first input. */
export function foldOne(context: ShapeContext): readonly Dim[] | undefined {
  const fold = UNARY_FOLDS.get(context.node.opType);
  const content = exact(context.input(0)?.content);
  return fold && content ? exact(known(content.map(fold))) : undefined;
}

const REDUCTIONS: ReadonlyMap<string, string> = new Map([
  ['ReduceSum', 'Add'],
  ['ReduceProd', 'Mul'],
  ['ReduceMax', 'Max'],
  ['ReduceMin', 'Min'],
]);

/** All elements of a list in one; undefined for other reductions and for no element. */
export function foldList(opType: string, content: readonly Dim[] | undefined): readonly Dim[] | undefined {
  const fold = FOLDS.get(REDUCTIONS.get(opType) ?? '');
  const [first, ...others] = exact(content) ?? [];
  if (!fold || first === undefined) return undefined;
  return exact(known([others.reduce<Dim | undefined>((a, b) => (a === undefined ? undefined : fold(a, b)), first)]));
}

/** Where a condition is known, which of two known lists each element comes from. */
export function chosen(context: ShapeContext, count: Dim): readonly Dim[] | undefined {
  const [which, a, b] = [0, 1, 2].map((index) => context.input(index)?.content);
  if (!which || isSymbolic(count)) return undefined;
  if ([which, a, b].some((each) => each && ![1, count].includes(each.length))) return undefined;
  return known(
    Array.from({ length: count }, (_, i) => {
      const from = which[i % which.length] === 0 ? b : a;
      return from?.[i % from.length];
    }),
  );
}

/**
 * Elements of a value at picked positions of some axes (all of the others), and with its axes in another order: entry
 * [i, j, ..] of the result is entry [picks of order[0]][i] on axis order[0], and so on. Undefined where picks are unknown.
 */
export function rearranged(
  content: readonly Dim[] | undefined,
  shape: Shape,
  picks: ReadonlyMap<number, readonly number[] | undefined>,
  order: readonly number[] = [...shape.keys()],
): readonly Dim[] | undefined {
  if (!content || content.length === 0 || shape.some(isSymbolic)) return content?.length === 0 ? [] : undefined;
  const lengths = shape as readonly number[];
  const positions = lengths.map((length, axis) => (picks.has(axis) ? picks.get(axis) : [...Array(length).keys()]));
  if (positions.includes(undefined)) return undefined;
  const strides = lengths.map((_, axis) => lengths.slice(axis + 1).reduce((a, b) => a * b, 1));
  const places = order.reduce<readonly number[]>(
    (made, axis) =>
      made.flatMap((at) => (positions[axis] as readonly number[]).map((pick) => at + pick * (strides[axis] as number))),
    [0],
  );
  return known(places.map((at) => content[at]));
}
