/**
 * Neurons through recurrent layers (ONNX LSTM, GRU, RNN): the hidden units. Weights hold a block of them for each gate, and
 * both directions of a bidirectional layer share them.
 */
import { divide, isSymbolic } from '../../ir/dim.js';
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import type { AxisRef, Relation, StructureContext, StructureRule } from './relation.js';
import { axis, fixed, same } from './support.js';

/** Where the axes of an input and of an output lie: `layout` 0 puts time first, 1 the batch. */
interface Layout {
  readonly steps: number;
  readonly batch: number;
  /** Of states [directions, batch, hidden] or [batch, directions, hidden]. */
  readonly stateBatch: number;
  /** Of the output [steps, directions, batch, hidden] or [batch, steps, directions, hidden]. */
  readonly outSteps: number;
  readonly outBatch: number;
  readonly outDirections: number;
}

const TIME_FIRST: Layout = { steps: 0, batch: 1, stateBatch: 1, outSteps: 0, outBatch: 2, outDirections: 1 };
const BATCH_FIRST: Layout = { steps: 1, batch: 0, stateBatch: 0, outSteps: 1, outBatch: 0, outDirections: 2 };

/** A stacked vector or matrix: on its axis 1 a block of hidden units for each of `count` gates or biases. */
function stacked(
  context: StructureContext,
  value: string,
  count: number,
  name: string,
  hidden: AxisRef,
): readonly Relation[] {
  if (value === '') return [];
  const blocks = context.virtual(name, count);
  return [
    fixed(axis(value, 0), 'directions of a recurrent layer'),
    fixed(blocks, 'gates of a recurrent layer'),
    { kind: 'composite', whole: axis(value, 1), parts: [blocks, hidden] },
  ];
}

function state(value: string, layout: Layout, batch: AxisRef, hidden: AxisRef): readonly Relation[] {
  if (value === '') return [];
  return [
    fixed(axis(value, 1 - layout.stateBatch), 'directions of a recurrent layer'),
    same(axis(value, layout.stateBatch), batch),
    same(axis(value, 2), hidden),
  ];
}

/** X, W, R, B, sequence_lens, initial_h and, of an LSTM, initial_c and P; Y, Y_h and Y_c. */
const recurrent = (gates: number): StructureRule => ({
  linearity: 'none',
  added: [],
  firstOptional: true,
  limits: 'steps in time and directions are fixed',
  relate: (context) => {
    const [x = '', w = '', r = '', b = '', lengths = '', h = '', c = '', p = ''] = context.node.inputs;
    const [y = '', ...states] = context.node.outputs;
    const layout = intOf(context.node, 'layout', 0) === 1 ? BATCH_FIRST : TIME_FIRST;
    const rows = divide(context.shape(r)[1] ?? 0, gates) ?? 0;
    const hidden = context.virtual('hidden', isSymbolic(rows) ? 0 : rows);
    const batch = axis(x, layout.batch);
    const made = y === '' ? hidden : axis(y, 3);
    return [
      fixed(axis(x, layout.steps), 'steps in time'),
      same(axis(x, 2), axis(w, 2)),
      same(axis(r, 2), hidden),
      ...stacked(context, w, gates, 'gates', hidden),
      ...stacked(context, r, gates, 'gates', hidden),
      ...stacked(context, b, 2 * gates, 'biases', hidden),
      ...stacked(context, p, 3, 'peepholes', hidden),
      ...(lengths === '' ? [] : [same(axis(lengths, 0), batch)]),
      ...(y === '' ? [] : output(y, layout, batch, hidden)),
      ...[h, c, ...states].flatMap((value) => state(value, layout, batch, hidden)),
      { kind: 'layer', family: 'linear', weight: w, out: 1, in: 2, input: axis(x, 2), output: made },
      { kind: 'layer', family: 'linear', weight: r, out: 1, in: 2, input: made, output: made },
    ];
  },
});

const output = (y: string, layout: Layout, batch: AxisRef, hidden: AxisRef): readonly Relation[] => [
  fixed(axis(y, layout.outSteps), 'steps in time'),
  fixed(axis(y, layout.outDirections), 'directions of a recurrent layer'),
  same(axis(y, layout.outBatch), batch),
  same(axis(y, 3), hidden),
];

export const recurrentStructure: readonly Row<StructureRule>[] = [
  ...rows(['LSTM'], recurrent(4), 7),
  ...rows(['GRU'], recurrent(3), 7),
  ...rows(['RNN'], recurrent(1), 7),
];
