/** Operators that only pick positions along an axis of their first input: of a constant they make smaller constants. */
import { type Dim, isSymbolic } from '../ir/dim.js';
import type { Node } from '../ir/model.js';
import { intOf, intsOf } from '../ir/nodes.js';
import { slicePositions, sliceRanges } from './shape/moving.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** What one output is of the input: the positions on some axes, in order; of the others it has all. */
export interface Picked {
  readonly positions: ReadonlyMap<number, readonly number[]>;
  /** An axis of which a single position is left, and no axis with it. */
  readonly dropped?: number;
}

export interface PickContext {
  readonly node: Node;
  readonly opset: number;
  /** Lengths of the constant. */
  readonly dims: readonly number[];
  /** Known integers of an input. */
  content(index: number): readonly Dim[] | undefined;
  /** Axes of an input; undefined where they are not known. */
  rank(index: number): number | undefined;
}

/** What each output is; undefined where that is known only when the model runs. */
export type PickRule = (context: PickContext) => readonly Picked[] | undefined;

const numbersAt = (context: PickContext, index: number): readonly number[] | undefined => {
  const content = context.content(index);
  return content?.some(isSymbolic) ? undefined : (content as readonly number[] | undefined);
};

const stretch = (start: number, length: number): readonly number[] => Array.from({ length }, (_, i) => start + i);

const split: PickRule = (context) => {
  const { node, dims } = context;
  const axis = (intOf(node, 'axis', 0) + dims.length) % dims.length;
  const told = (node.inputs[1] ?? '') !== '';
  const length = dims[axis] as number;
  const even = Math.ceil(length / node.outputs.length);
  const sizes = told ? numbersAt(context, 1) : (intsOf(node, 'split') ?? node.outputs.map(() => even));
  return sizes?.map((size, i) => {
    const start = sizes.slice(0, i).reduce((a, b) => a + b, 0);
    return { positions: new Map([[axis, stretch(start, Math.min(size, length - start))]]) };
  });
};

const slice: PickRule = (context) => {
  const { node, opset, dims } = context;
  const input = (index: number) => ({ dtype: undefined, shape: undefined, content: context.content(index) });
  const ranges = sliceRanges({ node, opset, input }, dims.length);
  const picks = ranges?.map((range) => [range.axis, slicePositions(dims[range.axis] as number, range)] as const);
  const known = picks?.flatMap(([axis, positions]) => (positions ? [[axis, positions] as const] : []));
  return known && known.length === picks?.length ? [{ positions: new Map(known) }] : undefined;
};

/** One position, or a list of them. */
const gather: PickRule = (context) => {
  const { node, dims } = context;
  const axis = (intOf(node, 'axis', 0) + dims.length) % dims.length;
  const [indices, rank] = [numbersAt(context, 1), context.rank(1)];
  const length = dims[axis] as number;
  if (!indices || rank === undefined || rank > 1) return undefined;
  const positions = new Map([[axis, indices.map((index) => (index < 0 ? index + length : index))]]);
  return [rank === 0 ? { positions, dropped: axis } : { positions }];
};

export const PICK_RULES: Table<PickRule> = tableOf<PickRule>([
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(['Gather'], gather),
] satisfies readonly Row<PickRule>[]);
