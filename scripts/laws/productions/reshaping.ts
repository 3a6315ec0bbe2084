/** Operators that give values other axes: permutations, and Reshape in all its uses. */
import {
  type Axis,
  axisAt,
  channelLen,
  channelOf,
  divides,
  elementsOf,
  fixedLen,
  isLast,
  isLen,
  isSpatial,
  type Len,
  type Open,
  otherAxes,
  productOf,
  quotient,
  rankOf,
  times,
  without,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { type Production, ROOM } from '../production.js';
import { target } from '../target.js';
import { list, named } from '../text.js';

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

/** One number of each pair divides what is left: the factors of a length, of which some may be 1. */
function factorsOf(d: Draft, len: Len, count: number): readonly Len[] {
  const factors: Len[] = [];
  let rest = len;
  for (let i = 1; i < count; i++) {
    const by = d.oneOf([1, 2, 2, 3, 4].filter((each) => divides(each, rest)));
    factors.push(fixedLen(by));
    rest = quotient(rest, by);
  }
  const at = d.int(0, count - 1);
  return [...factors.slice(0, at), rest, ...factors.slice(at)];
}

/** The factors of one axis in another order (a channel shuffle), or those of two axes (windows), and back to the same shape. */
function shuffle(d: Draft, x: Open): Open {
  const start = d.int(1, rankOf(x) - 1);
  const two = start + 1 < rankOf(x) && start !== x.channel && start + 1 !== x.channel && d.chance(0.5);
  const end = two ? start + 2 : start + 1;
  const factors = x.axes
    .slice(start, end)
    .flatMap(({ role, len }) => factorsOf(d, len, two ? 2 : 3).map((each): Axis => ({ role, len: each })));
  const apart = [...x.axes.slice(0, start), ...factors, ...x.axes.slice(end)];
  const inner = d.order(factors.length).map((at) => at + start);
  const perm = [...apart.keys()].map((at) => inner[at - start] ?? at);
  const shaped = d.node(`Reshape(${x.name}, ${target(d, x, apart)})`);
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

const regroups = (x: Open): boolean =>
  [2, 3, 4].some((each) => divides(each, channelLen(x)) && !channelLen(x).includes(each)) && rankOf(x) < 5;

export const reshaping: readonly Production[] = [
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
    name: 'shuffle',
    weight: 1.5,
    affine: true,
    double: true,
    fits: (x) => rankOf(x) < 5,
    grow: (d, x) => [shuffle(d, x)],
  },
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
];
