/**
 * Neurons through Attention (ONNX 23): heads, and the features of a head. Queries and keys are contracted over the features of
 * a head, so that these see each other; whole heads do not. Several heads of queries may share one of keys and values.
 */
import { type Dim, divide } from '../../ir/dim.js';
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, inputName, nonlinear, outputName, same } from './support.js';

/** What the axes of queries, keys and values are made of. */
interface Heads {
  readonly queries: AxisRef;
  readonly keys: AxisRef;
  /** Features of a head: contracted ones of queries and keys, and those of values, which flow on. */
  readonly size: AxisRef;
  readonly valueSize: AxisRef;
  /** How many heads of queries share one of keys. */
  readonly shared: Dim | undefined;
  readonly steps: number;
  readonly relations: readonly Relation[];
}

/** Values [batch, heads, steps, features]: every factor is an axis. */
function separate(context: StructureContext, q: string, k: string, v: string, y: string): Heads {
  const [queries, keys, size, valueSize] = [axis(q, 1), axis(k, 1), axis(q, 3), axis(v, 3)];
  return {
    queries,
    keys,
    size,
    valueSize,
    shared: divide(context.shape(q)[1] ?? 0, context.shape(k)[1] ?? 0),
    steps: 2,
    relations: [same(size, axis(k, 3)), same(valueSize, axis(y, 3)), same(keys, axis(v, 1)), same(queries, axis(y, 1))],
  };
}

/** Values [batch, steps, heads x features], with the numbers of heads as attributes. */
function joined(context: StructureContext, q: string, k: string, v: string, y: string): Heads {
  const [many, few] = [intOf(context.node, 'q_num_heads', 1), intOf(context.node, 'kv_num_heads', 1)];
  const each = (value: string, heads: number) => divide(context.shape(value)[2] ?? 0, heads) ?? 0;
  const [queries, keys, size, valueSize] = [
    context.virtual('q_heads', many),
    context.virtual('kv_heads', few),
    context.virtual('size', each(q, many)),
    context.virtual('value_size', each(v, few)),
  ] as const;
  const composite = (value: string, heads: AxisRef, features: AxisRef): Relation => ({
    kind: 'composite',
    whole: axis(value, 2),
    parts: [heads, features],
  });
  return {
    queries,
    keys,
    size,
    valueSize,
    shared: divide(many, few),
    steps: 1,
    relations: [
      composite(q, queries, size),
      composite(k, keys, size),
      composite(v, keys, valueSize),
      composite(y, queries, valueSize),
    ],
  };
}

/** Each head of keys serves `shared` heads of queries, one behind the other. */
function sharing(context: StructureContext, { queries, keys, shared }: Heads): readonly Relation[] {
  if (shared === 1) return [same(queries, keys)];
  if (shared === undefined)
    return [queries, keys].map((at) => fixed(at, 'heads of queries and keys that do not match'));
  const repeat = context.virtual('repeat', shared);
  return [
    fixed(repeat, 'heads of queries that share one of keys'),
    { kind: 'composite', whole: queries, parts: [keys, repeat] },
  ];
}

/** A mask broadcasts to [batch, heads, steps of queries, steps of keys]. */
function masking(context: StructureContext, mask: string, q: string, heads: Heads): readonly Relation[] {
  if (mask === '') return [];
  const shape = context.shape(mask);
  const into = [axis(q, 0), heads.queries];
  return shape.map((dim, at) => {
    const target = into[at + 4 - shape.length];
    return target && dim !== 1 ? same(axis(mask, at), target) : fixed(axis(mask, at), 'positions of a mask');
  });
}

/** Keys or values of former steps, and all of them: [batch, heads, steps, features]. */
const cached = (value: string, batch: AxisRef, heads: AxisRef, features: AxisRef): readonly Relation[] =>
  value === ''
    ? []
    : [
        same(axis(value, 0), batch),
        same(axis(value, 1), heads),
        fixed(axis(value, 2), 'steps of attention'),
        same(axis(value, 3), features),
      ];

