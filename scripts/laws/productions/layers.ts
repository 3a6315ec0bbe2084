/** Layers that make new neurons. */
import type { Node } from '../../../lib/ir/model.js';
import {
  type Axis,
  axisAt,
  channelOf,
  divides,
  elementsOf,
  fixedLen,
  isLast,
  isSpatial,
  type Len,
  type Open,
  quotient,
  rankOf,
  sameLen,
  times,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { behind, convolve, linear, neurons, spatialOf, windowOver } from '../layers.js';
import { type Production, ROOM } from '../production.js';

const ACTIVATIONS = ['Relu', 'Tanh', 'Sigmoid'] as const;

/** Most layers have an activation behind them. */
const activated = (d: Draft, x: Open): Open => (d.chance(0.7) ? d.like(x, `${d.oneOf(ACTIVATIONS)}(${x.name})`) : x);

const roomy = (x: Open): boolean => elementsOf(x) <= 2 * ROOM;

/** Divisors of the channels that can be the channels of one group, or their number. */
const sharesOf = (len: Len): readonly number[] => [1, 2, 3, 4].filter((each) => divides(each, len));

/** A convolution in groups of a fixed size: how many there are follows the width. */
function grouped(d: Draft, x: Open): Open {
  const from = channelOf(x).len;
  const inner = d.oneOf(sharesOf(from));
  const groups = quotient(from, inner);
  const outer = d.oneOf([1, 2, inner]);
  const to = times(groups, fixedLen(outer));
  const window = windowOver(d, x, { dilated: true });
  const fan = fixedLen(inner * window.kernel.reduce((a, b) => a * b, 1));
  const w = d.weight([to, fixedLen(inner), ...window.kernel.map(fixedLen)], fan);
  const b = d.chance(0.5) ? `, ${d.vector([to])}` : '';
  const attributes = [`group: ${d.at(groups)}`, ...window.attributes].join(', ');
  return d.as(x, `Conv(${x.name}, ${w}${b}) {${attributes}}`, behind(x, neurons(to), window.spatial));
}

/** A transposed convolution, which makes the spatial axes longer. */
function transposed(d: Draft, x: Open): Open {
  const from = channelOf(x).len;
  const groups = d.chance(0.05) && divides(2, from) ? 2 : 1;
  const each = d.width();
  const before = spatialOf(x);
  const window = before.map(() => ({ kernel: d.int(1, 3), stride: d.chance(0.3) ? 2 : 1, begin: d.int(0, 1) }));
  const spatial = window.map(({ kernel, stride, begin }, i) => ((before[i] as number) - 1) * stride + kernel - begin);
  const pads = window.map(({ begin }, i) => ((spatial[i] as number) > 0 ? begin : 0));
  const lengths = spatial.map((length, i) => length + (window[i]?.begin ?? 0) - (pads[i] as number));
  const fan = quotient(times(from, fixedLen(window.reduce((a, { kernel }) => a * kernel, 1))), groups);
  const w = d.weight([from, each, ...window.map(({ kernel }) => fixedLen(kernel))], fan);
  const b = d.chance(0.5) ? `, ${d.vector([times(each, fixedLen(groups))])}` : '';
  const attributes = [
    `strides: [${window.map(({ stride }) => stride).join(', ')}]`,
    `pads: [${[...pads, ...pads.map(() => 0)].join(', ')}]`,
    ...(groups > 1 ? [`group: ${groups}`] : []),
  ];
  const to: Axis = neurons(times(each, fixedLen(groups)));
  return d.as(x, `ConvTranspose(${x.name}, ${w}${b}) {${attributes.join(', ')}}`, behind(x, to, lengths));
}

/** A layer as an Einsum: the channels, wherever they are, against a matrix. */
function einsum(d: Draft, x: Open): Open {
  const from = channelOf(x).len;
  const to = neurons(d.width());
  const letters = [...'bcdef'].slice(0, rankOf(x));
  const contracted = letters[x.channel] as string;
  const made = letters.map((each, at) => (at === x.channel ? 'm' : each));
  const turned = d.chance(0.5);
  const w = d.weight(turned ? [to.len, from] : [from, to.len], from);
  const terms = `${letters.join('')},${turned ? `m${contracted}` : `${contracted}m`}->${made.join('')}`;
  const axes = x.axes.map((axis, at) => (at === x.channel ? to : axis));
  d.nodes.push(einsumNode(x.name, w, terms, d.name('v')));
  return { ...x, name: d.nodes.at(-1)?.outputs[0] ?? '', axes };
}

const einsumNode = (a: string, b: string, equation: string, made: string): Node => ({
  name: '',
  opType: 'Einsum',
  domain: '',
  inputs: [a, b],
  outputs: [made],
  attributes: new Map([['equation', { type: 'string', value: equation } as const]]),
});

/** A product along a spatial axis: its result has neurons on a second axis. */
function mixing(d: Draft, x: Open): Open {
  const axis = rankOf(x) - 1;
  const to = neurons(d.width());
  const w = d.weight([axisAt(x, axis).len, to.len], axisAt(x, axis).len);
  const axes = x.axes.map((each, at) => (at === axis ? to : each));
  return d.as(x, `MatMul(${x.name}, ${w})`, axes);
}

export const layers: readonly Production[] = [
  {
    name: 'linear',
    weight: 10,
    double: true,
    fits: (x) => isLast(x) && roomy(x),
    grow: (d, x) => [activated(d, linear(d, x, neurons(d.width())))],
  },
  {
    name: 'conv',
    weight: 10,
    fits: (x) => isSpatial(x) && roomy(x),
    grow: (d, x) => [activated(d, convolve(d, x, neurons(d.width())))],
  },
  {
    name: 'pointwise',
    weight: 3,
    fits: (x) => isSpatial(x) && roomy(x),
    grow: (d, x) => [activated(d, convolve(d, x, neurons(d.width()), true))],
  },
  {
    name: 'grouped conv',
    weight: 3,
    fits: (x) => isSpatial(x) && roomy(x) && channelOf(x).role === 'neurons',
    grow: (d, x) => [activated(d, grouped(d, x))],
  },
  {
    name: 'transposed conv',
    weight: 2,
    fits: (x) => isSpatial(x) && elementsOf(x) <= 200,
    grow: (d, x) => [activated(d, transposed(d, x))],
  },
  {
    name: 'branches',
    weight: 2,
    double: true,
    fits: (x) => isLast(x) && roomy(x),
    grow: (d, x) => [1, 2].map(() => activated(d, linear(d, x, neurons(d.width())))),
  },
  {
    name: 'einsum',
    weight: 0.3,
    double: true,
    fits: roomy,
    grow: (d, x) => [activated(d, einsum(d, x))],
  },
  {
    name: 'token mixing',
    weight: 0.15,
    double: true,
    fits: (x) =>
      isSpatial(x) && sameLen(axisAt(x, rankOf(x) - 1).len, fixedLen(axisAt(x, rankOf(x) - 1).len[0] as number)),
    grow: (d, x) => [mixing(d, x)],
  },
];
