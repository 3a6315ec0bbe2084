/** Targets of a Reshape, as exporters write them: constants with 0 and -1, or computed from shapes in the graph. */
import { type Axis, axisAt, type Open, rankOf, sameLen } from './axes.js';
import type { Draft } from './draft.js';

/**
 * The target that gives `x` other axes. `copies` allows 0 for a length that stays in its place: it must not be used where the
 * operand of the Reshape is not `x` itself.
 */
export function target(d: Draft, x: Open, axes: readonly Axis[], copies = true): string {
  return d.chance(0.25) ? computed(d, x, axes) : d.ints(told(d, x, axes, copies));
}

const stays = (x: Open, axis: Axis, at: number): boolean => at < rankOf(x) && sameLen(axisAt(x, at).len, axis.len);

/** Lengths, one of them as -1 where the batch is open. */
function told(d: Draft, x: Open, axes: readonly Axis[], copies: boolean): readonly number[] {
  const kept = axes.map((axis, at) => copies && stays(x, axis, at) && d.chance(0.3));
  const open = axes.findIndex(({ role }, at) => role === 'batch' && !kept[at]);
  const others = [...axes.keys()].filter((at) => !kept[at]);
  const rest = d.setup.symbolic ? open : others.length > 0 && d.chance(0.4) ? d.oneOf(others) : -1;
  return axes.map(({ len }, at) => (kept[at] ? 0 : at === rest ? -1 : d.at(len)));
}

/** Shape, Gather, Unsqueeze and Concat, as older exporters write what was `x.size(0)` or `x.shape[1] * x.shape[2]`. */
function computed(d: Draft, x: Open, axes: readonly Axis[]): string {
  const shape = d.node(`Shape(${x.name})`);
  const open = axes.findIndex(({ role }) => role === 'batch');
  const free = d.setup.symbolic && open >= 0 && !sameLen(axisAt(x, 0).len, (axes[open] as Axis).len) ? open : -1;
  const parts = axes.map((axis, at): string => {
    if (at === free) return d.ints([-1]);
    const source = x.axes.findIndex((each) => sameLen(each.len, axis.len) && each.role === axis.role);
    const from = source >= 0 && (axis.role === 'batch' || d.chance(0.5)) ? source : -1;
    return from >= 0 ? measured(d, shape, from) : d.ints([d.at(axis.len)]);
  });
  return d.node(`Concat(${parts.join(', ')}) {axis: 0}`);
}

function measured(d: Draft, shape: string, axis: number): string {
  if (d.chance(0.3)) return d.node(`Slice(${shape}, ${d.ints([axis])}, ${d.ints([axis + 1])})`);
  return d.node(`Unsqueeze(${d.node(`Gather(${shape}, ${d.ints([axis], [])}) {axis: 0}`)}, ${d.ints([0])})`);
}
