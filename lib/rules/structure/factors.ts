/**
 * Reshape as factors: both shapes are refined to their common factors, so that an axis is the product of factors and a
 * neuron can be followed through Flatten, channel shuffle or the splitting into heads.
 */
import { type Dim, divide, type Shape } from '../../ir/dim.js';
import type { AxisRef, Relation, StructureContext } from './relation.js';
import { axis, fixedAxes, same } from './support.js';

/** A stretch of axes on both sides with the same product, and the factors that make it up, outermost first. */
interface Block {
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** Undefined where one side does not divide the other: nothing can be said of this block. */
  readonly factors: readonly Factor[] | undefined;
}

interface Factor {
  readonly length: Dim;
  /** The axis on each side to which this factor belongs. */
  readonly from: number;
  readonly to: number;
}

/**
 * Walks both shapes at once and cuts wherever the products agree: from the front as far as that goes, then from the back,
 * for behind a length that cannot be compared the axes still correspond.
 */
export function factorise(from: Shape, to: Shape): readonly Block[] {
  const front = walk(from, to);
  const [i, j] = [endOf(front, 'from'), endOf(front, 'to')];
  if (i === from.length && j === to.length) return front;
  const back = walk(from.slice(i).reverse(), to.slice(j).reverse());
  const [leftFrom, leftTo] = [from.length - endOf(back, 'from'), to.length - endOf(back, 'to')];
  const behind = [...back].reverse().map((block) => turned(block, from.length, to.length));
  return [...front, { from: range(i, leftFrom), to: range(j, leftTo), factors: undefined }, ...behind];
}

const endOf = (blocks: readonly Block[], side: 'from' | 'to'): number =>
  blocks.reduce((count, block) => count + block[side].length, 0);

/** A block of the reversed shapes, told from the front. */
function turned(block: Block, from: number, to: number): Block {
  const flip = (axes: readonly number[], length: number) => axes.map((axis) => length - 1 - axis).reverse();
  const factors = block.factors
    ?.map((each) => ({ ...each, from: from - 1 - each.from, to: to - 1 - each.to }))
    .reverse();
  return { from: flip(block.from, from), to: flip(block.to, to), factors };
}

/** Blocks from the front, up to where the lengths cannot be refined to common factors. */
function walk(from: Shape, to: Shape): readonly Block[] {
  const blocks: Block[] = [];
  let [i, j] = [0, 0];
  while (i < from.length || j < to.length) {
    const start = { i, j };
    const factors: Factor[] = [];
    let [left, right]: [Dim, Dim] = [from[i] ?? 1, to[j] ?? 1];
    for (;;) {
      const factor = commonFactor(left, right);
      if (factor === undefined) return blocks;
      if (factor !== 1) factors.push({ length: factor, from: i, to: j });
      left = divide(left, factor) ?? 1;
      right = divide(right, factor) ?? 1;
      if (left === 1 && right === 1) break;
      if (left === 1) left = from[++i] ?? 1;
      else right = to[++j] ?? 1;
      if (i >= from.length || j >= to.length) return blocks;
    }
    i += 1;
    j += 1;
    blocks.push({
      from: range(start.i, Math.min(i, from.length)),
      to: range(start.j, Math.min(j, to.length)),
      factors,
    });
  }
  return blocks;
}

/** The numbers from `start` to before `end`. */
const range = (start: number, end: number): readonly number[] =>
  Array.from({ length: Math.max(0, end - start) }, (_, k) => start + k);

/** The shorter of two lengths where it divides the longer one. */
function commonFactor(a: Dim, b: Dim): Dim | undefined {
  if (a === 1 || b === 1) return 1;
  if (divide(b, a) !== undefined) return a;
  return divide(a, b) === undefined ? undefined : b;
}

/** Relations of a node that gives `x` the shape of `y` without moving an element. */
export function reshaped(context: StructureContext, x: string, y: string): readonly Relation[] {
  return factorise(context.shape(x), context.shape(y)).flatMap((block, index) =>
    blockRelations(context, x, y, block, index),
  );
}

function blockRelations(
  context: StructureContext,
  x: string,
  y: string,
  block: Block,
  index: number,
): readonly Relation[] {
  const { factors } = block;
  if (!factors) {
    const why = 'a Reshape whose shapes have no common factors';
    return [...fixedAxes(x, block.from, why), ...fixedAxes(y, block.to, why)];
  }
  const sides = [
    { value: x, axes: block.from, side: 'from' as const },
    { value: y, axes: block.to, side: 'to' as const },
  ];
  const alone = (side: 'from' | 'to', at: number) => factors.filter((factor) => factor[side] === at).length === 1;
  // A factor that is a whole axis on one side is named by that axis; otherwise it lives on a virtual axis.
  const refs = factors.map((factor, k): AxisRef => {
    if (alone('from', factor.from)) return axis(x, factor.from);
    if (alone('to', factor.to)) return axis(y, factor.to);
    return context.virtual(`factor${index}.${k}`, factor.length);
  });
  return sides.flatMap(({ value, axes, side }) =>
    axes.flatMap((at): readonly Relation[] => {
      const parts = factors.flatMap((factor, k) => (factor[side] === at ? [refs[k] as AxisRef] : []));
      if (parts.length === 0) return fixedAxes(value, [at], 'an axis of length 1 made by a Reshape');
      const whole = axis(value, at);
      if (parts.length > 1) return [{ kind: 'composite', whole, parts }];
      const part = parts[0] as AxisRef;
      return part.value === value && part.axis === at ? [] : [same(whole, part)];
    }),
  );
}
