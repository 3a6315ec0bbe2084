/** Attributes of layers that count neurons: groups, heads, hidden units. */
import { intOf, intsOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { ResizeRule } from './rule.js';
import { inputName } from './support.js';

/** The number of groups follows the input channels; a kernel as long as an axis follows that. */
const conv: ResizeRule = (context) => {
  const weight = inputName(context, 1);
  const group = intOf(context.node, 'group', 1);
  const [channels, each] = [context.after(inputName(context, 0))[1], context.after(weight)[1]];
  const counted = typeof channels === 'number' && typeof each === 'number' ? channels / each : group;
  const [kernel, after] = [intsOf(context.node, 'kernel_shape'), context.after(weight).slice(2)];
  const stale = kernel?.some((length, at) => length !== after[at]);
  if ((group === 1 || counted === group) && !stale) return undefined;
  return {
    int: new Map(group === 1 || counted === group ? [] : [['group', counted]]),
    ints: new Map(stale ? [['kernel_shape', after as readonly number[]]] : []),
  };
};

const convTranspose: ResizeRule = (context) => {
  const before = intOf(context.node, 'group', 1);
  const groups = context.factor('group', before);
  return groups === before ? undefined : { int: new Map([['group', groups]]) };
};

/** How many groups are left where whole groups went. */
const groupNorm: ResizeRule = (context) => {
  const before = intOf(context.node, 'num_groups', 1);
  const groups = context.factor('group', before);
  return groups === before ? undefined : { int: new Map([['num_groups', groups]]) };
};

/** How many hidden units a recurrent layer has; where the attribute is left out the weights say it. */
const recurrent: ResizeRule = (context) => {
  const before = intOf(context.node, 'hidden_size', undefined);
  if (before === undefined) return undefined;
  const hidden = context.factor('hidden', before);
  return hidden === before ? undefined : { int: new Map([['hidden_size', hidden]]) };
};

export const layerResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['ConvTranspose'], convTranspose),
  ...rows(['DeformConv'], conv, 19),
  ...rows(['GroupNormalization'], groupNorm, 18),
  ...rows(['LSTM', 'GRU', 'RNN'], recurrent, 7),
];
