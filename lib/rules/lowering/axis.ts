/** The attribute `axis`, checked: a file may say anything. */
import { intOf } from '../../ir/nodes.js';
import { axesFromFront } from '../gradient/support.js';
import type { LoweringContext } from './rule.js';

/** An axis of the value, counted from the front. Throws OP_UNSUPPORTED where the value has no such axis. */
export function axisOf(c: LoweringContext, value: string, otherwise: number): number {
  const rank = c.shape(value).length;
  const [axis = 0] = axesFromFront([intOf(c.node, 'axis', otherwise)], rank);
  return Number.isInteger(axis) && axis >= 0 && axis < rank ? axis : c.refuse('its axis is none of its input');
}
