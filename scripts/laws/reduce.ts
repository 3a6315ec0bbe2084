/** Reductions, whose axes moved from an attribute to an operand. */
import type { Draft } from './draft.js';

/** A reduction over axes, as the graph's opset writes it. */
export function reduceNode(
  d: Draft,
  op: string,
  x: string,
  axes: readonly number[],
  keep: boolean,
  rank: number,
): string {
  const named = d.chance(0.3) ? axes.map((axis) => axis - rank) : axes;
  const operand = d.opset >= (op === 'ReduceSum' ? 13 : 18);
  const keepdims = keep && d.chance(0.5) ? [] : [`keepdims: ${keep ? 1 : 0}`];
  const attributes = operand ? keepdims : [`axes: [${named.join(', ')}]`, ...keepdims];
  return d.node(`${op}(${operand ? `${x}, ${d.ints(named)}` : x}) {${attributes.join(', ')}}`);
}
