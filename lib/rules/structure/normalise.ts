/**
 * Neurons through normalisations. Scales and biases lie along the neurons; what is normalised together influences each
 * other, which matters where neurons lie on such an axis.
 */
import { divide } from '../../ir/dim.js';
import { intOf, intsOf } from '../../ir/nodes.js';
import { usesBatch } from '../affine.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Mixes, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, broadcast, fixedAxes, inputName, outputName, positive, same, sameAxes } from './support.js';

/** x and y are the same along every axis. */
const through = (context: StructureContext): readonly Relation[] =>
  sameAxes(inputName(context, 0), outputName(context), context.shape(inputName(context, 0)).keys());

const together = (context: StructureContext, at: AxisRef): Mixes => ({
  kind: 'mixes',
  at,
  why: `${context.node.opType} normalises over these neurons together`,
});

/** Axes 2 and up of the first input, each channel of which is normalised for itself. */
const spatial = (context: StructureContext): readonly Mixes[] => {
  const x = inputName(context, 0);
  return [...context.shape(x).keys()].slice(2).map((at) => together(context, axis(x, at)));
};

/**
 * BatchNormalization: scale, bias, mean and variance lie along axis 1. In training each channel is normalised by itself, over all
 * other axes.
 */
const batchNorm: StructureRule = {
  linearity: 'all',
  linearityBy: (node) => (usesBatch(node) ? 'none' : 'all'),
  added: [],
  relate: (context) => [
    ...through(context),
    ...vectors(context),
    { kind: 'scale', at: axis(inputName(context, 1), 0) },
    ...(usesBatch(context.node) ? [together(context, axis(inputName(context, 0), 0)), ...spatial(context)] : []),
  ],
};

/** The one-dimensional inputs behind the first, and further outputs, along axis 1. */
function vectors(context: StructureContext): readonly Relation[] {
  const names = [...context.node.inputs.slice(1), ...context.node.outputs.slice(1)].filter((name) => name !== '');
  return names.map((name) => same(axis(name, 0), axis(inputName(context, 0), 1)));
}

/** InstanceNormalization: each channel for itself. torch-pruning counts the scale of BatchNorm and LayerNorm, not its. */
const instanceNorm: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => [...through(context), ...vectors(context), ...spatial(context)],
};

/**
 * GroupNormalization: the channels are groups x channels of a group, and each group is normalised for itself: where whole
 * groups are neurons they do not see each other. Scale and bias have an entry a group in opset 18, one a channel since 21.
 */
const groupNorm: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const x = inputName(context, 0);
    const groups = intOf(context.node, 'num_groups', 1);
    const group = context.virtual('group', groups);
    const within = context.virtual('within', divide(context.shape(x)[1] ?? 0, groups) ?? 0);
    const along = context.opset < 21 ? group : axis(x, 1);
    return [
      ...through(context),
      { kind: 'composite', whole: axis(x, 1), parts: [group, within] },
      ...[1, 2].map((index) => same(axis(inputName(context, index), 0), along)),
      together(context, within),
      ...spatial(context),
    ];
  },
};

/** LayerNormalization: mean and variance run over the axes from `axis` on. */
const layerNorm: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    const first = positive(context, intOf(context.node, 'axis', -1), rank);
    const vectors = context.node.inputs.slice(1, 3).filter((name) => name !== '');
    return [
      ...through(context),
      ...vectors.flatMap((vector) => broadcast(context, y, vector)),
      ...context.node.outputs
        .slice(1)
        .flatMap((name) => (name ? fixedAxes(name, context.shape(name).keys(), 'statistics of a normalisation') : [])),
      ...Array.from({ length: rank - first }, (_, i) => together(context, axis(x, first + i))),
      ...(vectors[0] && context.shape(vectors[0]).length === 1
        ? [{ kind: 'scale', at: axis(vectors[0], 0) } as const]
        : []),
    ];
  },
};

/** LpNormalization: divides by a norm along one axis. */
const lpNorm: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const x = inputName(context, 0);
    const at = positive(context, intOf(context.node, 'axis', -1), context.shape(x).length);
    return [...through(context), together(context, axis(x, at))];
  },
};

/** MeanVarianceNormalization: over batch and space unless told. */
const meanVariance: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const x = inputName(context, 0);
    const rank = context.shape(x).length;
    const axes = intsOf(context.node, 'axes') ?? [0, 2, 3];
    return [...through(context), ...axes.map((at) => together(context, axis(x, positive(context, at, rank))))];
  },
};

/** LRN: each channel by a window of its neighbours. */
const neighbours: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => [...through(context), together(context, axis(inputName(context, 0), 1))],
};

/** Softmax over an axis: its positions compete, none may go. */
const softmax: StructureRule = {
  linearity: 'none',
  added: [],
  limits: 'the axis that it runs over is fixed: its positions compete',
  relate: (context) => {
    const x = inputName(context, 0);
    const rank = context.shape(x).length;
    // Before opset 13 all axes from `axis` (default 1) on are one; since then one axis (default -1).
    const old = context.opset < 13;
    const at = positive(context, intOf(context.node, 'axis', old ? 1 : -1), rank);
    const over = old ? [...context.shape(x).keys()].slice(at) : [at];
    return [...through(context), ...fixedAxes(x, over, `${context.node.opType} runs over it`)];
  },
};

export const normalisingStructure: readonly Row<StructureRule>[] = [
  ...rows(['BatchNormalization'], batchNorm),
  ...rows(['InstanceNormalization'], instanceNorm),
  ...rows(['GroupNormalization'], groupNorm, 18),
  ...rows(['LayerNormalization', 'RMSNormalization', 'SimplifiedLayerNormalization'], layerNorm),
  ...rows(['LpNormalization'], lpNorm),
  ...rows(['MeanVarianceNormalization'], meanVariance),
  ...rows(['LRN'], neighbours),
  ...rows(['Softmax', 'LogSoftmax', 'Hardmax'], softmax),
];
