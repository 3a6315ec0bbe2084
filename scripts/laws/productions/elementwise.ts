/** Operators that work element by element. */
import {
  type Axis,
  axisAt,
  channelOf,
  elementsOf,
  holdsNeurons,
  type Open,
  otherAxes,
  rankOf,
  sameAxes,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { layer, neurons, takesLayer } from '../layers.js';
import type { Production } from '../production.js';
import { reduceNode } from '../reduce.js';

const any = () => true;

/** Continuous, defined everywhere, and growing no faster than their argument: with the opset that brought them. */
const SMOOTH: readonly (readonly [text: string, since: number, double: boolean])[] = [
  ['Abs(x)', 1, true],
  ['Atan(x)', 1, false],
  ['Asinh(x)', 1, false],
  ['Celu(x) {alpha: 0.5}', 12, false],
  ['Cos(x)', 1, true],
  ['Elu(x)', 1, false],
  ['Erf(x)', 1, false],
  ['Gelu(x)', 20, false],
  ["Gelu(x) {approximate: 'tanh'}", 20, false],
  ['HardSigmoid(x)', 1, false],
  ['HardSwish(x)', 14, false],
  ['LeakyRelu(x) {alpha: 0.2}', 1, false],
  ['Mish(x)', 18, false],
  ['Neg(x)', 1, true],
  ['Relu(x)', 1, true],
  ['Relu(x)', 1, true],
  ['Relu(x)', 1, true],
  ['Selu(x)', 1, false],
  ['Shrink(x) {bias: 0.25, lambd: 0.25}', 1, true],
  ['Sigmoid(x)', 1, true],
  ['Sin(x)', 1, true],
  ['Softplus(x)', 1, false],
  ['Softsign(x)', 1, false],
  ['Tanh(x)', 1, true],
];

/** Operators with a narrower domain, behind what leads into it. */
const NARROW: readonly (readonly [op: string, inside: (d: Draft, x: string) => string, double: boolean])[] = [
  ...['Exp', 'Sinh', 'Cosh', 'Tan', 'Sin'].map(
    (op) => [op, (d: Draft, x: string) => d.node(`Tanh(${x})`), op === 'Exp'] as const,
  ),
  ...['Acos', 'Asin', 'Atanh'].map((op) => [op, (d: Draft, x: string) => d.node(`Softsign(${x})`), false] as const),
  ...['Log', 'Sqrt', 'Reciprocal', 'Acosh'].map(
    (op) => [op, (d: Draft, x: string) => shifted(d, x, op === 'Acosh' ? 1.5 : 0.5), op !== 'Acosh'] as const,
  ),
];

/** From 0 to 1, shifted. */
const shifted = (d: Draft, x: string, by: number): string => d.node(`Add(${d.node(`Sigmoid(${x})`)}, ${d.scalar(by)})`);

function smooth(d: Draft, x: Open): Open {
  const usable = SMOOTH.filter(([, since, double]) => since <= d.opset && (double || !d.setup.double));
  return d.like(x, d.oneOf(usable)[0].replace('(x)', `(${x.name})`));
}

function narrow(d: Draft, x: Open): Open {
  const [op, inside] = d.oneOf(NARROW.filter(([, , double]) => double || !d.setup.double));
  return d.like(x, `${op}(${inside(d, x.name)})`);
}

const inOrder = (d: Draft, op: string, a: string, b: string): string =>
  d.chance(0.5) ? `${op}(${a}, ${b})` : `${op}(${b}, ${a})`;

/** A constant along the channels: [n, 1, 1], [1, n, 1, 1], or with all axes behind it. */
function alongChannels(d: Draft, x: Open, kind: 'vector' | 'positive', anyOwner = false): string {
  const one = channelOf(x).len.map(() => 1);
  const full = d.chance(0.15);
  const behind = x.axes.slice(x.channel + 1).map(({ len }) => (full ? len : one));
  const lead = d.chance(0.2) ? Array.from({ length: x.channel }, () => one) : [];
  const axes = full ? [...x.axes.keys()].slice(x.channel) : [x.channel];
  const owner = anyOwner && x.closed ? 'member' : d.ownerOf(x, axes);
  return d[kind]([...lead, channelOf(x).len, ...behind], owner);
}

/** Squeeze and excitation: channels scaled by what a small layer makes of their means. */
function excite(d: Draft, x: Open): Open {
  const spatial = otherAxes(x);
  const one = x.axes.map((axis, at): Axis => (spatial.includes(at) ? { ...axis, len: axis.len.map(() => 1) } : axis));
  const mean: Open = { ...x, name: reduceNode(d, 'ReduceMean', x.name, spatial, true, rankOf(x)), axes: one };
  const hidden = layer(d, mean, neurons(d.width()));
  const back = layer(d, d.like(hidden, `Relu(${hidden.name})`), channelOf(x));
  return d.like(x, inOrder(d, 'Mul', x.name, d.node(`${d.oneOf(['Sigmoid', 'HardSigmoid'])}(${back.name})`)));
}

/** Another open value of the same axes, the latest more often. */
function partner(d: Draft, x: Open): Open | undefined {
  const others = d.open.filter((each) => each.name !== x.name && sameAxes(each, x));
  return others.length > 0 ? d.oneOf(others) : undefined;
}

/** A second value of the same axes: one that is there, or a layer of this one. */
function second(d: Draft, x: Open): Open {
  const known = d.chance(0.5) ? partner(d, x) : undefined;
  return known ?? layer(d, x, neurons(channelOf(x).len));
}

/** Whether all axes but the channel hold no neurons. */
const isPlain = (x: Open): boolean => otherAxes(x).every((axis) => axisAt(x, axis).role === 'fixed');

const hasSecond = (x: Open, d: Draft): boolean =>
  channelOf(x).role === 'neurons' && takesLayer(x) && !x.closed && (!d.setup.double || rankOf(x) === x.channel + 1);

const where = (d: Draft, x: Open): Open => {
  if (d.chance(0.5)) {
    const test = d.node(`${d.oneOf(['Greater', 'GreaterOrEqual'])}(${x.name}, ${d.scalar(0)})`);
    return d.like(x, `Where(${test}, ${x.name}, ${d.node(`Mul(${x.name}, ${d.scalar(0.1)})`)})`);
  }
  // The same choice for all neurons: along an axis that holds none.
  const dims = x.axes.map(({ role, len }) => (role === 'fixed' ? (len[0] as number) : 1));
  return d.like(x, `Where(${d.mask(dims)}, ${x.name}, ${d.node(`Neg(${x.name})`)})`);
};

function clip(d: Draft, x: Open): Open {
  const bounds = d.oneOf([['low', 'high'], ['low'], ['', 'high']]);
  const names = bounds.map((bound) => (bound === '' ? '' : d.scalar(bound === 'low' ? -0.5 : 1.5, [])));
  return d.like(x, `Clip(${[x.name, ...names].join(', ')})`);
}

/** One learned number for all neurons, of so many axes: each member has its own. */
const number = (d: Draft, x: Open, rank: number): string =>
  d.vector(
    Array.from({ length: rank }, () => channelOf(x).len.map(() => 1)),
    d.ownerOf(x, [x.channel]),
  );

function prelu(d: Draft, x: Open): Open {
  const single = d.chance(0.25);
  const slope = single ? number(d, x, d.oneOf([1, rankOf(x) - x.channel])) : alongChannels(d, x, 'vector');
  return d.like(x, `PRelu(${x.name}, ${slope})`);
}

export const elementwise: readonly Production[] = [
  { name: 'unary', weight: 8, double: true, fits: any, grow: (d, x) => [smooth(d, x)] },
  { name: 'narrow unary', double: true, fits: any, grow: (d, x) => [narrow(d, x)] },
  {
    name: 'steps',
    double: true,
    steps: true,
    weight: 2,
    fits: any,
    grow: (d, x) => [d.like(x, `${d.oneOf(['Ceil', 'Floor', 'Round', 'Sign'])}(${x.name})`)],
  },
  {
    name: 'passing',
    affine: true,
    double: true,
    fits: any,
    grow: (d, x) => {
      const cast = d.setup.double ? 11 : 1;
      const text = d.oneOf(['Identity(x)', 'Neg(x)', 'Dropout(x)', `Cast(x) {to: ${cast}}`]);
      return [d.like(x, text.replace('(x)', `(${x.name})`))];
    },
  },
  {
    name: 'scalar',
    affine: true,
    double: true,
    fits: any,
    grow: (d, x) => [
      d.chance(0.2)
        ? d.like(x, `Div(${x.name}, ${d.scalar(1.5)})`)
        : d.like(x, inOrder(d, d.oneOf(['Add', 'Sub', 'Mul']), x.name, d.scalar(d.oneOf([0.5, -0.75, 1.25])))),
    ],
  },
  {
    name: 'learned number',
    affine: true,
    double: true,
    fits: any,
    grow: (d, x) => [d.like(x, inOrder(d, d.oneOf(['Add', 'Sub', 'Mul']), x.name, number(d, x, d.int(0, rankOf(x)))))],
  },
  {
    name: 'shift',
    affine: true,
    double: true,
    fits: any,
    grow: (d, x) => [
      d.like(x, inOrder(d, d.oneOf(['Add', 'Add', 'Sub']), x.name, alongChannels(d, x, 'vector', true))),
    ],
  },
  {
    name: 'scale',
    affine: true,
    double: true,
    fits: any,
    grow: (d, x) => [
      d.chance(0.2)
        ? d.like(x, `Div(${x.name}, ${alongChannels(d, x, 'positive')})`)
        : d.like(x, inOrder(d, 'Mul', x.name, alongChannels(d, x, 'positive'))),
    ],
  },
  {
    name: 'bound',
    double: true,
    weight: 0.5,
    fits: any,
    grow: (d, x) => [d.like(x, inOrder(d, d.oneOf(['Max', 'Min']), x.name, alongChannels(d, x, 'vector')))],
  },
  {
    name: 'power',
    double: true,
    weight: 0.5,
    fits: any,
    grow: (d, x) => [
      d.chance(0.5)
        ? d.like(x, `Pow(${d.node(`Tanh(${x.name})`)}, ${d.scalar(2)})`)
        : d.like(x, `Pow(${shifted(d, x.name, 0.5)}, ${alongChannels(d, x, 'positive')})`),
    ],
  },
  { name: 'prelu', fits: any, grow: (d, x) => [prelu(d, x)] },
  { name: 'clip', double: true, fits: any, grow: (d, x) => [clip(d, x)] },
  { name: 'where', double: true, fits: any, grow: (d, x) => [where(d, x)] },
  {
    name: 'residual',
    weight: 4,
    double: true,
    fits: hasSecond,
    grow: (d, x) => [d.like(x, inOrder(d, d.oneOf(['Add', 'Add', 'Add', 'Sub', 'Max']), x.name, second(d, x).name))],
  },
  {
    name: 'gate',
    weight: 2,
    double: true,
    fits: hasSecond,
    grow: (d, x) => [d.like(x, inOrder(d, 'Mul', x.name, d.node(`Sigmoid(${second(d, x).name})`)))],
  },
  {
    name: 'excite',
    fits: (x) => channelOf(x).role === 'neurons' && !x.closed && takesLayer(x) && rankOf(x) > 2 && isPlain(x),
    grow: (d, x) => [excite(d, x)],
  },
  {
    name: 'many',
    fits: (x, d) => hasSecond(x, d) && elementsOf(x) < 400,
    grow: (d, x) => {
      const all = [x.name, second(d, x).name, alongChannels(d, x, 'vector')];
      return [d.like(x, `${d.oneOf(['Sum', 'Mean', 'Max', 'Min'])}(${all.slice(0, d.int(2, 3)).join(', ')})`)];
    },
  },
  {
    name: 'with itself',
    double: true,
    fits: holdsNeurons,
    grow: (d, x) => [
      d.chance(0.5)
        ? d.like(x, `Add(${x.name}, ${x.name})`)
        : d.like(x, `Mul(${[1, 2].map(() => d.node(`Tanh(${x.name})`)).join(', ')})`),
    ],
  },
];
