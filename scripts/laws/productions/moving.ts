/** Operators that move data: slices, joins, permutations, reshapes. */
import {
  type Axis,
  axisAt,
  channelOf,
  divides,
  elementsOf,
  fixedLen,
  holdsNeurons,
  isLast,
  isLen,
  isSpatial,
  type Len,
  minus,
  type Open,
  otherAxes,
  plus,
  productOf,
  quotient,
  rankOf,
  sameLen,
  times,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { type Production, ROOM } from '../production.js';
import { reduceNode } from '../reduce.js';
import { target } from '../target.js';

const withLen = (x: Open, axis: number, len: Len): readonly Axis[] =>
  x.axes.map((each, at) => (at === axis ? { ...each, len } : each));

const without = (x: Open, gone: readonly number[]): readonly Axis[] => x.axes.filter((_, at) => !gone.includes(at));

const channelLen = (x: Open): Len => channelOf(x).len;

const list = (values: readonly number[]): string => `[${values.join(', ')}]`;

/** An axis as attributes name it, now and then from the end. */
const named = (d: Draft, x: Open, axis: number): number => (d.chance(0.3) ? axis - rankOf(x) : axis);

const OPEN_END = 9223372036854775000;

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

function slice(d: Draft, x: Open, axis: number, { start, end, step }: Range, len: Len): Open {
  const operands = [[start], [end], [named(d, x, axis)], ...(step === 1 && d.chance(0.5) ? [] : [[step]])];
  const text = `Slice(${[x.name, ...operands.map((each) => d.ints(each))].join(', ')})`;
  return d.as(x, text, withLen(x, axis, len));
}

/** Part of the channels: the first, the last, or every second, or all of them from behind. */
function sliceChannels(d: Draft, x: Open): Open {
  const len = channelLen(x);
  const own = d.at(len);
  const part = len.map((each) => Math.max(1, Math.floor(each / d.setup.cut)));
  const kind = d.oneOf(['first', 'last', 'reversed', 'second'] as const);
  switch (kind) {
    case 'first':
      return slice(d, x, x.channel, { start: 0, end: d.at(part), step: 1 }, part);
    case 'last':
      return slice(d, x, x.channel, { start: -d.at(part), end: OPEN_END, step: 1 }, part);
    case 'reversed':
      return slice(d, x, x.channel, { start: d.oneOf([-1, own - 1]), end: -OPEN_END, step: -1 }, len);
    case 'second':
      return slice(
        d,
        x,
        x.channel,
        { start: 0, end: own, step: 2 },
        len.map((each) => Math.ceil(each / 2)),
      );
  }
}

/** A crop of an axis without neurons. */
function crop(d: Draft, x: Open): Open {
  const axis = d.oneOf(longAxes(x));
  const length = d.at(axisAt(x, axis).len);
  const [start, end] = d.oneOf([
    [0, length - 1],
    [1, OPEN_END],
    [-(length - 1), length],
  ] as const);
  return slice(d, x, axis, { start, end, step: 1 }, fixedLen(length - 1));
}

const longAxes = (x: Open): readonly number[] =>
  otherAxes(x).filter((axis) => axisAt(x, axis).role === 'fixed' && Math.min(...axisAt(x, axis).len) > 1);

/** Two parts of the channels, equal or not. */
function split(d: Draft, x: Open): readonly [Open, Open] {
  const len = channelLen(x);
  const even = divides(2, len) && d.chance(0.6);
  const first = even ? quotient(len, 2) : len.map((each) => Math.max(1, Math.floor(each / 3)));
  const sizes = [first, minus(len, first)];
  const axis = `axis: ${named(d, x, x.channel)}`;
  const bare = even && d.chance(0.6);
  const counted = bare && d.opset >= 18 ? ', num_outputs: 2' : '';
  const operand = bare ? '' : `, ${d.ints(sizes.map((each) => d.at(each)))}`;
  const [a, b] = d.nodeOf(2, `Split(${x.name}${operand}) {${axis}${counted}}`) as readonly [string, string];
  const part = (name: string, each: Len): Open => ({ ...x, name, axes: withLen(x, x.channel, each) });
  return [part(a, sizes[0] as Len), part(b, sizes[1] as Len)];
}

const joined = (d: Draft, parts: readonly Open[], role = channelOf(parts[0] as Open).role): Open => {
  const [first] = parts as readonly [Open];
  const len = parts.map(channelLen).reduce(plus);
  const axes = first.axes.map((axis, at) => (at === first.channel ? { role, len } : axis));
  const names = parts.map(({ name }) => name).join(', ');
  return d.as(first, `Concat(${names}) {axis: ${named(d, first, first.channel)}}`, axes);
};

/** Halves that gate each other, change places, or go on apart. */
function halves(d: Draft, x: Open): readonly Open[] {
  const [a, b] = split(d, x);
  const kind = d.oneOf(['gate', 'swap', 'apart'] as const);
  if (kind === 'gate' && sameLen(channelLen(a), channelLen(b)))
    return [d.like(a, `Mul(${a.name}, ${d.node(`Sigmoid(${b.name})`)})`)];
  return kind === 'apart' ? [a, b] : [joined(d, [b, a])];
}

/** Values that agree but for their channels. */
const joinable = (x: Open, d: Draft): readonly Open[] =>
  d.open.filter(
    (each) =>
      each.closed === x.closed &&
      each.channel === x.channel &&
      rankOf(each) === rankOf(x) &&
      elementsOf(each) + elementsOf(x) <= 2 * ROOM &&
      each.axes.every(
        (axis, at) => at === x.channel || (sameLen(axis.len, axisAt(x, at).len) && axis.role === axisAt(x, at).role),
      ),
  );

/** Beside something earlier: another value, an input, or itself. */
function concat(d: Draft, x: Open): Open {
  const others = Array.from({ length: d.int(1, 2) }, () => d.oneOf(joinable(x, d)));
  const all = d.chance(0.5) ? [x, ...others] : [...others, x];
  return joined(d, all, all.some(holdsNeurons) ? 'neurons' : channelOf(x).role);
}

/** Channels picked by their numbers. */
function gather(d: Draft, x: Open): Open {
  const len = channelLen(x);
  const count = len.map((each) => Math.max(1, each - d.setup.cut + 2));
  const order = d.order(Math.max(...len));
  const own = d.at(len);
  const picks = order.filter((at) => at < own).slice(0, d.at(count));
  const indices = d.setup.cut === 2 ? picks : picks.map((at) => at - own);
  return d.as(
    x,
    `Gather(${x.name}, ${d.ints(indices)}) {axis: ${named(d, x, x.channel)}}`,
    withLen(x, x.channel, count),
  );
}

/** One position of an axis without neurons: the first token of a sequence. */
function pickOne(d: Draft, x: Open): Open {
  const axis = d.oneOf(longAxes(x));
  const scalar = d.chance(0.6);
  const text = `Gather(${x.name}, ${d.ints([0], scalar ? [] : [1])}) {axis: ${named(d, x, axis)}}`;
  if (!scalar) return d.as(x, text, withLen(x, axis, fixedLen(1)));
  return d.as(x, text, without(x, [axis]), x.channel > axis ? x.channel - 1 : x.channel);
}

/** Any order of the axes behind the batch. */
function transpose(d: Draft, x: Open): Open {
  const inner = d.order(rankOf(x) - 1).map((at) => at + 1);
  const perm = d.chance(0.5) && rankOf(x) > 2 ? rotated(x) : [0, ...inner];
  const axes = perm.map((at) => axisAt(x, at));
  return d.as(x, `Transpose(${x.name}) {perm: ${list(perm)}}`, axes, perm.indexOf(x.channel));
}

/** Channels last where they were first, and back. */
const rotated = (x: Open): readonly number[] => {
  const others = otherAxes(x);
  return isLast(x) ? [0, x.channel, ...others] : [0, ...others, x.channel];
};

const merged = (axes: readonly Axis[]): Axis => ({
  role: axes.some(({ role }) => role === 'neurons') ? 'neurons' : (axes[0]?.role ?? 'fixed'),
  len: productOf(axes.map(({ len }) => len)),
});

/** All axes but the batch as one. */
function flatten(d: Draft, x: Open): Open {
  const columns = merged(x.axes.slice(1));
  const axes = [axisAt(x, 0), columns];
  const text = d.chance(0.4) ? `Flatten(${x.name})` : `Reshape(${x.name}, ${target(d, x, axes)})`;
  return d.as(x, text, axes, 1);
}

/** Two neighbouring axes as one. */
function merge(d: Draft, x: Open): Open {
  const at = d.int(1, rankOf(x) - 2);
  const one = merged([axisAt(x, at), axisAt(x, at + 1)]);
  const axes = [...x.axes.slice(0, at), one, ...x.axes.slice(at + 2)];
  const channel = x.channel > at ? x.channel - 1 : x.channel;
  return d.as(x, `Reshape(${x.name}, ${target(d, x, axes)})`, axes, channel);
}

/** Samples and another axis as one, as layers over all tokens at once have them; and back behind an activation. */
function foldBatch(d: Draft, x: Open): Open {
  const rows = times(axisAt(x, 0).len, axisAt(x, 1).len);
  const axes: readonly Axis[] = [{ role: 'batch', len: rows }, axisAt(x, 2)];
  const flat = d.node(`Reshape(${x.name}, ${d.ints([-1, d.at(axisAt(x, 2).len)])})`);
  const active = d.like({ ...x, name: flat, axes, channel: 1 }, `Tanh(${flat})`);
  return d.as(active, `Reshape(${active.name}, ${target(d, x, x.axes, false)})`, x.axes, x.channel);
}

/** The channels as (outer, inner) and back in the other order: a channel shuffle, whole heads, or nothing in between. */
function regroup(d: Draft, x: Open): Open {
  const len = channelLen(x);
  const inner = d.oneOf([2, 3, 4].filter((each) => divides(each, len) && !isLen(len, each)));
  const [a, b] = d.chance(0.5) ? [quotient(len, inner), fixedLen(inner)] : [fixedLen(inner), quotient(len, inner)];
  const c = x.channel;
  const role = channelOf(x).role;
  const parts: readonly Axis[] = [a, b].map((each) => ({ role, len: each }));
  const apart = [...x.axes.slice(0, c), ...parts, ...x.axes.slice(c + 1)];
  const shaped = d.node(`Reshape(${x.name}, ${target(d, x, apart)})`);
  if (d.chance(0.4)) return d.as(x, `Reshape(${d.node(`Tanh(${shaped})`)}, ${target(d, x, x.axes, false)})`, x.axes);
  const perm = [...apart.keys()].map((at) => (at === c ? c + 1 : at === c + 1 ? c : at));
  const turned = d.node(`Transpose(${shaped}) {perm: ${list(perm)}}`);
  return d.as(x, `Reshape(${turned}, ${target(d, x, x.axes, false)})`, x.axes);
}

/** Four channels as two by two pixels. */
function pixelShuffle(d: Draft, x: Open): Open {
  const [n, c, h, w] = x.axes as readonly [Axis, Axis, Axis, Axis];
  const two: Axis = { role: 'fixed', len: fixedLen(2) };
  const few: Axis = { ...c, len: quotient(c.len, 4) };
  const apart = d.node(`Reshape(${x.name}, ${target(d, x, [n, few, two, two, h, w])})`);
  const turned = d.node(`Transpose(${apart}) {perm: [0, 1, 4, 2, 5, 3]}`);
  const twice = (axis: Axis): Axis => ({ ...axis, len: times(axis.len, fixedLen(2)) });
  const axes = [n, few, twice(h), twice(w)];
  return d.as(x, `Reshape(${turned}, ${target(d, x, axes, false)})`, axes);
}

function unsqueeze(d: Draft, x: Open): Open {
  const at = d.int(1, rankOf(x));
  const one: Axis = { role: 'fixed', len: fixedLen(1) };
  const axes = [...x.axes.slice(0, at), one, ...x.axes.slice(at)];
  return d.as(x, `Unsqueeze(${x.name}, ${d.ints([at])})`, axes, x.channel >= at ? x.channel + 1 : x.channel);
}

const single = (x: Open): readonly number[] => otherAxes(x).filter((axis) => isLen(axisAt(x, axis).len, 1));

function squeeze(d: Draft, x: Open): Open {
  const gone = d.oneOf(single(x));
  const channel = x.channel > gone ? x.channel - 1 : x.channel;
  return d.as(x, `Squeeze(${x.name}, ${d.ints([named(d, x, gone)])})`, without(x, [gone]), channel);
}

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
const several = (x: Open): boolean => Math.min(...channelLen(x)) > 1;
const regroups = (x: Open): boolean =>
  [2, 3, 4].some((each) => divides(each, channelLen(x)) && !channelLen(x).includes(each)) && rankOf(x) < 5;

export const moving: readonly Production[] = [
  { name: 'slice', weight: 1.5, double: true, fits: several, grow: (d, x) => [sliceChannels(d, x)] },
  {
    name: 'crop',
    affine: true,
    double: true,
    fits: (x) => longAxes(x).length > 0,
    grow: (d, x) => [crop(d, x)],
  },
  { name: 'split', weight: 3, affine: true, double: true, fits: several, grow: halves },
  {
    name: 'concat',
    weight: 4,
    affine: true,
    double: true,
    fits: (x, d) => joinable(x, d).length > 0,
    grow: (d, x) => [concat(d, x)],
  },
  { name: 'gather', weight: 0.4, double: true, fits: several, grow: (d, x) => [gather(d, x)] },
  {
    name: 'pick one',
    affine: true,
    double: true,
    fits: (x) => longAxes(x).length > 0,
    grow: (d, x) => [pickOne(d, x)],
  },
  {
    name: 'transpose',
    weight: 2,
    affine: true,
    double: true,
    fits: (x) => rankOf(x) > 2,
    grow: (d, x) => [transpose(d, x)],
  },
  {
    name: 'flatten',
    weight: 2,
    affine: true,
    double: true,
    fits: (x) => rankOf(x) > 2,
    grow: (d, x) => [flatten(d, x)],
  },
  { name: 'merge', affine: true, double: true, fits: (x) => rankOf(x) > 3, grow: (d, x) => [merge(d, x)] },
  {
    name: 'fold batch',
    double: true,
    fits: (x) => rankOf(x) === 3 && isLast(x) && axisAt(x, 1).role === 'fixed',
    grow: (d, x) => [foldBatch(d, x)],
  },
  { name: 'regroup', weight: 1.5, double: true, fits: regroups, grow: (d, x) => [regroup(d, x)] },
  {
    name: 'pixel shuffle',
    affine: true,
    double: true,
    fits: (x) => isSpatial(x) && rankOf(x) === 4 && divides(4, channelLen(x)) && elementsOf(x) <= ROOM,
    grow: (d, x) => [pixelShuffle(d, x)],
  },
  {
    name: 'unsqueeze',
    affine: true,
    double: true,
    fits: (x) => rankOf(x) < 5,
    grow: (d, x) => [unsqueeze(d, x)],
  },
  {
    name: 'squeeze',
    weight: 2,
    affine: true,
    double: true,
    fits: (x) => single(x).length > 0 && rankOf(x) > 2,
    grow: (d, x) => [squeeze(d, x)],
  },
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
