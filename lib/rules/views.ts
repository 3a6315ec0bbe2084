/** Operators that only show a constant otherwise: a layer behind one has that constant as its weight. */
import type { Node } from '../ir/model.js';
import { intsOf } from '../ir/nodes.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** For each axis of the output the axis of the input that it is. */
export type ViewRule = (node: Node, rank: number) => readonly number[];

const asItIs: ViewRule = (_, rank) => Array.from({ length: rank }, (_, axis) => axis);

const transposed: ViewRule = (node, rank) =>
  intsOf(node, 'perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis);

export const VIEW_RULES: Table<ViewRule> = tableOf<ViewRule>([
  ...rows(['Identity', 'Cast'], asItIs),
  ...rows(['Transpose'], transposed),
] satisfies readonly Row<ViewRule>[]);
