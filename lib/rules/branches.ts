/** Operators that run one of several graphs inside them: which one, where that is known before the model runs. */
import type { Dim } from '../ir/dim.js';
import type { Graph, Node } from '../ir/model.js';
import { graphOf } from '../ir/nodes.js';
import { type Row, rows, type Table, tableOf } from './table.js';

/** The graph that runs, told by the known integers of the first input; undefined where they do not tell. */
export type BranchRule = (node: Node, first: readonly Dim[] | undefined) => Graph | undefined;

const branch: BranchRule = (node, first) => {
  const condition = first?.[0];
  if (typeof condition !== 'number') return undefined;
  return graphOf(node, condition === 0 ? 'else_branch' : 'then_branch');
};

export const BRANCH_RULES: Table<BranchRule> = tableOf<BranchRule>([
  ...rows(['If'], branch),
] satisfies readonly Row<BranchRule>[]);
