/** Operators that few networks have, some of which no rule follows neurons through: those must leave them alone, or refuse. */
import type { Graph } from '../../../lib/ir/model.js';
import { parseNode } from '../../../test/support/build.js';
import {
  type Axis,
  axisAt,
  channelOf,
  divides,
  elementsOf,
  isSpatial,
  type Open,
  otherAxes,
  quotient,
  rankOf,
  times,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { type Production, ROOM } from '../production.js';

function depthToSpace(d: Draft, x: Open): Open {
  const [n, c, h, w] = x.axes as readonly [Axis, Axis, Axis, Axis];
  const twice = (axis: Axis): Axis => ({
    ...axis,
    len: times(
      axis.len,
      axis.len.map(() => 2),
    ),
  });
  const mode = d.oneOf(['DCR', 'CRD']);
  const axes = [n, { ...c, len: quotient(c.len, 4) }, twice(h), twice(w)];
  return d.as(x, `DepthToSpace(${x.name}) {blocksize: 2, mode: '${mode}'}`, axes);
}

function spaceToDepth(d: Draft, x: Open): Open {
  const [n, c, h, w] = x.axes as readonly [Axis, Axis, Axis, Axis];
  const half = (axis: Axis): Axis => ({ ...axis, len: quotient(axis.len, 2) });
  const axes = [n, { ...c, len: c.len.map((each) => 4 * each) }, half(h), half(w)];
  return d.as(x, `SpaceToDepth(${x.name}) {blocksize: 2}`, axes);
}

/** The largest along an axis without neurons, in falling order. */
function topK(d: Draft, x: Open): Open {
  const axis = d.oneOf(otherAxes(x).filter((at) => axisAt(x, at).role === 'fixed'));
  const [values] = d.nodeOf(2, `TopK(${x.name}, ${d.ints([1])}) {axis: ${axis}}`) as readonly [string, string];
  const axes = x.axes.map((each, at) => (at === axis ? { ...each, len: each.len.map(() => 1) } : each));
  return { ...x, name: values, axes };
}

/** A recurrent layer over the second axis. Gates of LSTM and GRU lie one behind the other on the axis of their weights. */
function recurrent(d: Draft, x: Open): Open {
  const [op, gates] = d.oneOf([
    ['LSTM', 4],
    ['GRU', 3],
    ['RNN', 1],
  ] as const);
  const both = d.chance(0.25);
  const [hidden, from] = [d.width(), channelOf(x).len];
  const [dirs, rows] = [hidden.map(() => (both ? 2 : 1)), hidden.map((each) => gates * each)];
  const w = d.weight([dirs, rows, from], from);
  const r = d.weight([dirs, rows, hidden], hidden);
  const b = d.chance(0.7) ? `, ${d.vector([dirs, rows.map((each) => 2 * each)])}` : '';
  const first = d.node(`Transpose(${x.name}) {perm: [1, 0, 2]}`);
  const before = op === 'GRU' ? ', linear_before_reset: 1' : '';
  const attributes = `hidden_size: ${d.at(hidden)}${both ? ", direction: 'bidirectional'" : ''}${before}`;
  const y = d.node(`${op}(${first}, ${w}, ${r}${b}) {${attributes}}`);
  const made: Axis = { role: 'neurons', len: both ? hidden.map((each) => 2 * each) : hidden };
  const axes = x.axes.map((axis, at) => (at === x.channel ? made : axis));
  if (!both) {
    const squeezed = d.node(`Squeeze(${y}, ${d.ints([1])})`);
    return d.as(x, `Transpose(${squeezed}) {perm: [1, 0, 2]}`, axes);
  }
  // [tokens, directions, batch, hidden] to [batch, tokens, directions * hidden].
  const turned = d.node(`Transpose(${y}) {perm: [2, 0, 1, 3]}`);
  return d.as(x, `Reshape(${turned}, ${d.ints([0, 0, -1])})`, axes);
}

/** Scale and shift stand along the channels since opset 21, along the groups before. */
function groupNorm(d: Draft, x: Open): Open {
  const { len } = channelOf(x);
  const along = d.opset >= 21 ? len : len.map(() => 2);
  const [scale, shift] = [d.positive([along], 'all'), d.vector([along], 'all')];
  return d.like(x, `GroupNormalization(${x.name}, ${scale}, ${shift}) {num_groups: 2, epsilon: 0.01}`);
}

/** A choice that is always the same; its branches use the value from outside. */
function branching(d: Draft, x: Open): Open {
  const branch = (op: string, made: string): Graph => ({
    name: made,
    nodes: [parseNode(`${made} = ${op}(${x.name})`)],
    inputs: [],
    outputs: [{ name: made, dtype: d.real, shape: undefined }],
    valueInfo: [],
    initializers: new Map(),
    sparseInitializers: [],
  });
  const name = d.name('v');
  const test = d.mask([]);
  const attributes = new Map([
    ['then_branch', { type: 'graph', value: branch('Tanh', `${name}_then`) } as const],
    ['else_branch', { type: 'graph', value: branch('Neg', `${name}_else`) } as const],
  ]);
  d.nodes.push({ name: '', opType: 'If', domain: '', inputs: [test], outputs: [name], attributes });
  return { ...x, name };
}

export const rare: readonly Production[] = [
  {
    name: 'lrn',
    weight: 0.1,
    fits: (x) => isSpatial(x) && rankOf(x) === 4,
    grow: (d, x) => [d.like(x, `LRN(${x.name}) {size: 3}`)],
  },
  {
    name: 'lp norm',
    weight: 0.1,
    fits: () => true,
    grow: (d, x) => [d.like(x, `LpNormalization(${x.name}) {axis: ${d.int(1, rankOf(x) - 1)}, p: 2}`)],
  },
  {
    name: 'cumulative sum',
    weight: 0.1,
    fits: () => true,
    grow: (d, x) => [d.like(x, `CumSum(${x.name}, ${d.ints([d.int(1, rankOf(x) - 1)], [])})`)],
  },
  { name: 'branching', weight: 0.1, double: true, fits: () => true, grow: (d, x) => [branching(d, x)] },
  {
    name: 'depth to space',
    weight: 0.15,
    fits: (x) => isSpatial(x) && rankOf(x) === 4 && divides(4, channelOf(x).len) && elementsOf(x) <= ROOM,
    grow: (d, x) => [depthToSpace(d, x)],
  },
  {
    name: 'space to depth',
    weight: 0.15,
    fits: (x) =>
      isSpatial(x) &&
      rankOf(x) === 4 &&
      divides(2, axisAt(x, 2).len) &&
      divides(2, axisAt(x, 3).len) &&
      elementsOf(x) <= ROOM,
    grow: (d, x) => [spaceToDepth(d, x)],
  },
  {
    name: 'top k',
    weight: 0.1,
    double: true,
    fits: (x) => otherAxes(x).some((at) => axisAt(x, at).role === 'fixed'),
    grow: (d, x) => [topK(d, x)],
  },
  {
    name: 'recurrent layer',
    weight: 0.6,
    fits: (x) => rankOf(x) === 3 && x.channel === 2 && axisAt(x, 1).role === 'fixed' && !x.closed,
    grow: (d, x) => [recurrent(d, x)],
  },
  {
    name: 'group norm operator',
    weight: 0.15,
    since: 18,
    fits: (x) => isSpatial(x) && divides(2, channelOf(x).len),
    grow: (d, x) => [groupNorm(d, x)],
  },
];
