/** Shapes of Attention and RotaryEmbedding (ONNX 23). */
import { add, type Dim, divide, multiply } from '../../ir/dim.js';
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeContext, type ShapeRule, UNKNOWN } from './rule.js';
import { expectRank, unknownDim } from './support.js';

/** One of queries, keys and values, whether heads are an axis or part of one. */
interface Parts {
  readonly batch: Dim;
  readonly heads: Dim;
  readonly steps: Dim;
  readonly size: Dim;
}

function partsOf(context: ShapeContext, index: number, attribute: string): Parts | undefined {
  const shape = context.input(index)?.shape;
  if (!shape) return undefined;
  expectRank(context, shape, 3);
  const [first = 0, second = 0, third = 0, fourth] = shape;
  if (fourth !== undefined) return { batch: first, heads: second, steps: third, size: fourth };
  const heads = intOf(context.node, attribute, 1);
  return { batch: first, heads, steps: second, size: divide(third, heads) ?? unknownDim(context, 2) };
}

/** Y, all keys, all values, and the scores. */
const attention: ShapeRule = (context): readonly Facts[] => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  const [q, k, v] = [
    partsOf(context, 0, 'q_num_heads'),
    partsOf(context, 1, 'kv_num_heads'),
    partsOf(context, 2, 'kv_num_heads'),
  ];
  if (!shape || !q || !k || !v) return context.node.outputs.map(() => ({ dtype, shape: undefined }));
  const past = context.node.inputs[4] ? context.input(4)?.shape?.[2] : 0;
  const steps = (past === undefined ? undefined : add(past, k.steps)) ?? unknownDim(context, 2, 1);
  const output =
    shape.length === 4 ? [q.batch, q.heads, q.steps, v.size] : [q.batch, q.steps, multiply(q.heads, v.size)];
  return [
    output,
    [k.batch, k.heads, steps, k.size],
    [v.batch, v.heads, steps, v.size],
    [q.batch, q.heads, q.steps, steps],
  ].map((each) => ({ dtype, shape: each }));
};

const rotary: ShapeRule = (context) => {
  const { dtype, shape } = context.input(0) ?? UNKNOWN;
  return [{ dtype, shape }];
};

export const attentionShapes: readonly Row<ShapeRule>[] = [
  ...rows(['Attention'], attention, 23),
  ...rows(['RotaryEmbedding'], rotary, 23),
];
