/** Neurons through matrix products and normalisations. */
import { flagOf, intOf } from '../../ir/nodes.js';
import { BROADCASTS_SINCE } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import { axis, broadcast, fixed, fixedAxes, inputName, outputName, positive, same, sameAxes } from './support.js';

const gemm: StructureRule = {
  linearity: 'each',
  added: [2],
  relate: (context) => {
    const [a, b, c, y] = [inputName(context, 0), inputName(context, 1), inputName(context, 2), outputName(context)];
    const [ta, tb] = [flagOf(context.node, 'transA'), flagOf(context.node, 'transB')];
    const [input, output] = [axis(a, ta ? 0 : 1), axis(y, 1)];
    const [into, out] = tb ? [1, 0] : [0, 1];
    return [
      same(axis(a, ta ? 1 : 0), axis(y, 0)),
      same(input, axis(b, into)),
      same(axis(b, out), output),
      ...(c ? broadcast(context, y, c) : []),
      { kind: 'layer', family: 'linear', weight: b, out, in: into, input, output },
      {
        kind: 'layer',
        family: 'linear',
        weight: a,
        out: ta ? 1 : 0,
        in: input.axis,
        input: axis(b, into),
        output: axis(y, 0),
      },
    ];
  },
};

/** The batch axes of a product: all but the last two of each side, right-aligned. */
function batchAxes(context: StructureContext, side: string, y: string): readonly Relation[] {
  const [from, into] = [context.shape(side), context.shape(y)];
  const shift = into.length - from.length;
  return from
    .slice(0, -2)
    .map((dim, at) =>
      dim === 1 && into[at + shift] !== 1
        ? fixed(axis(side, at), 'broadcast against a longer axis')
        : same(axis(side, at), axis(y, at + shift)),
    );
}

const matMul: StructureRule = {
  linearity: 'each',
  added: [],
  relate: (context) => {
    const [a, b, y] = [inputName(context, 0), inputName(context, 1), outputName(context)];
    const [left, right, rank] = [context.shape(a).length, context.shape(b).length, context.shape(y).length];
    const [input, into] = [axis(a, left - 1), right > 1 ? right - 2 : 0];
    // A product with a vector contracts it and leaves no axis of that side; the axes of the other side stay in order.
    const vector = left < 2 || right < 2;
    const [row, column] = [left > 1 ? left - 2 : -1, right > 1 ? right - 1 : -1];
    const [rowsAt, columnsAt] = [axis(y, vector ? rank - 1 : rank - 2), axis(y, rank - 1)];
    return [
      ...(vector ? sameAxes(left > 1 ? a : b, y, Array(Math.max(0, rank - 1)).keys()) : []),
      ...(vector ? [] : [...batchAxes(context, a, y), ...batchAxes(context, b, y)]),
      ...(row < 0 ? [] : [same(axis(a, row), rowsAt)]),
      same(input, axis(b, into)),
      ...(column < 0 ? [] : [same(axis(b, column), columnsAt)]),
      { kind: 'layer', family: 'linear', weight: b, out: column, in: into, input, output: columnsAt },
      { kind: 'layer', family: 'linear', weight: a, out: row, in: left - 1, input: axis(b, into), output: rowsAt },
    ];
  },
};

/** Scale and bias (and BatchNormalization's mean and variance) lie along axis 1. */
const channelNorm = (linearity: 'all' | 'none'): StructureRule => ({
  linearity,
  added: [],
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const vectors = context.node.inputs.slice(1).filter((name) => name !== '');
    return [
      ...sameAxes(x, y, context.shape(x).keys()),
      ...vectors.map((vector) => same(axis(vector, 0), axis(x, 1))),
      ...context.node.outputs.slice(1).flatMap((name) => (name ? [same(axis(name, 0), axis(x, 1))] : [])),
      // torch-pruning counts the scale of BatchNorm and LayerNorm, not that of InstanceNorm.
      ...(context.node.opType === 'BatchNormalization'
        ? [{ kind: 'scale', at: axis(inputName(context, 1), 0) } as const]
        : []),
    ];
  },
});

/** LayerNormalization: mean and variance run over the last axes, so that its neurons influence each other. */
const layerNorm: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    const first = positive(context, intOf(context.node, 'axis', -1), rank);
    const vectors = context.node.inputs.slice(1, 3).filter((name) => name !== '');
    return [
      ...sameAxes(x, y, context.shape(x).keys()),
      ...vectors.flatMap((vector) => broadcast(context, y, vector)),
      ...context.node.outputs
        .slice(1)
        .flatMap((name) => (name ? fixedAxes(name, context.shape(name).keys(), 'statistics of a normalisation') : [])),
      ...Array.from({ length: rank - first }, (_, i) => ({
        kind: 'mixes' as const,
        at: axis(x, first + i),
        why: `${context.node.opType} normalises over these neurons together`,
      })),
      ...(vectors[0] && context.shape(vectors[0]).length === 1
        ? [{ kind: 'scale', at: axis(vectors[0], 0) } as const]
        : []),
    ];
  },
};

/** Softmax over an axis: its positions compete, none may go. */
const softmax: StructureRule = {
  linearity: 'none',
  added: [],
  relate: (context) => {
    const [x, y] = [inputName(context, 0), outputName(context)];
    const rank = context.shape(x).length;
    // Before opset 13 all axes from `axis` (default 1) on are one; since then one axis (default -1).
    const old = context.opset < 13;
    const at = positive(context, intOf(context.node, 'axis', old ? 1 : -1), rank);
    const over = old ? [...context.shape(x).keys()].slice(at) : [at];
    return [...sameAxes(x, y, context.shape(x).keys()), ...fixedAxes(x, over, `${context.node.opType} runs over it`)];
  },
};

export const linearStructure: readonly Row<StructureRule>[] = [
  ...rows(['Gemm'], gemm, BROADCASTS_SINCE),
  ...rows(['MatMul'], matMul),
  ...rows(['BatchNormalization'], channelNorm('all')),
  ...rows(['InstanceNormalization'], channelNorm('none')),
  ...rows(['LayerNormalization', 'RMSNormalization'], layerNorm),
  ...rows(['Softmax', 'LogSoftmax', 'Hardmax'], softmax),
];
