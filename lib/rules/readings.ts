/** Operators that, used in one way, give their first input nothing but another shape. */
import type { Shape } from '../ir/dim.js';
import type { Node } from '../ir/model.js';
import { intOf } from '../ir/nodes.js';
import { countsAll, rampOf } from './shape/ramps.js';
import type { Facts } from './shape/rule.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** The shape that the node gives its first input; undefined where it does something else. */
export type ReadingRule = (node: Node, input: (index: number) => Facts | undefined) => Shape | undefined;

/** Indices that count all elements of a vector in order (PyTorch's as_strided of what lies in order). */
const gather: ReadingRule = (node, input) => {
  const [data, indices] = [input(0)?.shape, input(1)];
  const [length] = data ?? [];
  const ramp = rampOf(indices);
  if (data?.length !== 1 || length === undefined || !indices?.shape || !ramp || intOf(node, 'axis', 0) > 0)
    return undefined;
  return countsAll(ramp, indices.shape, length) ? indices.shape : undefined;
};

export const READING_RULES: Table<ReadingRule> = tableOf<ReadingRule>([
  ...rows(['Gather'], gather),
] satisfies readonly Row<ReadingRule>[]);
