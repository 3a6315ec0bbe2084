/** Neurons through convolutions: channels are neurons, kernels and spatial axes are not. */
import { divide, isSymbolic, sameDim } from '../../ir/dim.js';
import { intOf, intsOf, stringOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Layer, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, fixedAxes, inputName, outputName, same } from './support.js';

/**
 * How a convolution takes one spatial axis. `pointwise`: position by position, with a kernel of length 1. `whole`: all at once,
 * with a kernel as long as the axis, which contracts it as it does the channels. `window`: places are fixed.
 */
type Span = 'pointwise' | 'whole' | 'window';

function spansOf(context: StructureContext): readonly Span[] {
  const { node } = context;
  const [x, kernel] = [context.shape(inputName(context, 0)), context.shape(inputName(context, 1)).slice(2)];
  const padded = [...(intsOf(node, 'pads') ?? []), ...(intsOf(node, 'output_padding') ?? [])].some((pad) => pad !== 0);
  const named = ['NOTSET', 'VALID'].includes(stringOf(node, 'auto_pad', 'NOTSET')) && !intsOf(node, 'output_shape');
  const apart = (name: string, at: number) => (intsOf(node, name)?.[at] ?? 1) !== 1;
  return kernel.map((length, i) => {
    if (padded || !named || apart('strides', i) || apart('dilations', i)) return 'window';
    return length === 1 ? 'pointwise' : node.opType === 'Conv' && sameDim(length, x[i + 2] ?? 0) ? 'whole' : 'window';
  });
}

function frame(context: StructureContext): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const along = spansOf(context).flatMap((span, i): readonly Relation[] => {
    const at = i + 2;
    if (span === 'pointwise') return [same(axis(x, at), axis(y, at)), fixed(axis(weight, at), 'kernel axis')];
    if (span === 'whole') return [same(axis(x, at), axis(weight, at)), fixed(axis(y, at), 'spatial axis')];
    return [...[x, y].map((value) => fixed(axis(value, at), 'spatial axis')), fixed(axis(weight, at), 'kernel axis')];
  });
  return [same(axis(x, 0), axis(y, 0)), ...along];
}

/** The layer of a convolution, and one for each spatial axis that it contracts. */
function layers(context: StructureContext, layer: Layer): readonly Layer[] {
  const whole = spansOf(context).flatMap((span, i): readonly Layer[] =>
    span === 'whole' ? [{ ...layer, in: i + 2, input: axis(layer.input.value, i + 2) }] : [],
  );
  return [layer, ...whole];
}

/** A bias, which is input `index`, lies along the output channels. */
const biasOf = (context: StructureContext, index: number, output: AxisRef): readonly Relation[] =>
  inputName(context, index) ? [same(axis(inputName(context, index), 0), output)] : [];

function plainConv(context: StructureContext): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const [input, output] = [axis(x, 1), axis(y, 1)];
  return [
    ...frame(context),
    same(input, axis(weight, 1)),
    same(axis(weight, 0), output),
    ...layers(context, { kind: 'layer', family: 'conv', weight, out: 0, in: 1, input, output }),
  ];
}

/** The factors of grouped channels: the groups, input channels of one and output channels of one. */
function factors(context: StructureContext, groups: number, transposed: boolean) {
  const [first = 1, second = 1] = context.shape(inputName(context, 1));
  const each = divide(first, groups) ?? 1;
  const [inner, outer] = transposed ? [each, second] : [second, each];
  const [group, i, o] = [
    context.virtual('group', groups),
    context.virtual('in', inner),
    context.virtual('out', outer),
  ] as const;
  return { group, i, o, depthwise: inner === 1, single: outer === 1 };
}

/** Input channels are (group, i), output channels (group, o), and both share the factor `group`. */
function groupedConv(context: StructureContext, groups: number): readonly Relation[] {
  const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
  const { group, i, o, depthwise } = factors(context, groups, false);
  const [input, output] = [axis(x, 1), axis(y, 1)];
  return [
    ...frame(context),
    { kind: 'composite', whole: input, parts: [group, i] },
    { kind: 'composite', whole: axis(weight, 0), parts: [group, o] },
    same(axis(weight, 1), i),
    same(axis(weight, 0), output),
    ...layers(context, { kind: 'layer', family: 'conv', weight, out: 0, in: 1, input, output, depthwise }),
  ];
}

const relateConv = (context: StructureContext): readonly Relation[] => {
  const groups = intOf(context.node, 'group', 1);
  return groups === 1 ? plainConv(context) : groupedConv(context, groups);
};

const conv: StructureRule = {
  linearity: 'each',
  added: [2],
  relate: (context) => [...relateConv(context), ...biasOf(context, 2, axis(outputName(context), 1))],
};

/** ConvTranspose keeps its input channels (group, i) on weight axis 0 and the output channels o of a group on axis 1. */
const convTranspose: StructureRule = {
  linearity: 'each',
  added: [2],
  relate: (context) => {
    const [x, weight, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
    const [input, output] = [axis(x, 1), axis(y, 1)];
    const groups = intOf(context.node, 'group', 1);
    const layer = { kind: 'layer', family: 'conv', weight, out: 1, in: 0, input, output } as const;
    const common = [...frame(context), same(input, axis(weight, 0)), ...biasOf(context, 2, output)];
    if (groups === 1) return [...common, same(axis(weight, 1), output), layer];
    const { group, i, o, depthwise, single } = factors(context, groups, true);
    return [
      ...common,
      { kind: 'composite', whole: input, parts: [group, i] },
      { kind: 'composite', whole: output, parts: [group, o] },
      same(axis(weight, 1), o),
      ...(single ? [fixed(o, 'the one output channel of a group')] : []),
      { ...layer, depthwise },
    ];
  },
};

/** DeformConv: a convolution of x at offsets that are told for each place, in `offset_group` groups of channels. */
const deformConv: StructureRule = {
  linearity: 'first',
  added: [3],
  limits: 'the axes of offsets and masks are fixed',
  relate: (context) => {
    const [x, offset, mask] = [inputName(context, 0), inputName(context, 2), inputName(context, 4)];
    const why = 'offsets of a DeformConv';
    const told = [offset, mask].filter((name) => name !== '');
    return [
      ...relateConv(context),
      ...biasOf(context, 3, axis(outputName(context), 1)),
      ...told.flatMap((value) => [same(axis(value, 0), axis(x, 0)), ...fixedAxes(value, [1, 2, 3], why)]),
      ...offsetGroups(context),
    ];
  },
};

/** The channels of x are (offset group, channel): how many offsets there are does not change. */
function offsetGroups(context: StructureContext): readonly Relation[] {
  const groups = intOf(context.node, 'offset_group', 1);
  const each = divide(context.shape(inputName(context, 0))[1] ?? 0, groups);
  if (groups === 1 || each === undefined || isSymbolic(each)) return [];
  const [group, channel] = [context.virtual('offset', groups), context.virtual('channel', each)] as const;
  return [
    fixed(group, 'offsets of a DeformConv'),
    { kind: 'composite', whole: axis(inputName(context, 0), 1), parts: [group, channel] },
  ];
}

export const convolutionStructure: readonly Row<StructureRule>[] = [
  ...rows(['Conv'], conv),
  ...rows(['ConvTranspose'], convTranspose),
  ...rows(['DeformConv'], deformConv, 19),
];
