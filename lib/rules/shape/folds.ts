/** Arithmetic and comparison of known integers and dimensions: what exporters compute shapes with. */
import { add, type Dim, divide, isSymbolic, multiply } from '../../ir/dim.js';
import type { ShapeContext } from './rule.js';

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

/** An integer beyond 2^53 (an open end) is rounded here: nothing can be computed with it. */
const exact = (content: readonly Dim[] | undefined): readonly Dim[] | undefined =>
  content?.every((dim) => isSymbolic(dim) || Number.isSafeInteger(dim)) ? content : undefined;

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
