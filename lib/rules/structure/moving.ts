/** Neurons through operators that move data without changing it. */
import { isSymbolic } from '../../ir/dim.js';
import { intOf, intsOf } from '../../ir/nodes.js';
import { REDUCE } from '../families.js';
import { sliceAxes, slicePositions, sliceRanges } from '../shape/moving.js';
import type { ShapeContext } from '../shape/rule.js';
import { type Row, rows } from '../table.js';
import { reshaped } from './factors.js';
import type { Linearity, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedAxes, inputName, linear, outputName, picked, positive, same, sameAxes } from './support.js';

/** Flatten, Reshape, Squeeze, Unsqueeze: factors of axes. */
const reshape = linear((context) => reshaped(context, inputName(context, 0), outputName(context)));

const transpose = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const rank = context.shape(x).length;
  const order = intsOf(context.node, 'perm') ?? Array.from({ length: rank }, (_, at) => rank - 1 - at);
  return order.map((from, to) => same(axis(x, positive(context, from, rank)), axis(y, to)));
});

/** Values that lie one behind the other on `at` of the longer value; all other axes agree. */
function stacked(context: StructureContext, long: string, parts: readonly string[], at: number): readonly Relation[] {
  const others = [...context.shape(long).keys()].filter((each) => each !== at);
  const lengths = parts.map((part) => context.shape(part)[at] ?? 0);
  const why = 'joined with a length that is known only when the model runs';
  const along: readonly Relation[] = lengths.some(isSymbolic)
    ? [long, ...parts].map((value) => fixed(axis(value, at), why))
    : parts.map((part, i) => ({
        kind: 'same',
        a: axis(long, at),
        aStart: (lengths.slice(0, i) as number[]).reduce((a, b) => a + b, 0),
        b: axis(part, at),
        bStart: 0,
        length: lengths[i] as number,
      }));
  return [...along, ...parts.flatMap((part) => sameAxes(long, part, others))];
}

const concat = linear((context) => {
  const y = outputName(context);
  const at = positive(context, intOf(context.node, 'axis', 0), context.shape(y).length);
  return stacked(context, y, context.node.inputs, at);
});

const split = linear((context) => {
  const x = inputName(context, 0);
  const parts = context.node.outputs.filter((name) => name !== '');
  const at = positive(context, intOf(context.node, 'axis', 0), context.shape(x).length);
  if (parts.length < context.node.outputs.length) return fixedAxes(x, [at], 'a Split with an unused output');
  return stacked(context, x, parts, at);
});

const slice = linear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const shape = context.shape(x);
  const shapes: ShapeContext = {
    node: context.node,
    opset: context.opset,
    input: (index) => ({ dtype: undefined, shape: undefined, content: context.content(index) }),
  };
  const ranges = sliceRanges(shapes, shape.length);
  if (!ranges) {
    const axes = sliceAxes(shapes, shape.length) ?? [...shape.keys()];
    const others = [...shape.keys()].filter((at) => !axes.includes(at));
    const fix = (value: string) => fixedAxes(value, axes, 'a Slice with unknown bounds');
    return [...[x, y].flatMap(fix), ...sameAxes(x, y, others)];
  }
  const cut = new Map(ranges.map((range) => [range.axis, range]));
  return [...shape.entries()].flatMap(([at, length]): readonly Relation[] => {
    const range = cut.get(at);
    if (!range) return sameAxes(x, y, [at]);
    const picks = slicePositions(length, range);
    if (!picks) return [x, y].flatMap((value) => fixedAxes(value, [at], 'a Slice of an open axis or with open bounds'));
    const whole = picks.length === length && picks.every((from, k) => from === k);
    return whole ? sameAxes(x, y, [at]) : picked(x, y, at, picks);
  });
});

/** Reductions: the axes that stay are the same; a sum over neurons mixes them. */
const reduce = (linearity: Linearity): StructureRule => ({
  linearity,
  added: [],
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    const content = context.content(1);
    const named = content ?? (inputName(context, 1) ? undefined : intsOf(context.node, 'axes'));
    if (!named && inputName(context, 1)) {
      return [x, y].flatMap((value) => fixedAxes(value, context.shape(value).keys(), 'a reduction over unknown axes'));
    }
    const none = !named || named.length === 0;
    const whole = none && intOf(context.node, 'noop_with_empty_axes', 0) === 1;
    const gone = new Set(
      whole ? [] : none ? context.shape(x).keys() : (named as number[]).map((at) => positive(context, at, rank)),
    );
    const keep = intOf(context.node, 'keepdims', 1) === 1;
    const stays = [...context.shape(x).keys()].filter((at) => !gone.has(at));
    const kept = keep ? [...gone].map((at) => fixed(axis(y, at), 'a reduced axis')) : [];
    const mixes = [...gone].map((at) => ({
      kind: 'mixes' as const,
      at: axis(x, at),
      why: `${context.node.opType} over neurons`,
    }));
    return [...stays.map((at, i) => same(axis(x, at), axis(y, keep ? at : i))), ...kept, ...mixes];
  },
});

export const movingStructure: readonly Row<StructureRule>[] = [
  ...rows(['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'], reshape),
  ...rows(['Transpose'], transpose),
  ...rows(['Concat'], concat),
  ...rows(['Split'], split),
  ...rows(['Slice'], slice),
  ...rows(
    REDUCE.filter((op) => op !== 'ReduceMean' && op !== 'ReduceSum'),
    reduce('none'),
  ),
  ...rows(['ReduceMean', 'ReduceSum'], reduce('all')),
];
