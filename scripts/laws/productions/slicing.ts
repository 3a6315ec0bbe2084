/** Operators that take parts of values and join them. */
import {
  axisAt,
  channelLen,
  channelOf,
  divides,
  elementsOf,
  fixedLen,
  holdsNeurons,
  type Len,
  minus,
  type Open,
  otherAxes,
  plus,
  quotient,
  rankOf,
  sameLen,
  several,
  withLen,
  without,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { type Production, ROOM } from '../production.js';
import { named } from '../text.js';

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

export const slicing: readonly Production[] = [
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
];
