/** What leads from open values to outputs. */
import {
  type Axis,
  axisAt,
  channelOf,
  elementsOf,
  isFixed,
  isLast,
  isSpatial,
  type Open,
  productOf,
  rankOf,
} from './axes.js';
import type { Draft } from './draft.js';
import { convolve, linear, positions } from './layers.js';
import { reduceNode } from './reduce.js';

const flat = (d: Draft, x: Open): Open => {
  const columns: Axis = { role: 'neurons', len: productOf(x.axes.slice(1).map(({ len }) => len)) };
  return { ...d.as(x, `Flatten(${x.name})`, [axisAt(x, 0), columns]), channel: 1 };
};

const pooled = (d: Draft, x: Open): Open => {
  const axes = [axisAt(x, 0), channelOf(x)];
  const name = reduceNode(d, 'ReduceMean', x.name, [...x.axes.keys()].slice(2), false, rankOf(x));
  return { ...x, name, axes };
};

const channelsLast = (d: Draft, x: Open): Open => {
  const perm = [...[...x.axes.keys()].filter((at) => at !== x.channel), x.channel];
  const axes = perm.map((at) => axisAt(x, at));
  return d.as(x, `Transpose(${x.name}) {perm: [${perm.join(', ')}]}`, axes, rankOf(x) - 1);
};

/** Channels and pixels contracted at once, each output position for itself. */
const mapped = (d: Draft, x: Open, to: Axis): Open => convolve(d, x, to, d.chance(0.5));

/** The layer in front of an output: its results are no neurons. */
export function close(d: Draft, x: Open): Open {
  const to = positions(d.int(1, 4));
  // Neurons on a second axis must not reach the output.
  const two = x.axes.some(({ role }, at) => role === 'neurons' && at !== x.channel);
  const whole = two || (elementsOf(x) <= 300 && d.chance(0.35));
  const made =
    whole && rankOf(x) > 2
      ? linear(d, flat(d, x), to)
      : isSpatial(x)
        ? !d.setup.double && d.chance(0.5)
          ? mapped(d, x, to)
          : linear(d, pooled(d, x), to)
        : linear(d, isLast(x) ? x : channelsLast(d, x), to);
  return { ...made, closed: true };
}

/** Values that can be an output as they are, because all members have them at one size. */
export const isExposable = (x: Open): boolean => x.name.startsWith('v') && x.axes.every(({ len }) => isFixed(len));
