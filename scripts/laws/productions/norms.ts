/** Normalisations, as operators and as the chains of primitives that exporters write. */
import { axisAt, channelOf, divides, fixedLen, isLast, isSpatial, type Open, rankOf } from '../axes.js';
import type { Draft } from '../draft.js';
import type { Production } from '../production.js';
import { reduceNode } from '../reduce.js';

function batchNorm(d: Draft, x: Open): Open {
  const { len } = channelOf(x);
  const owner = d.ownerOf(x, [x.channel]);
  const vectors = [d.positive([len], owner), d.vector([len], owner), d.vector([len], owner), d.positive([len], owner)];
  return d.like(x, `BatchNormalization(${[x.name, ...vectors].join(', ')})`);
}

function layerNorm(d: Draft, x: Open): Open {
  const axis = isLast(x) ? rankOf(x) - 1 : d.int(1, rankOf(x) - 1);
  const axes = [...x.axes.keys()].slice(axis);
  const owner = d.ownerOf(x, axes);
  const dims = axes.map((at) => axisAt(x, at).len);
  const bias = d.chance(0.8) ? `, ${d.vector(dims, owner)}` : '';
  const named = d.chance(0.5) ? axis : axis - rankOf(x);
  return d.like(x, `LayerNormalization(${x.name}, ${d.positive(dims, owner)}${bias}) {axis: ${named}, epsilon: 0.01}`);
}

function instanceNorm(d: Draft, x: Open): Open {
  const owner = d.ownerOf(x, [1]);
  const [scale, shift] = [d.positive([channelOf(x).len], owner), d.vector([channelOf(x).len], owner)];
  return d.like(x, `InstanceNormalization(${x.name}, ${scale}, ${shift}) {epsilon: 0.01}`);
}

/** Groups of channels normalised together, as PyTorch's exporter writes it: an InstanceNormalization of groups. */
function groupNorm(d: Draft, x: Open): Open {
  const [n] = x.axes.map(({ len }) => d.at(len)) as [number];
  const lengths = x.axes.slice(1).map(({ len }) => d.at(len));
  const groups = d.oneOf([1, 2, 2, 3].filter((each) => divides(each, channelOf(x).len)));
  const batch = d.setup.symbolic ? 0 : n;
  const flat = d.node(`Reshape(${x.name}, ${d.ints([batch, groups, -1])})`);
  const ones = [d.positive([fixedLen(groups)], 'all'), d.vector([fixedLen(groups)], 'all')];
  const normal = d.node(`InstanceNormalization(${[flat, ...ones].join(', ')}) {epsilon: 0.01}`);
  const back = d.setup.symbolic ? [-1, ...lengths] : [n, ...lengths];
  const shaped = d.node(`Reshape(${normal}, ${d.chance(0.5) ? d.ints(back) : d.node(`Shape(${x.name})`)})`);
  const behind = x.axes.slice(2).map(() => fixedLen(1));
  const owner = d.ownerOf(x, [1]);
  const scaled = d.node(`Mul(${shaped}, ${d.positive([channelOf(x).len, ...behind], owner)})`);
  return d.like(x, `Add(${scaled}, ${d.vector([channelOf(x).len, ...behind], owner)})`);
}

/** x / sqrt(mean(x^2) + epsilon), and with the mean taken off first a LayerNormalization. */
function primitive(d: Draft, x: Open, centred: boolean): Open {
  const at = rankOf(x) - 1;
  const mean = (name: string) => reduceNode(d, 'ReduceMean', name, [at], true, rankOf(x));
  const from = centred ? d.node(`Sub(${x.name}, ${mean(x.name)})`) : x.name;
  const square = d.chance(0.5) ? `Pow(${from}, ${d.scalar(2)})` : `Mul(${from}, ${from})`;
  const size = d.node(`Sqrt(${d.node(`Add(${mean(d.node(square))}, ${d.scalar(0.1)})`)})`);
  const made = d.node(`Div(${from}, ${size})`);
  const { len } = axisAt(x, at);
  const owner = d.ownerOf(x, [at]);
  const scaled = d.node(`Mul(${made}, ${d.positive([len], owner)})`);
  return centred ? d.like(x, `Add(${scaled}, ${d.vector([len], owner)})`) : { ...x, name: scaled };
}

const hasChannels = (x: Open): boolean => x.channel === 1;

export const norms: readonly Production[] = [
  { name: 'batch norm', weight: 4, affine: true, double: true, fits: hasChannels, grow: (d, x) => [batchNorm(d, x)] },
  { name: 'layer norm', weight: 1.2, double: true, since: 17, fits: () => true, grow: (d, x) => [layerNorm(d, x)] },
  { name: 'instance norm', fits: isSpatial, grow: (d, x) => [instanceNorm(d, x)] },
  { name: 'group norm', weight: 1, fits: isSpatial, grow: (d, x) => [groupNorm(d, x)] },
  { name: 'rms norm in parts', weight: 0.4, double: true, fits: isLast, grow: (d, x) => [primitive(d, x, false)] },
  { name: 'layer norm in parts', weight: 0.4, double: true, fits: isLast, grow: (d, x) => [primitive(d, x, true)] },
];
