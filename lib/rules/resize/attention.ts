/** Attributes of attention: numbers of heads, and the scale that goes with the features of a head. */
import { isSymbolic } from '../../ir/dim.js';
import { floatOf, intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { ResizeContext, ResizeRule } from './rule.js';
import { inputName } from './support.js';

/** Features of a head of queries, before and after; undefined where they are not known. */
function headSize(context: ResizeContext): { readonly before: number; readonly after: number } | undefined {
  const q = inputName(context, 0);
  const [dims, last] = [context.before(q), context.after(q).at(-1)];
  const whole = dims.at(-1);
  if (whole === undefined || last === undefined || isSymbolic(whole) || isSymbolic(last)) return undefined;
  if (dims.length === 4) return { before: whole, after: last };
  const before = whole / intOf(context.node, 'q_num_heads', 1);
  return { before, after: context.factor('size', before) };
}

/** Fewer features of a head keep the scale that they were trained with; whole heads that go are counted. */
const attention: ResizeRule = (context) => {
  const counts = [
    ['q_num_heads', 'q_heads'],
    ['kv_num_heads', 'kv_heads'],
  ] as const;
  const int = new Map(
    counts.flatMap(([attribute, factor]): readonly (readonly [string, number])[] => {
      const before = intOf(context.node, attribute, undefined);
      const after = before === undefined ? undefined : context.factor(factor, before);
      return after === before || after === undefined ? [] : [[attribute, after]];
    }),
  );
  const size = headSize(context);
  const stale = size && size.before !== size.after && floatOf(context.node, 'scale', undefined) === undefined;
  if (int.size === 0 && !stale) return undefined;
  return { int, float: new Map(stale ? [['scale', 1 / Math.sqrt(size.before)]] : []) };
};

const rotary: ResizeRule = (context) => {
  const counts = [
    ['num_heads', 'heads'],
    ['rotary_embedding_dim', 'rotated'],
  ] as const;
  const int = counts.flatMap(([attribute, factor]): readonly (readonly [string, number])[] => {
    const before = intOf(context.node, attribute, 0);
    const after = before === 0 ? 0 : context.factor(factor, before);
    return after === before ? [] : [[attribute, after]];
  });
  return int.length === 0 ? undefined : { int: new Map(int) };
};

export const attentionResizes: readonly Row<ResizeRule>[] = [
  ...rows(['Attention'], attention, 23),
  ...rows(['RotaryEmbedding'], rotary, 23),
];
