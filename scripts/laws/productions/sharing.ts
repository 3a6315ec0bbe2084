/** Weights with several users: layers that are called twice, and matrices that are tied. */

import { localFunction } from '../../../test/support/build.js';
import { channelOf, elementsOf, isLast, isSpatial, type Open, rankOf, sameAxes } from '../axes.js';
import { type Draft, FUNCTIONS } from '../draft.js';
import { linear, neurons } from '../layers.js';
import { type Production, ROOM } from '../production.js';

const isNeuronal = (x: Open): boolean => channelOf(x).role === 'neurons' && !x.closed;

/** One square layer, called twice in a row. */
function recurrent(d: Draft, x: Open): Open {
  const { len } = channelOf(x);
  const [w, b] = [d.weight([len, len], len), d.vector([len])];
  const call = (name: string) => d.node(`Tanh(${d.node(`Add(${d.node(`MatMul(${name}, ${w})`)}, ${b})`)})`);
  return { ...x, name: call(call(x.name)) };
}

/** One layer for two values. */
function siamese(d: Draft, x: Open): readonly Open[] {
  const { len } = channelOf(x);
  const to = neurons(d.width());
  const other = d.oneOf(twins(x, d));
  const [w, b] = [d.weight([len, to.len], len), d.vector([to.len])];
  const call = (each: Open): Open => {
    const axes = each.axes.map((axis, at) => (at === each.channel ? to : axis));
    return { ...each, name: d.node(`Relu(${d.node(`Add(${d.node(`MatMul(${each.name}, ${w})`)}, ${b})`)})`), axes };
  };
  const both = [call(x), call(other)] as const;
  return d.chance(0.5)
    ? both
    : [d.like(both[0], `${d.oneOf(['Add', 'Sub', 'Max'])}(${both[0].name}, ${both[1].name})`)];
}

const twins = (x: Open, d: Draft): readonly Open[] =>
  d.open.filter((each) => each.name !== x.name && sameAxes(each, x));

/** There through a matrix, and back through the same one. */
function tied(d: Draft, x: Open): Open {
  const { len } = channelOf(x);
  const to = neurons(d.width());
  const w = d.weight([len, to.len], len);
  const there = d.node(`Relu(${d.node(`MatMul(${x.name}, ${w})`)})`);
  if (rankOf(x) === 2 && d.chance(0.5)) return d.like(x, `Gemm(${there}, ${w}, ${d.vector([len])}) {transB: 1}`);
  return d.like(x, `MatMul(${there}, ${d.node(`Transpose(${w}) {perm: [1, 0]}`)})`);
}

/** One bias, equal when it was exported, for two layers: exporters store it once. */
function sharedBias(d: Draft, x: Open): Open {
  const to = neurons(d.width());
  const bias = d.vector([to.len]);
  const first = d.node(`Conv(${x.name}, ${kernel(d, x, to.len)}, ${bias})`);
  const axes = x.axes.map((axis, at) => (at === 1 ? to : axis));
  const between: Open = { ...x, name: d.node(`Relu(${first})`), axes };
  return d.as(between, `Conv(${between.name}, ${kernel(d, between, to.len)}, ${bias})`, axes);
}

const kernel = (d: Draft, x: Open, to: readonly number[]): string =>
  d.weight([to, channelOf(x).len, ...x.axes.slice(2).map(() => to.map(() => 1))], channelOf(x).len);

/** A residual block: norm, layer, activation, layer. */
function block(d: Draft, x: Open): Open {
  const hidden = linear(d, x, neurons(d.width()));
  const active = d.like(hidden, `${d.oneOf(['Relu', 'Tanh'])}(${hidden.name})`);
  return d.like(x, `Add(${x.name}, ${linear(d, active, neurons(channelOf(x).len)).name})`);
}

/** A layer in a function of the model, with weights of its own at each call. */
function called(d: Draft, x: Open): Open {
  const { len } = channelOf(x);
  const to = neurons(d.width());
  const known = d.functions.at(-1);
  const name = known && d.chance(0.5) ? known.name : d.name('Layer');
  if (name !== known?.name) {
    const nodes = ['p = MatMul(x, w)', 's = Add(p, b)', `y = ${d.oneOf(['Tanh', 'Relu'])}(s)`];
    const opsets = new Map([['', d.opset]]);
    d.functions.push(localFunction(name, nodes, { domain: FUNCTIONS, inputs: ['x', 'w', 'b'], opsets }));
  }
  const axes = x.axes.map((axis, at) => (at === x.channel ? to : axis));
  const [w, b] = [d.weight([len, to.len], len), d.vector([to.len])];
  return d.as(x, `${FUNCTIONS}::${name}(${x.name}, ${w}, ${b})`, axes);
}

export const sharing: readonly Production[] = [
  {
    name: 'recurrent',
    double: true,
    fits: (x) => isNeuronal(x) && isLast(x),
    grow: (d, x) => [recurrent(d, x)],
  },
  {
    name: 'siamese',
    weight: 4,
    double: true,
    fits: (x, d) => isLast(x) && twins(x, d).length > 0,
    grow: siamese,
  },
  { name: 'tied', double: true, fits: (x) => isNeuronal(x) && isLast(x), grow: (d, x) => [tied(d, x)] },
  {
    name: 'shared bias',
    weight: 0.5,
    fits: (x) => isSpatial(x) && elementsOf(x) <= ROOM,
    grow: (d, x) => [sharedBias(d, x)],
  },
  { name: 'function', weight: 0.3, double: true, fits: isLast, grow: (d, x) => [called(d, x)] },
  {
    name: 'block',
    weight: 2,
    double: true,
    fits: (x) => isNeuronal(x) && isLast(x),
    grow: (d, x) => [block(d, x)],
  },
];
