/** Neurons through operators that pick or place by index: axes that indices run over are fixed, unless they are known. */
import { shapeConflict } from '../../errors.js';
import { isSymbolic, sameDim, shapeText } from '../../ir/dim.js';
import { intOf, nodeText } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import {
  alongside,
  axis,
  fixed,
  fixedAxes,
  inputName,
  linear,
  nonlinear,
  outputName,
  picked,
  positive,
  same,
  sameAxes,
} from './support.js';

const INDEXED = 'indices run over it';
const LIMITS = 'axes that indices run over are fixed';

/** Gather with one known row of indices; with a scalar or unknown ones the axis is fixed: an embedding looks up rows. */
const gather = linear((context) => {
  const [data, indices, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const rank = context.shape(data).length;
  const at = positive(context, intOf(context.node, 'axis', 0), rank);
  const grown = context.shape(indices).length - 1;
  const others = [...context.shape(data).keys()].filter((each) => each !== at);
  const around = others.map((each) => same(axis(data, each), axis(y, each < at ? each : each + grown)));
  const picks = context.content(1);
  const length = context.shape(data)[at] ?? 0;
  if (grown === 0 && picks && !picks.some(isSymbolic) && !isSymbolic(length)) {
    const places = (picks as readonly number[]).map((pick) => positive(context, pick, length));
    return [...around, ...picked(data, y, at, places)];
  }
  // Exporters ask for a batch's shape by the shape of its first or last place, which any number of places has.
  const isEnd = grown < 0 && (picks?.[0] === 0 || picks?.[0] === -1);
  if (isEnd && !context.isRead(y)) return around;
  const made = context.shape(indices).map((_, k) => same(axis(indices, k), axis(y, at + k)));
  const row = at === rank - 1 ? [] : [{ kind: 'lookup', table: data, out: rank - 1 } as const];
  return [...around, ...made, fixed(axis(data, at), 'a Gather with a single or unknown index'), ...row];
}, 'the axis is fixed unless its indices are a known list');

/** The same axis of two values where it is equally long, and fixed where it is not: indices reach a part of it only. */
const whole = (context: StructureContext, a: string, b: string, at: number): readonly Relation[] =>
  sameDim(context.shape(a)[at] ?? 0, context.shape(b)[at] ?? 0)
    ? sameAxes(a, b, [at])
    : [fixed(axis(a, at), INDEXED), fixed(axis(b, at), INDEXED)];

/** GatherElements: an index for each element of y. */
const gatherElements = linear((context) => {
  const [data, indices, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const rank = context.shape(data).length;
  const at = positive(context, intOf(context.node, 'axis', 0), rank);
  const others = [...Array(rank).keys()].filter((each) => each !== at);
  return [
    ...alongside(context, indices, y, [at], INDEXED),
    fixed(axis(data, at), INDEXED),
    ...others.flatMap((each) => whole(context, data, y, each)),
  ];
}, LIMITS);

/** ScatterElements: y is data but for the elements of `updates`, each with an index. */
const scatterElements = nonlinear((context) => {
  const [data, indices, updates] = [inputName(context, 0), inputName(context, 1), inputName(context, 2)];
  const rank = context.shape(data).length;
  const at = positive(context, intOf(context.node, 'axis', 0), rank);
  const others = [...Array(rank).keys()].filter((each) => each !== at);
  return [
    ...alongside(context, data, outputName(context), [at], INDEXED),
    ...alongside(context, indices, updates, [at], INDEXED),
    ...others.flatMap((each) => whole(context, data, updates, each)),
  ];
}, LIMITS);

/** The last axis of `indices` names positions on `count` axes of data from `first` on; the axes behind come whole. */
function slices(
  context: StructureContext,
  data: string,
  indices: string,
  part: string,
  batch: number,
): readonly Relation[] {
  const count = context.shape(indices).at(-1);
  const places = context.shape(indices).length - 1;
  const [from, to] = [context.shape(data), context.shape(part)];
  const isApart = batch >= 0 && batch <= Math.min(places, from.length);
  if (count === undefined || !isApart)
    throw shapeConflict(nodeText(context.node), `its indices ${shapeText(context.shape(indices))} name no positions`);
  if (isSymbolic(count)) return [data, part].flatMap((value) => fixedAxes(value, context.shape(value).keys(), INDEXED));
  const rest = from.slice(batch + count).map((_, i) => same(axis(data, batch + count + i), axis(part, places + i)));
  return [
    ...sameAxes(indices, part, [...Array(Math.min(places, to.length)).keys()]),
    fixed(axis(indices, places), 'coordinates of an index'),
    ...fixedAxes(data, [...from.keys()].slice(batch, batch + count), INDEXED),
    ...sameAxes(data, part, [...Array(batch).keys()]),
    ...rest,
  ];
}

/** GatherND: for each index a slice of data. */
const gatherND = linear((context) => {
  const [data, indices, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  return slices(context, data, indices, y, intOf(context.node, 'batch_dims', 0));
}, LIMITS);

/** ScatterND: y is data but for the slices of `updates`, each with an index. */
const scatterND = nonlinear((context) => {
  const [data, indices, updates, y] = [
    inputName(context, 0),
    inputName(context, 1),
    inputName(context, 2),
    outputName(context),
  ];
  return [...sameAxes(data, y, context.shape(data).keys()), ...slices(context, data, indices, updates, 0)];
}, LIMITS);

/** OneHot: the classes are a new axis. */
const oneHot = nonlinear((context) => {
  const [indices, y] = [inputName(context, 0), outputName(context)];
  const rank = context.shape(y).length;
  const at = positive(context, intOf(context.node, 'axis', -1), rank);
  const others = [...context.shape(indices).keys()];
  return [
    ...others.map((each) => same(axis(indices, each), axis(y, each < at ? each : each + 1))),
    fixed(axis(y, at), 'classes of a OneHot'),
    ...fixedAxes(inputName(context, 2), [0], 'on and off of a OneHot'),
  ];
}, 'the axis of its classes is fixed');

/** TopK: the best along an axis, and which they were. */
const topK = nonlinear((context) => {
  const x = inputName(context, 0);
  const at = positive(context, intOf(context.node, 'axis', -1), context.shape(x).length);
  const outputs = context.node.outputs.filter((name) => name !== '');
  return outputs.flatMap((y) => alongside(context, x, y, [at], 'TopK picks positions by value'));
}, 'the axis that it runs over is fixed');

/** ArgMax, ArgMin: which position along an axis. */
const argument: StructureRule = nonlinear((context) => {
  const [x, y] = [inputName(context, 0), outputName(context)];
  const rank = context.shape(x).length;
  const at = positive(context, intOf(context.node, 'axis', 0), rank);
  const why = `${context.node.opType} tells a position by its number`;
  if (intOf(context.node, 'keepdims', 1) === 1) return alongside(context, x, y, [at], why);
  const others = [...Array(rank).keys()].filter((each) => each !== at);
  return [fixed(axis(x, at), why), ...others.map((each, i) => same(axis(x, each), axis(y, i)))];
}, 'the axis that it runs over is fixed');

/** Compress: the positions for which a condition holds, along an axis or, without one, among all. */
const compress = linear((context) => {
  const [x, condition, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const why = 'Compress picks positions by value';
  const named = intOf(context.node, 'axis', undefined);
  const rest = fixedAxes(condition, [0], why);
  if (named === undefined) return [...rest, ...fixedAxes(x, context.shape(x).keys(), why), fixed(axis(y, 0), why)];
  return [...rest, ...alongside(context, x, y, [positive(context, named, context.shape(x).length)], why)];
}, 'the axis that it runs over is fixed');

export const indexingStructure: readonly Row<StructureRule>[] = [
  ...rows(['Gather'], gather),
  ...rows(['GatherElements'], gatherElements),
  ...rows(['GatherND'], gatherND),
  ...rows(['ScatterElements', 'Scatter'], scatterElements),
  ...rows(['ScatterND'], scatterND),
  ...rows(['OneHot'], oneHot),
  ...rows(['TopK'], topK),
  ...rows(['ArgMax', 'ArgMin'], argument),
  ...rows(['Compress'], compress),
];
