/** Shapes of recurrent layers (ONNX LSTM, GRU, RNN). */
import { intOf } from '../../ir/nodes.js';
import { type Row, rows } from '../table.js';
import { type Facts, type ShapeRule, UNKNOWN } from './rule.js';
import { expectRank } from './support.js';

/** Y [steps, directions, batch, hidden] and the states [directions, batch, hidden]; with `layout` 1 the batch comes first. */
const recurrent: ShapeRule = (context): readonly Facts[] => {
  const [x, r] = [context.input(0) ?? UNKNOWN, context.input(2) ?? UNKNOWN];
  if (!x.shape || !r.shape) return context.node.outputs.map(() => ({ dtype: x.dtype, shape: undefined }));
  expectRank(context, x.shape, 3);
  expectRank(context, r.shape, 3);
  const batchFirst = intOf(context.node, 'layout', 0) === 1;
  const [steps = 0, batch = 0] = batchFirst ? [x.shape[1], x.shape[0]] : x.shape;
  const [directions = 0, , hidden = 0] = r.shape;
  const state = batchFirst ? [batch, directions, hidden] : [directions, batch, hidden];
  const output = batchFirst ? [batch, steps, directions, hidden] : [steps, directions, batch, hidden];
  return [output, state, state].map((shape) => ({ dtype: x.dtype, shape }));
};

export const recurrentShapes: readonly Row<ShapeRule>[] = rows(['LSTM', 'GRU', 'RNN'], recurrent, 7);
