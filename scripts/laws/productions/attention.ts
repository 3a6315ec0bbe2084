/** Attention and other products of activations, in primitive operators. */
import {
  type Axis,
  axisAt,
  channelOf,
  elementsOf,
  fixedLen,
  isLast,
  type Len,
  type Open,
  rankOf,
  times,
} from '../axes.js';
import type { Draft } from '../draft.js';
import { linear, neurons } from '../layers.js';
import { type Production, ROOM } from '../production.js';
import { target } from '../target.js';

interface Heads {
  /** How many heads, and how many features each has. */
  readonly count: Len;
  readonly size: number;
}

/** Query, key and value: three layers, or one that is split. */
function projections(d: Draft, x: Open, width: Len): readonly [Open, Open, Open] {
  if (d.chance(0.5)) return [linear(d, x, neurons(width)), linear(d, x, neurons(width)), linear(d, x, neurons(width))];
  const all = linear(d, x, neurons(times(width, fixedLen(3))));
  const w = d.at(width);
  const one = (name: string): Open => ({ ...all, name, axes: [axisAt(x, 0), axisAt(x, 1), neurons(width)] });
  if (d.chance(0.6)) {
    const sizes = d.opset >= 18 && d.chance(0.5) ? ['', ', num_outputs: 3'] : [`, ${d.ints([w, w, w])}`, ''];
    const parts = d.nodeOf(3, `Split(${all.name}${sizes[0]}) {axis: -1${sizes[1]}}`);
    return parts.map(one) as unknown as readonly [Open, Open, Open];
  }
  const cut = (i: number) =>
    one(d.node(`Slice(${all.name}, ${d.ints([i * w])}, ${d.ints([i === 2 ? 9e15 : (i + 1) * w])}, ${d.ints([2])})`));
  return [cut(0), cut(1), cut(2)];
}

/** [batch, tokens, heads * size] as [batch, heads, tokens, size], or with the last two exchanged. */
function apart(d: Draft, x: Open, { count, size }: Heads, perm: string): string {
  const axes: readonly Axis[] = [axisAt(x, 0), axisAt(x, 1), neurons(count), neurons(fixedLen(size))];
  return d.node(`Transpose(${d.node(`Reshape(${x.name}, ${target(d, x, axes)})`)}) {perm: ${perm}}`);
}

/** The scores scaled by 1 / sqrt(size): a constant, or read off a shape as older exporters do. */
function scaled(d: Draft, scores: string, queries: string, size: number): string {
  if (d.chance(0.8)) {
    const factor = 1 / Math.sqrt(size);
    return d.node(d.chance(0.5) ? `Mul(${scores}, ${d.scalar(factor)})` : `Div(${scores}, ${d.scalar(1 / factor)})`);
  }
  const length = d.node(`Gather(${d.node(`Shape(${queries})`)}, ${d.ints([3], [])})`);
  const real = d.node(`Cast(${length}) {to: ${d.real}}`);
  return d.node(`Div(${scores}, ${d.node(`Sqrt(${real})`)})`);
}

/** Which scores count: all, or by a mask for all heads alike. */
function masked(d: Draft, scores: string, tokens: number): string {
  if (d.chance(0.7)) return scores;
  return d.node(`Where(${d.mask([tokens, tokens])}, ${scores}, ${d.scalar(-4)})`);
}

/** Self-attention: every head attends for itself. */
function attention(d: Draft, x: Open): Open {
  const size = d.oneOf([1, 2, 2, 3]);
  const heads: Heads = { count: [2, d.oneOf([2, 4, 3])], size };
  const width = times(heads.count, fixedLen(size));
  const [q, k, v] = projections(d, x, width);
  const keys = d.chance(0.5) ? apart(d, k, heads, '[0, 2, 3, 1]') : flipped(d, apart(d, k, heads, '[0, 2, 1, 3]'));
  const queries = apart(d, q, heads, '[0, 2, 1, 3]');
  const scores = d.node(`MatMul(${queries}, ${keys})`);
  const weights = d.node(`Softmax(${masked(d, scaled(d, scores, queries, size), d.at(axisAt(x, 1).len))}) {axis: -1}`);
  const mixed = d.node(`MatMul(${weights}, ${apart(d, v, heads, '[0, 2, 1, 3]')})`);
  const turned = d.node(`Transpose(${mixed}) {perm: [0, 2, 1, 3]}`);
  const axes = [axisAt(x, 0), axisAt(x, 1), neurons(width)];
  const back = d.node(`Reshape(${turned}, ${target(d, { ...q, axes }, axes, false)})`);
  const together: Open = { ...q, name: back, axes };
  const same = channelOf(x).role === 'neurons' && d.chance(0.6);
  const out = linear(d, together, neurons(same ? channelOf(x).len : d.width()));
  return same ? d.like(x, `Add(${x.name}, ${out.name})`) : out;
}

const flipped = (d: Draft, x: string): string => d.node(`Transpose(${x}) {perm: [0, 1, 3, 2]}`);

/** One head without a split: attention over tokens, or a Gram matrix of features. */
function single(d: Draft, x: Open): Open {
  const width = d.width();
  const [q, k, v] = projections(d, x, width);
  const turned = d.node(`Transpose(${k.name}) {perm: [0, 2, 1]}`);
  const scores = d.node(`MatMul(${q.name}, ${turned})`);
  const scale = 1 / Math.sqrt(d.at(width));
  const weights = d.node(`Softmax(${d.node(`Mul(${scores}, ${d.scalar(scale)})`)}) {axis: -1}`);
  return d.like(v, `MatMul(${weights}, ${v.name})`);
}

/** Products of two activations over tokens: what linear attention keeps. */
function gram(d: Draft, x: Open): Open {
  const [a, b] = [linear(d, x, neurons(d.width())), linear(d, x, neurons(d.width()))];
  const turned = d.node(`Transpose(${d.node(`Tanh(${a.name})`)}) {perm: [0, 2, 1]}`);
  const axes = [axisAt(x, 0), channelOf(a), channelOf(b)];
  return d.as(b, `MatMul(${turned}, ${d.node(`Tanh(${b.name})`)})`, axes);
}

const isSequence = (x: Open): boolean => rankOf(x) === 3 && isLast(x) && axisAt(x, 1).role === 'fixed';

export const attentions: readonly Production[] = [
  {
    name: 'attention',
    weight: 4,
    double: true,
    fits: (x) => isSequence(x) && elementsOf(x) <= ROOM,
    grow: (d, x) => [attention(d, x)],
  },
  {
    name: 'single attention',
    weight: 0.5,
    double: true,
    fits: (x) => isSequence(x) && elementsOf(x) <= ROOM,
    grow: (d, x) => [single(d, x)],
  },
  {
    name: 'gram',
    weight: 0.15,
    double: true,
    fits: (x) => isSequence(x) && elementsOf(x) <= ROOM,
    grow: (d, x) => [gram(d, x)],
  },
];
