/** Operators that few networks have, some of which no rule follows neurons through: those must leave them alone, or refuse. */
import type { Graph } from '../../../lib/ir/model.js';
import { parseNode } from '../../../test/support/build.js';
import { type Axis, channelOf, divides, elementsOf, isSpatial, type Open, quotient, rankOf, times } from '../axes.js';
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

export const opaque: readonly Production[] = [
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
    name: 'group norm operator',
    weight: 0.15,
    since: 18,
    fits: (x) => isSpatial(x) && divides(2, channelOf(x).len),
    grow: (d, x) => [groupNorm(d, x)],
  },
];
