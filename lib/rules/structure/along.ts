/** Neurons through operators that work along one or two axes by the order of positions there: these axes are fixed. */
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { Linearity, Relation, StructureContext, StructureRule } from './relation.js';
import { alongside, axis, fixed, fixedAxes, inputName, outputName, positive, same, sameAxes } from './support.js';

/** An operator on x and y that keeps all axes but those that `over` tells, where the order of positions counts. */
const ordered = (
  linearity: Linearity,
  over: (context: StructureContext, rank: number) => readonly number[],
  limits: string,
  more: (context: StructureContext) => readonly Relation[] = () => [],
): StructureRule => ({
  linearity,
  added: [],
  limits,
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    const axes = over(context, rank).map((at) => positive(context, at, rank));
    return [...alongside(context, x, y, axes, `${context.node.opType} runs over it`), ...more(context)];
  },
});

const ALONG = 'the axis that it runs along is fixed';

/** The axis that operand 1 names; all of them where it is not known. */
const namedBy =
  (index: number) =>
  (context: StructureContext, rank: number): readonly number[] => {
    const at = context.content(index)?.[0];
    return typeof at === 'number' ? [at] : [...Array(rank).keys()];
  };

/** ReverseSequence: steps up to a length that each row of the batch has of its own. */
const reverse = ordered(
  'first',
  (context) => [intOf(context.node, 'time_axis', 0)],
  ALONG,
  (context) => [
    same(axis(inputName(context, 1), 0), axis(inputName(context, 0), intOf(context.node, 'batch_axis', 1))),
  ],
);

/** TensorScatter: new keys or values written into a cache, along an axis. */
const cache: StructureRule = {
  linearity: 'none',
  added: [],
  limits: ALONG,
  relate: (context) => {
    const [x, update, lengths, y] = [
      inputName(context, 0),
      inputName(context, 1),
      inputName(context, 2),
      outputName(context),
    ];
    const rank = context.shape(x).length;
    const at = positive(context, intOf(context.node, 'axis', -2), rank);
    const why = 'steps of a cache';
    const others = [...Array(rank).keys()].filter((each) => each !== at);
    return [
      ...alongside(context, x, y, [at], why),
      ...sameAxes(x, update, others),
      fixed(axis(update, at), why),
      ...(lengths === '' ? [] : [same(axis(lengths, 0), axis(x, 0))]),
    ];
  },
};

/** Det: a number for each matrix. */
const determinant: StructureRule = {
  linearity: 'none',
  added: [],
  limits: 'the axes of its matrices are fixed',
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    return [
      ...sameAxes(x, y, context.shape(y).keys()),
      ...fixedAxes(x, [rank - 2, rank - 1], 'a matrix whose determinant is taken'),
    ];
  },
};

/** DFT: samples along an axis to frequencies; real and imaginary part are the last axis. */
const fourier = ordered(
  'first',
  (context, rank) => [
    ...(context.opset < 20
      ? [intOf(context.node, 'axis', 1)]
      : inputName(context, 2)
        ? namedBy(2)(context, rank)
        : [-2]),
    rank - 1,
  ],
  'the axes of samples and of complex parts are fixed',
);

/** Multinomial: numbers of classes drawn for each row. */
const multinomial: StructureRule = {
  linearity: 'none',
  added: [],
  limits: 'the axis of its classes is fixed',
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    return [same(axis(x, 0), axis(y, 0)), fixed(axis(x, 1), 'classes to draw from'), fixed(axis(y, 1), 'draws')];
  },
};

export const alongStructure: readonly Row<StructureRule>[] = [
  ...rows(['CumSum'], ordered('first', namedBy(1), ALONG)),
  ...rows(['CumProd'], ordered('none', namedBy(1), ALONG)),
  ...rows(['ReverseSequence'], reverse),
  ...rows(['TensorScatter'], cache),
  ...rows(
    ['Trilu'],
    ordered('first', (_, rank) => [rank - 2, rank - 1], 'the axes of its matrices are fixed'),
  ),
  ...rows(
    ['EyeLike'],
    ordered('none', () => [0, 1], 'the axes of its matrix are fixed'),
  ),
  ...rows(['Det'], determinant),
  ...rows(['DFT'], fourier),
  ...rows(['Multinomial'], multinomial),
];
