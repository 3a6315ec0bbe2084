/** Neurons through convolution and pooling: channels are neurons, the spatial axes are not. */
import { divide, multiply } from '../../ir/dim.js';
import { intOf } from '../../ir/nodes.js';
import { GLOBAL_POOL, POOL } from '../families.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedAxes, inputName, outputName, same } from './support.js';

const SPATIAL = 'spatial axis';

/** Axes 2 and up. */
const spatial = (context: StructureContext, value: string): readonly Relation[] =>
  fixedAxes(value, [...context.shape(value).keys()].slice(2), SPATIAL);

function frame(context: StructureContext): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  return [
    same(axis(x, 0), axis(y, 0)),
    ...spatial(context, x),
    ...spatial(context, y),
    ...fixedAxes(weight, [...context.shape(weight).keys()].slice(2), 'kernel axis'),
  ];
}

const biasOf = (context: StructureContext, output: AxisRef): readonly Relation[] =>
  inputName(context, 2) ? [same(axis(inputName(context, 2), 0), output)] : [];

function plainConv(context: StructureContext): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const [input, output] = [axis(x, 1), axis(y, 1)];
  return [
    ...frame(context),
    same(input, axis(weight, 1)),
    same(axis(weight, 0), output),
    ...biasOf(context, output),
    { kind: 'layer', family: 'conv', weight, out: 0, in: 1, input, output },
  ];
}

/** Input channels are (group, i), output channels (group, o), and both share the factor `group`. */
function groupedConv(context: StructureContext, groups: number): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const [inner, outer] = [context.shape(weight)[1] ?? 1, divide(context.shape(weight)[0] ?? 1, groups) ?? 1];
  const [group, i, o] = [
    context.virtual('group', groups),
    context.virtual('in', inner),
    context.virtual('out', outer),
  ] as const;
  const [input, output] = [axis(x, 1), axis(y, 1)];
  return [
    ...frame(context),
    { kind: 'composite', whole: input, parts: [group, i] },
    { kind: 'composite', whole: axis(weight, 0), parts: [group, o] },
    same(axis(weight, 1), i),
    same(axis(weight, 0), output),
    ...biasOf(context, output),
    {
      kind: 'layer',
      family: 'conv',
      weight,
      out: 0,
      in: 1,
      input,
      output,
      depthwise: multiply(inner, 1) === 1,
    },
  ];
}

const conv: StructureRule = {
  linearity: 'each',
  added: [2],
  relate: (context) => {
    const groups = intOf(context.node, 'group', 1);
    return groups === 1 ? plainConv(context) : groupedConv(context, groups);
  },
};

/** ConvTranspose keeps its input channels on weight axis 0 and its output channels on axis 1. */
const convTranspose: StructureRule = {
  linearity: 'each',
  added: [2],
  relate: (context) => {
    const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
    const [input, output] = [axis(x, 1), axis(y, 1)];
    if (intOf(context.node, 'group', 1) !== 1) {
      const why = 'a transposed convolution in groups';
      const bias = inputName(context, 2) ? [fixed(axis(inputName(context, 2), 0), why)] : [];
      return [
        ...frame(context),
        ...[input, output, axis(weight, 0), axis(weight, 1)].map((at) => fixed(at, why)),
        ...bias,
      ];
    }
    return [
      ...frame(context),
      same(input, axis(weight, 0)),
      same(axis(weight, 1), output),
      ...biasOf(context, output),
      { kind: 'layer', family: 'conv', weight, out: 1, in: 0, input, output },
    ];
  },
};

const relatePool = (context: StructureContext): readonly Relation[] => {
  const [x, y, indices] = [inputName(context, 0), outputName(context), outputName(context, 1)];
  return [
    same(axis(x, 0), axis(y, 0)),
    same(axis(x, 1), axis(y, 1)),
    ...spatial(context, x),
    ...spatial(context, y),
    ...(indices ? fixedAxes(indices, context.shape(indices).keys(), 'indices of a pooling') : []),
    // Indices count over the whole tensor: they would be wrong after a channel is gone.
    ...(indices ? [fixed(axis(x, 1), 'its MaxPool also gives indices')] : []),
  ];
};

const pool = (linearity: 'all' | 'none'): StructureRule => ({ linearity, added: [], relate: relatePool });

export const spatialStructure: readonly Row<StructureRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['ConvTranspose'], convTranspose),
  ...rows(['AveragePool', 'GlobalAveragePool'], pool('all')),
  ...rows(
    [...POOL, ...GLOBAL_POOL].filter((op) => !op.endsWith('AveragePool')),
    pool('none'),
  ),
];
