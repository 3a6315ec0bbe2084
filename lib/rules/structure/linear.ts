/** Neurons through matrix products. */
import { flagOf } from '../../ir/nodes.js';
import { BROADCASTS_SINCE } from '../families.js';
import { type Row, rows } from '../table.js';
import type { Relation, StructureContext, StructureRule } from './relation.js';
import { axis, broadcast, fixed, inputName, outputName, same, sameAxes } from './support.js';

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

export const linearStructure: readonly Row<StructureRule>[] = [
  ...rows(['Gemm'], gemm, BROADCASTS_SINCE),
  ...rows(['MatMul'], matMul),
];
