/** Operators that move the elements of their first input without changing one: they give it another shape, or turn its axes. */
import type { Node } from '../ir/model.js';
import { intsOf } from '../ir/nodes.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** What a node does with the order of the elements. */
export interface Moved {
  /** For each axis of the output the axis of the input that it is; undefined where all elements stay in their order. */
  readonly turned: readonly number[] | undefined;
}

/** What a node does to an input of so many axes. */
export type MoveRule = (node: Node, rank: number) => Moved;

const reshaped: MoveRule = () => ({ turned: undefined });

const transposed: MoveRule = (node, rank) => ({
  turned: intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis),
});

export const MOVE_RULES: Table<MoveRule> = tableOf<MoveRule>([
  ...rows(['Reshape', 'Flatten', 'Squeeze', 'Unsqueeze'], reshaped),
  ...rows(['Transpose'], transposed),
] satisfies readonly Row<MoveRule>[]);