const attention: StructureRule = nonlinear((context) => {
  const [q = '', k = '', v = '', mask = '', pastKeys = '', pastValues = '', lengths = ''] = context.node.inputs;
  const [y, keysOut, valuesOut, scores] = [0, 1, 2, 3].map((index) => outputName(context, index));
  const heads = (context.shape(q).length === 4 ? separate : joined)(context, q, k, v, y ?? '');
  const batch = axis(inputName(context, 0), 0);
  const steps = [q, k, v, y ?? ''].map((value) => fixed(axis(value, heads.steps), 'steps of attention'));
  return [
    ...heads.relations,
    ...sharing(context, heads),
    ...steps,
    ...[k, v, y ?? ''].map((value) => same(axis(value, 0), batch)),
    ...masking(context, mask, q, heads),
    ...[pastKeys, keysOut ?? ''].flatMap((value) => cached(value, batch, heads.keys, heads.size)),
    ...[pastValues, valuesOut ?? ''].flatMap((value) => cached(value, batch, heads.keys, heads.valueSize)),
    ...(lengths === '' ? [] : [same(axis(lengths, 0), batch)]),
    ...(scores
      ? [
          same(axis(scores, 0), batch),
          same(axis(scores, 1), heads.queries),
          ...[2, 3].map((at) => fixed(axis(scores, at), 'steps of attention')),
        ]
      : []),
    { kind: 'mixes', at: heads.size, why: 'Attention multiplies these neurons of queries and keys' },
  ];
}, 'steps are fixed');

/**
 * RotaryEmbedding (ONNX 23) turns pairs of features: position i and i + half of a head, or neighbours where it is interleaved.
 * With `rotary_embedding_dim` only so many features in front are turned.
 */
const rotary: StructureRule = {
  linearity: 'first',
  added: [],
  limits: 'steps are fixed',
  relate: (context) => {
    const [x = '', cos = '', sin = '', positions = ''] = context.node.inputs;
    const y = outputName(context);
    const shape = context.shape(x);
    const steps = shape.length === 4 ? 2 : 1;
    const features = featuresOf(context, x);
    const pairs = [cos, sin].flatMap((value): readonly Relation[] => {
      const last = context.shape(value).length - 1;
      const others = Array.from({ length: last }, (_, at) => fixed(axis(value, at), 'positions of a rotation'));
      return [...others, same(axis(value, last), features.pair)];
    });
    return [
      ...shape.map((_, at) => same(axis(x, at), axis(y, at))),
      fixed(axis(x, steps), 'steps of attention'),
      ...context.shape(positions).map((_, at) => fixed(axis(positions, at), 'positions of a rotation')),
      ...features.relations,
      ...pairs,
    ];
  },
};

/** The axis of pairs, and how the features of x are made of them. */
function featuresOf(
  context: StructureContext,
  x: string,
): { readonly pair: AxisRef; readonly relations: readonly Relation[] } {
  const shape = context.shape(x);
  const count = shape.length === 4 ? 1 : intOf(context.node, 'num_heads', 1);
  const size = divide(shape.at(-1) ?? 0, count) ?? 0;
  const turned = intOf(context.node, 'rotary_embedding_dim', 0) || size;
  const [two, pair] = [context.virtual('two', 2), context.virtual('pair', divide(turned, 2) ?? 0)] as const;
  const parts = intOf(context.node, 'interleaved', 0) === 1 ? [pair, two] : [two, pair];
  const whole = axis(x, shape.length - 1);
  const heads = shape.length === 4 ? [] : [context.virtual('heads', count)];
  const halves = fixed(two, 'both halves of a pair');
  if (turned === size) return { pair, relations: [halves, { kind: 'composite', whole, parts: [...heads, ...parts] }] };
  const [head, rotated] = [context.virtual('size', size), context.virtual('rotated', turned)] as const;
  const length = typeof turned === 'number' ? turned : turned.coefficient;
  return {
    pair,
    relations: [
      halves,
      ...(heads.length > 0 ? [{ kind: 'composite', whole, parts: [...heads, head] } as const] : [same(whole, head)]),
      { kind: 'same', a: head, aStart: 0, b: rotated, bStart: 0, length },
      { kind: 'composite', whole: rotated, parts },
    ],
  };
}

export const attentionStructure: readonly Row<StructureRule>[] = [
  ...rows(['Attention'], attention, 23),
  ...rows(['RotaryEmbedding'], rotary, 23),
];
