/** Gradients of Attention and RotaryEmbedding (ONNX 23). */
import { isSymbolic } from '../../ir/dim.js';
import { BOOL } from '../../ir/dtype.js';
import { flagOf, floatOf, intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { GradientContext, GradientRule } from './rule.js';
import { softmaxGradient } from './softmax.js';
import { add, arriving, countAlong, neg, reshapeLike, scalar, times, transpose, unsqueeze } from './support.js';

/** Batch, heads, steps, size. */
const STEPS = 2;

/** How many heads there are, and how they lie: an axis of their own, or part of the last one. */
interface Layout {
  readonly queries: number;
  /** Of keys and values; queries share them where there are fewer. */
  readonly shared: number;
  readonly packed: boolean;
}

function layoutOf(context: GradientContext): Layout {
  const [q, k] = [context.shape(context.input(0)), context.shape(context.input(1))];
  const packed = q.length === 3;
  const { node } = context;
  const queries = packed ? intOf(node, 'q_num_heads', undefined) : q[1];
  const shared = packed ? intOf(node, 'kv_num_heads', undefined) : k[1];
  if (typeof queries !== 'number' || typeof shared !== 'number')
    return context.refuse('its number of heads is not known');
  return { queries, shared, packed };
}

/** [batch, steps, heads * size] as [batch, heads, steps, size]. */
const unpacked = (context: GradientContext, x: string, heads: number, { packed }: Layout): string =>
  packed ? transpose(context, context.emit('Reshape', [x, context.int64s([0, 0, heads, -1])]), [0, 2, 1, 3]) : x;

const packedLike = (context: GradientContext, x: string, like: string, { packed }: Layout): string =>
  packed ? reshapeLike(context, transpose(context, x, [0, 2, 1, 3]), like) : x;

/** Queries that share keys, as more steps of one head: then one product serves them, and sums their gradients. */
const folded = (context: GradientContext, x: string, { queries, shared }: Layout): string =>
  queries === shared ? x : context.emit('Reshape', [x, context.int64s([0, shared, -1, 0])]);
const unfolded = (context: GradientContext, x: string, { queries, shared }: Layout): string =>
  queries === shared ? x : context.emit('Reshape', [x, context.int64s([0, queries, -1, 0])]);

const turned = (context: GradientContext, x: string): string => transpose(context, x, [0, 1, 3, 2]);
const product = (context: GradientContext, a: string, b: string): string => context.emit('MatMul', [a, b]);

/** Refuses what training does not use, and what versions of ONNX understand differently. */
function expectPlain(context: GradientContext): void {
  if ([4, 5, 6].some((index) => context.input(index) !== ''))
    context.refuse('it goes on from keys and values of the past');
  if (floatOf(context.node, 'softcap', 0) !== 0) context.refuse('its scores are capped');
  if ([1, 2, 3].some((index) => context.gradient(index) !== undefined))
    context.refuse('the loss sees more than its first output');
}

/** The size of a head, under whose root scores are divided unless told. */
function scaleOf(context: GradientContext, q: string): number {
  const size = context.shape(q).at(-1);
  const told = floatOf(context.node, 'scale', undefined);
  if (told !== undefined) return told;
  if (size === undefined || isSymbolic(size)) return context.refuse('the size of its heads is not known');
  return 1 / Math.sqrt(size);
}

/** Scores with what is added to them, and minus infinity where a key is not to be seen. */
function masked(context: GradientContext, scores: string): string {
  const bias = context.input(3);
  const hidden = scalar(context, Number.NEGATIVE_INFINITY, scores);
  const seen = (visible: string, x: string) => context.emit('Where', [visible, x, hidden]);
  const biased = bias === '' ? scores : context.dtype(bias) === BOOL ? seen(bias, scores) : add(context, scores, bias);
  if (!flagOf(context.node, 'is_causal')) return biased;
  const [row, column] = [countAlong(context, scores, STEPS), countAlong(context, scores, STEPS + 1)];
  return seen(context.emit('GreaterOrEqual', [unsqueeze(context, row, [1]), column]), biased);
}

/** y = softmax(scale q k^T + mask) v, head by head; the probabilities are computed anew. */
const attention: GradientRule = (context) => {
  expectPlain(context);
  const layout = layoutOf(context);
  const [q4, k, v, g4] = [
    unpacked(context, context.input(0), layout.queries, layout),
    unpacked(context, context.input(1), layout.shared, layout),
    unpacked(context, context.input(2), layout.shared, layout),
    unpacked(context, arriving(context), layout.queries, layout),
  ];
  const scale = scaleOf(context, q4);
  const [q, g] = [times(context, folded(context, q4, layout), scale), folded(context, g4, layout)];
  const scores = masked(context, unfolded(context, product(context, q, turned(context, k)), layout));
  const weights = context.emit('Softmax', [scores]);
  const byWeights = unfolded(context, product(context, g, turned(context, v)), layout);
  const byScores = softmaxGradient(context, byWeights, weights, [STEPS + 1]);
  const s = folded(context, byScores, layout);
  const made = [
    () => unfolded(context, times(context, product(context, s, k), scale), layout),
    () => product(context, turned(context, s), q),
    () => product(context, turned(context, folded(context, weights, layout)), g),
  ].map((make, index) =>
    context.wants(index) ? packedLike(context, make(), context.input(index), layout) : undefined,
  );
  return [...made, context.wants(3) ? byScores : undefined];
};

/** A rotation, whose inverse turns the other way. */
const rotary: GradientRule = (context) => {
  if (!context.wants(0)) return [];
  const [, cos = '', sin = '', ...places] = context.node.inputs;
  const made = context.emit(
    'RotaryEmbedding',
    [arriving(context), cos, neg(context, sin), ...places],
    ...context.node.attributes,
  );
  return [made];
};

export const attentionGradients: readonly Row<GradientRule>[] = [
  ...rows(['Attention'], attention, 23),
  ...rows(['RotaryEmbedding'], rotary, 23),
];
