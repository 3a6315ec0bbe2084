/** Reductions, copies and zeros along axes, and Softmax. */
import {
  type Axis,
  axisAt,
  channelLen,
  elementsOf,
  fixedLen,
  type Open,
  otherAxes,
  plus,
  rankOf,
  several,
  times,
  withLen,
  without,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { type Production, ROOM } from '../production.js';
import { reduceNode } from '../reduce.js';
import { named } from '../text.js';

const SUMS = ['ReduceMean', 'ReduceMean', 'ReduceSum'] as const;
const OTHER = ['ReduceMax', 'ReduceMin', 'ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'ReduceLogSumExp'] as const;

/** A reduction over axes without neurons. */
function reduce(d: Draft, x: Open, ops: readonly string[]): Open {
  const others = otherAxes(x).filter((axis) => axisAt(x, axis).role === 'fixed');
  const gone = d.chance(0.6) ? others : [d.oneOf(others)];
  const keep = d.chance(0.4);
  const name = reduceNode(d, d.oneOf(ops), x.name, gone, keep, rankOf(x));
  const one = (axis: Axis, at: number): Axis => (gone.includes(at) ? { ...axis, len: fixedLen(1) } : axis);
  const before = gone.filter((axis) => axis < x.channel).length;
  return keep
    ? { ...x, name, axes: x.axes.map(one) }
    : { ...x, name, axes: without(x, gone), channel: x.channel - before };
}

/** A reduction over the neurons themselves: they influence each other. */
function reduceChannels(d: Draft, x: Open): Open {
  const name = reduceNode(d, d.oneOf([...SUMS, 'ReduceMax', 'ReduceL2']), x.name, [x.channel], true, rankOf(x));
  const axes = x.axes.map((axis, at): Axis => (at === x.channel ? { role: 'fixed', len: fixedLen(1) } : axis));
  // Used as a gate of what it was made of.
  return d.chance(0.6) ? d.like(x, `Mul(${x.name}, ${d.node(`Sigmoid(${name})`)})`) : { ...x, name, axes };
}

/** Copies one behind the other along an axis without neurons. */
function tile(d: Draft, x: Open): Open {
  const axis = d.oneOf(otherAxes(x));
  const repeats = x.axes.map((_, at) => (at === axis ? 2 : 1));
  return d.as(x, `Tile(${x.name}, ${d.ints(repeats)})`, withLen(x, axis, times(axisAt(x, axis).len, fixedLen(2))));
}

/** Zeros beside the channels. */
function padChannels(d: Draft, x: Open): Open {
  const rank = rankOf(x);
  const pads = Array.from({ length: 2 * rank }, (_, i) => (i % rank === x.channel ? d.int(0, 1) : 0));
  const more = (pads[x.channel] as number) + (pads[rank + x.channel] as number);
  return d.as(x, `Pad(${x.name}, ${d.ints(pads)})`, withLen(x, x.channel, plus(channelLen(x), fixedLen(more))));
}

/** A softmax over the channels, or over an axis without neurons. */
function softmax(d: Draft, x: Open): Open {
  const others = otherAxes(x);
  const axis = others.length > 0 && d.chance(0.7) ? d.oneOf(others) : x.channel;
  return d.like(x, `${d.oneOf(['Softmax', 'Softmax', 'LogSoftmax'])}(${x.name}) {axis: ${named(d, x, axis)}}`);
}

const hasOthers = (x: Open): boolean => otherAxes(x).some((axis) => axisAt(x, axis).role === 'fixed');

export const reducing: readonly Production[] = [
  { name: 'reduce', weight: 1.5, affine: true, double: true, fits: hasOthers, grow: (d, x) => [reduce(d, x, SUMS)] },
  { name: 'other reduce', double: true, fits: hasOthers, grow: (d, x) => [reduce(d, x, OTHER)] },
  { name: 'reduce channels', weight: 0.3, double: true, fits: several, grow: (d, x) => [reduceChannels(d, x)] },
  {
    name: 'tile',
    weight: 0.3,
    affine: true,
    double: true,
    fits: (x) => hasOthers(x) && elementsOf(x) <= ROOM,
    grow: (d, x) => [tile(d, x)],
  },
  {
    name: 'pad channels',
    weight: 0.3,
    affine: true,
    double: true,
    fits: () => true,
    grow: (d, x) => [padChannels(d, x)],
  },
  { name: 'softmax', weight: 0.7, double: true, fits: several, grow: (d, x) => [softmax(d, x)] },
];
