/** Operators that make real numbers of known integers: sqrt(head size) read off a Shape, as older exporters write it. */
import { REAL_TYPES } from '../ir/dtype.js';
import type { Node } from '../ir/model.js';
import { intOf } from '../ir/nodes.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** The type of the real numbers that the node makes of its integers; undefined where it makes none. */
export type CountRule = (node: Node) => number | undefined;

const cast: CountRule = (node) => {
  const to = intOf(node, 'to', 0);
  return REAL_TYPES.has(to) ? to : undefined;
};

export const COUNT_RULES: Table<CountRule> = tableOf<CountRule>([
  ...rows(['Cast'], cast),
] satisfies readonly Row<CountRule>[]);
