/** Attributes of layers that count neurons: groups, heads, hidden units. */
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { ResizeRule } from './rule.js';
import { inputName } from './support.js';

/** The number of groups follows the input channels. */
const conv: ResizeRule = (context) => {
  const group = intOf(context.node, 'group', 1);
  const [channels, each] = [context.after(inputName(context, 0))[1], context.after(inputName(context, 1))[1]];
  if (group === 1 || typeof channels !== 'number' || typeof each !== 'number' || channels / each === group)
    return undefined;
  return { int: new Map([['group', channels / each]]) };
};

/** How many groups are left where whole groups went. */
const groupNorm: ResizeRule = (context) => {
  const before = intOf(context.node, 'num_groups', 1);
  const groups = context.factor('group', before);
  return groups === before ? undefined : { int: new Map([['num_groups', groups]]) };
};

export const layerResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['GroupNormalization'], groupNorm, 18),
];
